import { type CustomTypesConfig, type Pool, type PoolClient, type QueryResultRow, types as pgTypes } from 'pg'
import {
  destroyIdleConnections,
  isQueryTimeout,
  type TimedQuery,
  withQueryTimeout
} from './errors/query-timeout'
import { isTransactionConflict, toWireError } from './errors/sql-errors'
import { noAccount, queryForAccount } from './row-level-security'
import { Semaphore } from './semaphore'
import { inSchema, type Queryable, type RawResult, type Statement } from './statement'
import { beginCommand, inTransaction } from './transaction'

interface DatabaseOptions {
  /** The schema that replaces `defaultSchema` in every statement. */
  schema: string
  /** Whether to prepare named statements. This is faster, but fails behind a pooler in transaction mode. */
  prepared: boolean
  /** Whether each statement sets its account first, for the row-level security policies of the tables. */
  rowLevelSecurity?: boolean
  /** How many times to run a transaction that ends in a serialization failure or a deadlock. Default: 5. */
  maxAttempts?: number
  /** The most connections of the pool in use at once, shared by all databases on the pool. Default: no limit. */
  maxConnections?: number
  /** How long to wait for the answer to a statement; 0 for no limit. Default: 15,000. */
  timeoutMs?: number | undefined
  /** How long a transaction may be idle before Postgres rolls it back and releases its locks. Default: 5,000. */
  idleTimeoutMs?: number | undefined
}

/** A statement in the form that pg takes. */
export interface SentStatement extends TimedQuery {
  name?: string
}

/** Longer than a statement waits for two locks in turn. */
const defaultTimeoutMs = 15_000

// node-postgres parses int8 as a string; our amounts and Unix seconds are far below 2^53. Only our own queries use this
// parser: pg.types.setTypeParser would change the host's queries too.
const int8: number = pgTypes.builtins.INT8
const parserOf = pgTypes.getTypeParser as (oid: number, format?: string) => (value: string) => unknown
const types: CustomTypesConfig = {
  getTypeParser: (oid: number, format) => (oid === int8 ? Number : parserOf(oid, format))
}

/** One semaphore per pool, so that two vaults on one pool share its limit. */
const semaphores = new WeakMap<Pool, Semaphore>()

export class Database implements Queryable {
  readonly pool: Pool
  readonly schema: string
  readonly options: DatabaseOptions
  readonly #prepared: boolean
  readonly #maxAttempts: number
  readonly #timeoutMs: number
  readonly #begin: string
  readonly #maxConnections: number
  readonly #semaphore: Semaphore
  readonly #configs = new Map<Statement<QueryResultRow>, SentStatement>()

  constructor(pool: Pool, options: DatabaseOptions) {
    this.pool = pool
    this.schema = options.schema
    this.options = options
    this.#prepared = options.prepared
    this.#maxAttempts = options.maxAttempts ?? 5
    this.#timeoutMs = options.timeoutMs ?? defaultTimeoutMs
    this.#begin = beginCommand(options)
    this.#maxConnections = options.maxConnections ?? Infinity
    this.#semaphore = semaphores.get(pool) ?? new Semaphore()
    semaphores.set(pool, this.#semaphore)
  }

  async query<Row extends QueryResultRow>(
    statement: Statement<Row>,
    values: readonly unknown[] = []
  ): Promise<Row[]> {
    // A single statement is a transaction too: under a stricter default isolation level it can conflict.
    return this.#retry(() => this.#withPermit(() => this.send(this.pool, statement, values)))
  }

  /**
   * Runs `work` in one transaction and returns its value after the commit. Runs all of `work` again after a
   * serialization failure or a deadlock (40001, 40P01), so `work` must have no effect outside `tx`. Throws what `work`
   * throws, after a rollback. A lost connection is a 503: the outcome is then unknown.
   */
  async transaction<T>(work: (tx: Queryable) => Promise<T>): Promise<T> {
    return this.#retry(() => this.#runOnce(work))
  }

  raw<Row extends object>(text: string, values: readonly unknown[] = []): Promise<RawResult<Row>> {
    return this.#withPermit(() => this.#raw(this.pool, text, values))
  }

  /** Runs `work` immediately: outside a transaction each statement has committed when it answers. */
  afterCommit(work: () => void): void {
    work()
  }

  #withPermit<T>(work: () => Promise<T>): Promise<T> {
    return this.#maxConnections === Infinity ? work() : this.#semaphore.run(this.#maxConnections, work)
  }

