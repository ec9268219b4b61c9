import type { CustomTypesConfig, Pool, PoolClient, QueryResultRow } from 'pg'
import {
  Database,
  gaveUp,
  type Queryable,
  run,
  type SentStatement,
  sqlState,
  translated,
  withoutValues
} from './database'
import { accountSetting, noAccount, tellAccount } from './row-level-security'

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
  #told: Promise<unknown> = Promise.resolve()

  constructor(database: Database, client: TransactionClient) {
    // How long an answer is waited for is the host's to say: behind one that was given up no savepoint could be undone.
    super(database.pool, { ...database.options, timeout: 0 })
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
  protected override tell<Row extends QueryResultRow>(
    on: Pool | PoolClient,
    account: string,
    config: SentStatement,
    values: readonly unknown[]
  ): Promise<Row[]> {
    const rows = this.#told.then(async () => {
      await on.query({ text: tellAccount, values: [account] })
      return run<Row>(on, config, values)
    })
    this.#told = rows.catch(() => undefined)
    return rows
  }

  /** Runs `work` between a savepoint and its release; `afterCommit` means the release. */
  override transaction<T>(work: (tx: Queryable) => Promise<T>): Promise<T> {
    const client = this.#client
    // Nothing is asked of it but what the type says.
    const connection: PoolClient = client as never
    return inTurn(client, async () => {
      const settings = await begun(client, this.options.rowLevelSecurity)
      const released: (() => void)[] = []
      try {
        const value = await work(this.within(connection, released))
        this.#transactionId = await release(client, settings)
        for (const each of released) each()
        return value
      } catch (error) {
        // Where even this fails the connection is gone, of which `error` tells.
        await client.query({ text: undo }).catch(() => undefined)
        throw gaveUp(error) ? withoutValues(error) : translated(error)
      }
    })
  }
}

/** The last one in line for each connection: two savepoints at once would undo each other's work. */
const lines = new WeakMap<TransactionClient, Promise<unknown>>()

function inTurn<T>(client: TransactionClient, work: () => Promise<T>): Promise<T> {
  const before = lines.get(client) ?? Promise.resolve()
  const mine = before.then(work, work)
  lines.set(client, mine)
  return mine
}

interface Settings {
  lock_timeout: string
  statement_timeout: string
  /** With row-level security. */
  account_id?: string
}

/** Whatever the vault sets holds until the host's transaction ends, unless it is put back. */
async function begun(client: TransactionClient, walled = false): Promise<Settings> {
  try {
    await client.query({ text: 'savepoint payment_vault' })
  } catch (error) {
    if (sqlState(error) !== noActiveTransaction) throw error
    throw new TypeError('`tx` is in no transaction: begin it before, on one client of the pool.', {
      cause: error
    })
  }
  const { rows } = await client.query({ text: walled ? settleWalled : settle })
  return rows[0] as Settings
}

async function release(client: TransactionClient, settings: Settings): Promise<string | null> {
  const { lock_timeout, statement_timeout, account_id } = settings
  if (account_id !== undefined) await client.query({ text: tellAccount, values: [account_id] })
  const { rows } = await client.query({ text: putBack, values: [lock_timeout, statement_timeout] })
  await client.query({ text: 'release savepoint payment_vault' })
  return (rows[0] as { id: string | null }).id
}

const noActiveTransaction = '25P01'

// In this order: the list of a select is evaluated from left to right. As long as in transactions of the vault's own.
const settle = `select current_setting('lock_timeout') as lock_timeout,
  current_setting('statement_timeout') as statement_timeout, set_config('lock_timeout', '5s', true)`

const settleWalled = `${settle}, coalesce(current_setting('${accountSetting}', true), '') as account_id,
  set_config('${accountSetting}', '${noAccount}', true)`

const putBack = `select set_config('lock_timeout', $1, true), set_config('statement_timeout', $2, true),
  txid_current_if_assigned()::text as id`

const undo = 'rollback to savepoint payment_vault; release savepoint payment_vault'
