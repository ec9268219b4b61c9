import type { CustomTypesConfig, Pool, PoolClient, QueryResultRow } from 'pg'
import { Database, sendStatement, type SentStatement } from './database'
import { isTransactionConflict, sqlState, toWireError, withoutRowValues } from './errors/sql-errors'
import type { Queryable } from './statement'
import { accountSetting, noAccount, setAccount } from './row-level-security'

/** The host's `Client` or `PoolClient` of pg, with a transaction open. */
export interface TransactionClient {
  query(config: {
    name?: string
    text: string
    values?: unknown[]
    types?: CustomTypesConfig
    // eslint-disable-next-line @typescript-eslint/no-explicit-any
  }): Promise<{ rows: any[]; rowCount: number | null }>
}

/**
 * A database inside a transaction that the host begins and ends. Each transaction of the vault becomes a
 * savepoint: a failure undoes the vault's own writes, and the host's transaction goes on.
 *
 * Nothing retries here. After a serialization failure or a deadlock (40001, 40P01) the host must repeat its
 * whole transaction, so it gets the original database error.
 */
export class JoinedDatabase extends Database {
  readonly #client: TransactionClient
  /** Set once the transaction has written something. */
  #transactionId: string | null = null
  #lastQuery: Promise<unknown> = Promise.resolve()

  constructor(database: Database, client: TransactionClient) {
    // The host sets the time limits: after a query timeout no savepoint could be rolled back.
    super(database.pool, { ...database.options, timeoutMs: 0 })
    this.#client = client
  }

  get transactionId(): string | null {
    return this.#transactionId
  }

  override query: Database['query'] = (statement, values) =>
    this.transaction((tx) => tx.query(statement, values))

  override raw: Database['raw'] = (text, values) => this.transaction((tx) => tx.raw(text, values))

  // Sets the account in a separate statement, because only `query` of the host's client is known. Statements
  // therefore run one at a time: another one could change the account in between.
  protected override sendForAccount<Row extends QueryResultRow>(
    on: Pool | PoolClient,
    account: string,
    config: SentStatement,
    values: readonly unknown[]
  ): Promise<Row[]> {
    const rows = this.#lastQuery.then(async () => {
      await on.query({ text: setAccount, values: [account] })
      return sendStatement<Row>(on, config, values)
    })
    this.#lastQuery = rows.catch(() => undefined)
    return rows
  }

  /** Runs `work` between a savepoint and its release. Callbacks of `afterCommit` run after the release. */
  override transaction<T>(work: (tx: Queryable) => Promise<T>): Promise<T> {
    const client = this.#client
    // Only `query` is ever called on it.
    const connection: PoolClient = client as never
    return runSerially(client, async () => {
      const settings = await beginSavepoint(client, this.options.rowLevelSecurity)
      const released: (() => void)[] = []
      try {
        const value = await work(this.queryableOn(connection, released))
        this.#transactionId = await releaseSavepoint(client, settings)
        for (const each of released) each()
        return value
      } catch (error) {
        // If the rollback fails, the connection is lost and `error` says so.
        await client.query({ text: rollbackToSavepoint }).catch(() => undefined)
        throw isTransactionConflict(error) ? withoutRowValues(error) : toWireError(error)
      }
    })
  }
}

/** The last work on each connection. Two savepoints at once would undo each other's work. */
const queues = new WeakMap<TransactionClient, Promise<unknown>>()

function runSerially<T>(client: TransactionClient, work: () => Promise<T>): Promise<T> {
  const before = queues.get(client) ?? Promise.resolve()
  const mine = before.then(work, work)
  queues.set(client, mine)
  return mine
}

interface Settings {
  lock_timeout: string
  statement_timeout: string
  /** Set with row-level security. */
  account_id?: string
}

/**
 * Begins a savepoint and returns the host's settings. The vault restores them, because its own would last
 * until the host's transaction ends. Throws a TypeError outside a transaction.
 */
async function beginSavepoint(client: TransactionClient, rowLevelSecurity = false): Promise<Settings> {
  try {
    await client.query({ text: 'savepoint payment_vault' })
  } catch (error) {
    if (sqlState(error) !== noActiveTransaction) throw error
    throw new TypeError('`tx` is in no transaction: begin it before, on one client of the pool.', {
      cause: error
    })
  }
  const { rows } = await client.query({ text: rowLevelSecurity ? saveSettingsAndAccount : saveSettings })
  return rows[0] as Settings
}

async function releaseSavepoint(client: TransactionClient, settings: Settings): Promise<string | null> {
  const { lock_timeout, statement_timeout, account_id } = settings
  if (account_id !== undefined) await client.query({ text: setAccount, values: [account_id] })
  const { rows } = await client.query({ text: restoreSettings, values: [lock_timeout, statement_timeout] })
  await client.query({ text: 'release savepoint payment_vault' })
  return (rows[0] as { id: string | null }).id
}

const noActiveTransaction = '25P01'

// Postgres evaluates the columns from left to right: this reads a setting before it changes it. The lock
// timeout is that of the vault's own transactions.
const saveSettings = `select current_setting('lock_timeout') as lock_timeout,
  current_setting('statement_timeout') as statement_timeout, set_config('lock_timeout', '5s', true)`

const saveSettingsAndAccount = `${saveSettings}, coalesce(current_setting('${accountSetting}', true), '') as account_id,
  set_config('${accountSetting}', '${noAccount}', true)`

const restoreSettings = `select set_config('lock_timeout', $1, true), set_config('statement_timeout', $2, true),
  txid_current_if_assigned()::text as id`

const rollbackToSavepoint = 'rollback to savepoint payment_vault; release savepoint payment_vault'