  async #retry<T>(work: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await work()
      } catch (error) {
        if (attempt < this.#maxAttempts && isTransactionConflict(error)) continue
        if (isQueryTimeout(error)) destroyIdleConnections(this.pool)
        throw toWireError(error)
      }
    }
  }

  async #runOnce<T>(work: (tx: Queryable) => Promise<T>): Promise<T> {
    const committed: (() => void)[] = []
    const value = await this.#withPermit(() =>
      inTransaction(
        this.pool,
        this.#begin,
        (client) => work(this.queryableOn(client, committed)),
        this.#timeoutMs
      )
    )
    for (const callback of committed) callback()
    return value
  }

  /** Returns the transaction that is open on `client`. `committed` collects the callbacks to run after its commit. */
  protected queryableOn(client: PoolClient, committed: (() => void)[]): Queryable {
    return {
      query: (statement, values = []) => this.send(client, statement, values),
      raw: (text, values = []) => this.#raw(client, text, values),
      afterCommit: (work) => committed.push(work)
    }
  }

  protected send<Row extends QueryResultRow>(
    on: Pool | PoolClient,
    statement: Statement<Row>,
    values: readonly unknown[]
  ): Promise<Row[]> {
    const config = this.#configOf(statement)
    // In a transaction, a statement without values changes a savepoint or a setting, or uses the account set before. An
    // aborted transaction rejects all other commands.
    if (
      !this.options.rowLevelSecurity ||
      (on !== this.pool && values.length === 0 && !statement.acrossAccounts)
    )
      return sendStatement(on, config, values)
    return this.sendForAccount(on, accountOf(statement, values), config, values)
  }

  /** Runs a statement on the rows of one account; an empty `account` gives access to all rows. */
  protected async sendForAccount<Row extends QueryResultRow>(
    on: Pool | PoolClient,
    account: string,
    config: SentStatement,
    values: readonly unknown[]
  ): Promise<Row[]> {
    return (await queryForAccount<Row>(on, account, { ...config, values: values as unknown[], types })).rows
  }

  #configOf(statement: Statement<QueryResultRow>): SentStatement {
    const known = this.#configs.get(statement)
    if (known) return known
    const text = inSchema(statement.text, this.schema)
    const config: SentStatement = withQueryTimeout(text, this.#timeoutMs)
    if (statement.name === undefined) return config
    // The name includes the schema, because two vaults may share the host's pool.
    if (this.#prepared) config.name = `${this.schema}.${statement.name}`
    this.#configs.set(statement, config)
    return config
  }

  async #raw<Row extends object>(
    on: Pool | PoolClient,
    text: string,
    values: readonly unknown[]
  ): Promise<RawResult<Row>> {
    // In extended mode the server rejects a second command in `text`. The types omit this option.
    const config = {
      ...withQueryTimeout(text, this.#timeoutMs),
      values: values as unknown[],
      queryMode: 'extended'
    }
    const { rows, rowCount } = await on.query<Row & QueryResultRow>(config)
    return { rows, rowCount }
  }
}

/** Returns the account that policies restrict a statement to; empty for all accounts. */
const accountOf = (statement: Statement<QueryResultRow>, [first]: readonly unknown[]): string => {
  if (statement.acrossAccounts) return ''
  return typeof first === 'string' && first !== '' ? first : noAccount
}

/** Sends a statement and returns its rows. */
export async function sendStatement<Row extends QueryResultRow>(
  on: Pool | PoolClient,
  config: SentStatement,
  values: readonly unknown[]
): Promise<Row[]> {
  const result = await on.query<Row>({ ...config, values: values as unknown[], types })
  return result.rows
}
