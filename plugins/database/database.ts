import { type CustomTypesConfig, type Pool, type PoolClient, type QueryResultRow, types as pgTypes } from 'pg'
import { WireError } from '../errors/errors'
import { lockTimeout } from './lock-timeout'
import { noAccount, runTold, tellNoAccount } from './row-level-security'
import { Turns } from './semaphore'
import { dropIdle, isUnanswered, timed, type Timed } from './query-timeout'

export { isLockTimeout, lockTimeout } from './lock-timeout'

/**
 * One SQL statement with the row it gives. `name` is unique in the program: with `prepared`, it is planned once; without
 * a name never.
 */
export interface Statement<Row extends QueryResultRow> {
  readonly name?: string
  readonly text: string
  /** Only a type: no value is ever stored here. */
  readonly row?: Row
  /** It is about the rows of all accounts. Of every other one the first value is the account that it is about. */
  readonly acrossAccounts?: true
}

export const statement = <Row extends QueryResultRow = QueryResultRow>(
  name: string,
  text: string
): Statement<Row> => ({
  name,
  text
})

/** A statement that looks for rows of any account, which row-level security would hide from it otherwise. */
export const acrossAccounts = <Row extends QueryResultRow = QueryResultRow>(
  name: string,
  text: string
): Statement<Row> => ({
  name,
  text,
  acrossAccounts: true
})

/** A statement that is put together for one call. Only its values vary with what the caller says, never its text. */
export const unnamed = <Row extends QueryResultRow = QueryResultRow>(text: string): Statement<Row> => ({
  text
})

/** What runs statements: the database itself, or a transaction in it. */
export interface Queryable {
  query<Row extends QueryResultRow>(statement: Statement<Row>, values?: readonly unknown[]): Promise<Row[]>
  /** Runs one SQL command of somebody else's, as it stands. Types are parsed as the pool says, errors are Postgres's. */
  raw<Row extends object>(text: string, values?: readonly unknown[]): Promise<RawResult<Row>>
  /** Runs `work`, which must not throw, once what was written before is committed, and never where it is not. */
  afterCommit(work: () => void): void
}

export interface RawResult<Row extends object> {
  rows: Row[]
  /** How many rows the command gave or changed; null for one that does neither. */
  rowCount: number | null
}

export interface DatabaseOptions {
  /** The schema that takes the place of `defaultSchema` in every statement. */
  schema: string
  /** Named prepared statements: faster, but not through a pooler that hands out sessions by transaction. */
  prepared: boolean
  /** Whether the database is told with each statement whose rows it is about, for the policies of its tables. */
  rowLevelSecurity?: boolean
  /** How often a transaction is tried that the database itself gave up (serialization failure, deadlock). */
  tries?: number
  /** How many connections of the pool are used at once, by all that bound themselves on it; any number without it. */
  maxConnections?: number
  /** Milliseconds for which a statement's answer is waited for; 15,000 without it, 0 for as long as it takes. */
  timeout?: number
  /**
   * Milliseconds for which the database waits for the next statement of a transaction, before it undoes it and lets go
   * of its locks; 5,000 without it.
   */
  silence?: number
}

/** A statement as it is sent. */
export interface SentStatement extends Timed {
  name?: string
}

/** Longer than a statement waits for two locks, one after the other. */
const usualTimeout = 15_000

/** Statements and migrations are written for this schema; another one is put in its place when they are sent. */
export const defaultSchema = 'payment_vault'

const quoted = (identifier: string): string => `"${identifier.replaceAll('"', '""')}"`

/** The same SQL for another schema. Every mention of `payment_vault.` is a qualification: house rule. */
export const inSchema = (text: string, schema: string): string =>
  schema === defaultSchema ? text : text.replaceAll(/\bpayment_vault\b/g, () => quoted(schema))

// node-postgres gives int8 as a string; amounts and unix seconds are far below 2^53. The parser is set for our own
// queries alone: pg.types.setTypeParser would change the host's as well.
const int8: number = pgTypes.builtins.INT8
const parserOf = pgTypes.getTypeParser as (oid: number, format?: string) => (value: string) => unknown
const types: CustomTypesConfig = {
  getTypeParser: (oid: number, format) => (oid === int8 ? Number : parserOf(oid, format))
}

/** Of each pool, so that two vaults on one do not take twice as much of it. */
const turnsOf = new WeakMap<Pool, Turns>()

export class Database implements Queryable {
  readonly pool: Pool
  readonly schema: string
  readonly options: DatabaseOptions
  readonly #prepared: boolean
  readonly #tries: number
  readonly #timeout: number
  readonly #begin: string
  readonly #maxConnections: number
  readonly #turns: Turns
  readonly #texts = new Map<Statement<QueryResultRow>, SentStatement>()

