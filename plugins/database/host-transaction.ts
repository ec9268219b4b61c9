import type { CustomTypesConfig, Pool, PoolClient, QueryResultRow } from 'pg'
import { Database, sendStatement, type SentStatement } from './database'
import { isTransactionConflict, sqlState, toWireError, withoutRowValues } from './errors/sql-errors'
import type { Queryable } from './statement'
import { accountSetting, noAccount, setAccount } from './row-level-security'

/** What a transaction of somebody else's is run on: a `Client` or `PoolClient` of pg, between `begin` and its end. */
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
 * The database as it is within a transaction that somebody else began and will end. What would be a transaction is a
 * savepoint: what fails undoes its own writes and leaves the rest, and the host goes on.
 *
 * Nothing is tried again here: a transaction that the database gave up (40001, 40P01) is to be done again as a whole,
 * by whoever began it. So they get the database's own error.
 */
export class JoinedDatabase extends Database {
  readonly #client: TransactionClient
  /** Of the transaction, once something was written in it. */
  #transactionId: string | null = null
  #lastQuery: Promise<unknown> = Promise.resolve()

  constructor(database: Database, client: TransactionClient) {
    // How long an answer is waited for is the host's to say: behind one that was given up no savepoint could be undone.
    super(database.pool, { ...database.options, timeoutMs: 0 })
    this.#client = client
  }

  get transactionId(): string | null {
    return this.#transactionId
  }

  override query: Database['query'] = (statement, values) =>
    this.transaction((tx) => tx.query(statement, values))

  override raw: Database['raw'] = (text, values) => this.transaction((tx) => tx.raw(text, values))

  // On a trip of its own: of the host's client nothing is asked but what the type says. So one at a time, or a
  // statement would be about the account that another one has told meanwhile.
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

  /** Runs `work` between a savepoint and its release; `afterCommit` means the release. */
  override transaction<T>(work: (tx: Queryable) => Promise<T>): Promise<T> {
    const client = this.#client
    // Nothing is asked of it but what the type says.
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
        // Where even this fails the connection is gone, of which `error` tells.
        await client.query({ text: rollbackToSavepoint }).catch(() => undefined)
        throw isTransactionConflict(error) ? withoutRowValues(error) : toWireError(error)
      }
    })
  }
}

/** The last one in line for each connection: two savepoints at once would undo each other's work. */
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
  /** With row-level security. */
  account_id?: string
}

/** Whatever the vault sets holds until the host's transaction ends, unless it is put back. */
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

// In this order: the list of a select is evaluated from left to right. As long as in transactions of the vault's own.
const saveSettings = `select current_setting('lock_timeout') as lock_timeout,
  current_setting('statement_timeout') as statement_timeout, set_config('lock_timeout', '5s', true)`

const saveSettingsAndAccount = `${saveSettings}, coalesce(current_setting('${accountSetting}', true), '') as account_id,
  set_config('${accountSetting}', '${noAccount}', true)`

const restoreSettings = `select set_config('lock_timeout', $1, true), set_config('statement_timeout', $2, true),
  txid_current_if_assigned()::text as id`

const rollbackToSavepoint = 'rollback to savepoint payment_vault; release savepoint payment_vault'
