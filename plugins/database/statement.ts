import type { QueryResultRow } from 'pg'

/**
 * A SQL statement and the type of its rows. `name` is unique in the program: Postgres plans a named statement once where
 * the database has `prepared`, and an unnamed one each time.
 */
export interface Statement<Row extends QueryResultRow> {
  readonly name?: string
  readonly text: string
  /** Carries only the type: no value is ever stored here. */
  readonly row?: Row
  /** Set for a statement about all accounts. The first value of every other statement is its account. */
  readonly acrossAccounts?: true
}

export const statement = <Row extends QueryResultRow = QueryResultRow>(
  name: string,
  text: string
): Statement<Row> => ({
  name,
  text
})

/** Returns a statement that reads rows of all accounts, which row-level security would otherwise hide. */
export const acrossAccounts = <Row extends QueryResultRow = QueryResultRow>(
  name: string,
  text: string
): Statement<Row> => ({
  name,
  text,
  acrossAccounts: true
})

/** Returns a statement that is built for one call. Only its values may hold the caller's input, never its text. */
export const unnamedStatement = <Row extends QueryResultRow = QueryResultRow>(
  text: string
): Statement<Row> => ({
  text
})

/** Runs statements: the database, or a transaction in it. */
export interface Queryable {
  query<Row extends QueryResultRow>(statement: Statement<Row>, values?: readonly unknown[]): Promise<Row[]>
  /**
   * Runs one SQL command that the host wrote, unchanged. The pool's settings parse the types. Rejects with the error of
   * Postgres.
   */
  raw<Row extends object>(text: string, values?: readonly unknown[]): Promise<RawResult<Row>>
  /** Runs `work` after the commit of what was written before, and never after a rollback. `work` must not throw. */
  afterCommit(work: () => void): void
}

export interface RawResult<Row extends object> {
  rows: Row[]
  /** The number of rows that the command returned or changed; null for a command that does neither. */
  rowCount: number | null
}

/** The schema that statements and migrations are written for. `inSchema` replaces it when they are sent. */
export const defaultSchema = 'payment_vault'

const quoteIdentifier = (identifier: string): string => `"${identifier.replaceAll('"', '""')}"`

/** Returns the same SQL for another schema. By house rule, `payment_vault` occurs in SQL only as the schema's name. */
export const inSchema = (text: string, schema: string): string =>
  schema === defaultSchema ? text : text.replaceAll(/\bpayment_vault\b/g, () => quoteIdentifier(schema))