  constructor(pool: Pool, options: DatabaseOptions) {
    this.pool = pool
    this.schema = options.schema
    this.options = options
    this.#prepared = options.prepared
    this.#tries = options.tries ?? 5
    this.#timeout = options.timeout ?? usualTimeout
    this.#begin = beginning(options)
    this.#maxConnections = options.maxConnections ?? Infinity
    this.#turns = turnsOf.get(pool) ?? new Turns()
    turnsOf.set(pool, this.#turns)
  }

  async query<Row extends QueryResultRow>(
    statement: Statement<Row>,
    values: readonly unknown[] = []
  ): Promise<Row[]> {
    // A statement is a transaction of its own, and under a stricter default of the host's it can be given up too.
    return this.#tried(() => this.#inTurn(() => this.send(this.pool, statement, values)))
  }

  /**
   * Runs `work` in one transaction and gives back its value after the commit. The whole of `work` is tried again
   * when the database gave the transaction up (40001, 40P01), so it must have no effect outside `tx`.
   * Throws what `work` throws, after a rollback; a lost connection is a 503 that says the outcome is unknown.
   */
  async transaction<T>(work: (tx: Queryable) => Promise<T>): Promise<T> {
    return this.#tried(() => this.#once(work))
  }

  raw<Row extends object>(text: string, values: readonly unknown[] = []): Promise<RawResult<Row>> {
    return this.#inTurn(() => this.#raw(this.pool, text, values))
  }

  /** Without a transaction of the caller's each statement has committed when it answers. */
  afterCommit(work: () => void): void {
    work()
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    return this.#maxConnections === Infinity ? work() : this.#turns.run(this.#maxConnections, work)
  }

  async #tried<T>(run: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await run()
      } catch (error) {
        if (attempt < this.#tries && gaveUp(error)) continue
        if (isUnanswered(error)) dropIdle(this.pool)
        throw translated(error)
      }
    }
  }

  async #once<T>(work: (tx: Queryable) => Promise<T>): Promise<T> {
    const committed: (() => void)[] = []
    const value = await this.#inTurn(() =>
      inTransaction(this.pool, this.#begin, (client) => work(this.within(client, committed)), this.#timeout)
    )
    for (const each of committed) each()
    return value
  }

  /** A transaction that is open on `client`; what is to be done once it has ended well is put into `afterwards`. */
  protected within(client: PoolClient, afterwards: (() => void)[]): Queryable {
    return {
      query: (statement, values = []) => this.send(client, statement, values),
      raw: (text, values = []) => this.#raw(client, text, values),
      afterCommit: (work) => afterwards.push(work)
    }
  }

  protected send<Row extends QueryResultRow>(
    on: Pool | PoolClient,
    statement: Statement<Row>,
    values: readonly unknown[]
  ): Promise<Row[]> {
    const config = this.#config(statement)
    // Without values it is about a savepoint or a setting, or for what was told before: an aborted transaction takes
    // nothing but its end.
    if (
      !this.options.rowLevelSecurity ||
      (on !== this.pool && values.length === 0 && !statement.acrossAccounts)
    )
      return run(on, config, values)
    return this.tell(on, accountOf(statement, values), config, values)
  }

  /** Runs a statement for the rows of one account, or of all with an empty one. */
  protected async tell<Row extends QueryResultRow>(
    on: Pool | PoolClient,
    account: string,
    config: SentStatement,
    values: readonly unknown[]
  ): Promise<Row[]> {
    return (await runTold<Row>(on, account, { ...config, values: values as unknown[], types })).rows
  }

  #config(statement: Statement<QueryResultRow>): SentStatement {
    const known = this.#texts.get(statement)
    if (known) return known
    const text = inSchema(statement.text, this.schema)
    const config: SentStatement = timed(text, this.#timeout)
    if (statement.name === undefined) return config
    // The schema is part of the name: two vaults may share one pool of the host's.
    if (this.#prepared) config.name = `${this.schema}.${statement.name}`
    this.#texts.set(statement, config)
    return config
  }

  async #raw<Row extends object>(
    on: Pool | PoolClient,
    text: string,
    values: readonly unknown[]
  ): Promise<RawResult<Row>> {
    // Extended: so the server refuses a second command behind the first. The option is missing in the types.
    const config = { ...timed(text, this.#timeout), values: values as unknown[], queryMode: 'extended' }
    const { rows, rowCount } = await on.query<Row & QueryResultRow>(config)
    return { rows, rowCount }
  }
}

// What is read after a wait for a row has to be the present, whatever the host's default says. Whoever holds a row holds
// it for a moment; one that hangs must not take its waiters along, and where nobody is at the other end any more the
// server would not find out for hours.
const beginning = ({ silence = 5000, rowLevelSecurity = false }: DatabaseOptions): string =>
  [
    'begin isolation level read committed',
    "set local lock_timeout = '5s'",
    `set local idle_in_transaction_session_timeout = ${silence}`,
    ...(rowLevelSecurity ? [tellNoAccount] : [])
  ].join('; ')

/** Whose rows a statement is about, as policies are told; empty for everybody's. */
const accountOf = (statement: Statement<QueryResultRow>, [first]: readonly unknown[]): string => {
  if (statement.acrossAccounts) return ''
  return typeof first === 'string' && first !== '' ? first : noAccount
}

/**
 * Runs `work` on one connection between `begin` and a commit, once; rolled back when it throws. The answers to both are
 * waited for so many milliseconds (`timeout`), or as long as it takes.
 */
export async function inTransaction<T>(
  pool: Pool,
  begin: string,
  work: (client: PoolClient) => Promise<T>,
  timeout = 0
): Promise<T> {
  const client = await pool.connect()
  let broken: Error | undefined
  const onError = (error: Error) => (broken = error)
  client.on('error', onError)
  try {
    await client.query(timed(begin, timeout))
    const value = await work(client)
    const { command } = await client.query(timed('commit', timeout))
    // So Postgres answers where a statement had failed and whoever ran it went on as if nothing had happened.
    if (command === 'ROLLBACK') throw new Error('the transaction was undone: a statement in it had failed')
    return value
  } catch (error) {
    // A connection that can't roll back is not given to the next caller. Behind what is unanswered it would wait too.
    if (isUnanswered(error)) broken ??= error
    else
      await client.query(timed('rollback', timeout)).catch((failed: unknown) => (broken ??= failed as Error))
    throw error
  } finally {
    client.off('error', onError)
    client.release(broken)
  }
}

export async function run<Row extends QueryResultRow>(
  on: Pool | PoolClient,
  config: SentStatement,
  values: readonly unknown[]
): Promise<Row[]> {
  const result = await on.query<Row>({ ...config, values: values as unknown[], types })
  return result.rows
}

/** SQLSTATE of a database error; undefined for anything else. Errors are told apart by it alone, never by text. */
export const sqlState = (error: unknown): string | undefined =>
  error instanceof Error &&
  'code' in error &&
  typeof error.code === 'string' &&
  /^(?=.*\d)[0-9A-Z]{5}$/.test(error.code)
    ? error.code
    : undefined

/** The database gave the transaction up: done again from its beginning, it may pass. */
export const gaveUp = (error: unknown): boolean => ['40001', '40P01'].includes(sqlState(error) ?? '')

export const lockNotAvailable = '55P03'

// Connection trouble: the server went away (08, 57P0x), is a standby now (25006), is full (53300), ended a transaction
// that was silent for too long (25P03), or a statement's fate is unknown (40003). Node's own socket errors carry no
// SQLSTATE.
const outcomeUnknown = /^(08...|57P0[1-5]|25006|25P03|53300|40003)$/
const socketTrouble =
  /ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|ENOENT|ENOTFOUND|EAI_AGAIN|Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error|Cannot use a pool after/

/** What is said of a database error on the wire, or the error itself without the values that it repeats. */
export function translated(error: unknown): unknown {
  if (error instanceof WireError) return error
  const state = sqlState(error)
  if (state === lockNotAvailable || gaveUp(error)) return lockTimeout()
  const text = error instanceof Error ? `${error.message} ${(error as NodeJS.ErrnoException).code ?? ''}` : ''
  if (isUnanswered(error) || (state ? outcomeUnknown.test(state) : socketTrouble.test(text)))
    return databaseUnavailable(error)
  return withoutValues(error)
}

/** A database error that says nothing of the statement itself: sent again, it may well pass. */
export const isPassing = (error: unknown): boolean => {
  const state = sqlState(error)
  return state !== undefined && (state === lockNotAvailable || gaveUp(error) || outcomeUnknown.test(state))
}

/** Postgres repeats the whole row that it refuses, which is not for a log. What failed and where is still told. */
export function withoutValues(error: unknown): unknown {
  if (sqlState(error) !== undefined) Object.assign(error as Error, { detail: undefined, where: undefined })
  return error
}

/** The database could not be reached, or was lost: nobody knows whether what it was sent was done. */
export const isUnavailable = (error: unknown): boolean => error instanceof WireError && error.status === 503

/** The database can't be reached: 503, and the caller may retry under the same idempotency key. */
function databaseUnavailable(cause: unknown): WireError {
  const error = new WireError(
    503,
    { type: 'api_error', message: 'The database cannot be reached at the moment. Please try again later.' },
    { shouldRetry: true }
  )
  error.cause = cause
  return error
}
