import { type Pool, type PoolClient, Query, type QueryConfig, type QueryResult } from 'pg'

/**
 * The setting that policies compare with a row's account. All rows are visible where it is empty or unset.
 */
export const accountSetting = 'fastify_payment_vault.account_id'

/** Sets the account until the end of the transaction. */
export const setAccount = `select set_config('${accountSetting}', $1, true)`

/** An account without rows. */
export const noAccount = '-'

export const setNoAccount = `set local ${accountSetting} = '${noAccount}'`

/**
 * Runs a statement on the rows of one account; an empty `account` gives access to all rows. One round trip
 * sets the account and runs the statement in the same transaction. The setting ends with it, so nothing stays
 * on the connection, also behind a pooler in transaction mode.
 */
export function queryForAccount<Row extends object>(
  on: Pool | PoolClient,
  account: string,
  config: QueryConfig<unknown[]>
): Promise<QueryResult<Row & Record<string, unknown>>> {
  return new Promise((resolve, reject) => {
    const query = new AccountQuery(account, config)
    const send = on.query.bind(on) as unknown as (query: AccountQuery, values: undefined, done: Done) => void
    send(query, undefined, (error, result) => {
      if (error) reject(error)
      else resolve(result as never)
    })
  })
}

type Done = (error: Error | null | undefined, result: unknown) => void

/** The protocol messages that pg's own queries and cursors send. */
interface Connection {
  parsedStatements: Record<string, string | undefined>
  submittedNamedStatements: Record<string, string | undefined>
  parse(message: { name: string | undefined; text: string }): void
  bind(message: { statement: string | undefined; values: string[] }): void
  execute(message: object): void
}

/** The part of pg's query that receives the server's answers. pg's types omit it. */
interface ProtocolQuery {
  name: string | undefined
  text: string
  prepare(connection: Connection): void
  handleDataRow(message: unknown): void
  handleCommandComplete(message: unknown, connection: Connection): void
  handleError(error: Error, connection: Connection): void
}
const PgQuery = Query as unknown as new (config: object) => ProtocolQuery

/**
 * Sends two statements before one sync, which makes them one transaction: the first sets the account. pg does
 * not document these hooks: test/database/row-level-security.test.ts holds them to it.
 */
class AccountQuery extends PgQuery {
  /** pg reads the timeout from here. */
  readonly query_timeout: number | undefined
  readonly #account: string
  readonly #own: { name: string | undefined; text: string }
  #settingAccount = false

  constructor(account: string, config: QueryConfig<unknown[]> & { query_timeout?: number }) {
    // A simple query is a single message, so nothing could go before it.
    super({ ...config, queryMode: 'extended' })
    this.query_timeout = config.query_timeout
    this.#account = account
    this.#own = { name: config.name, text: config.text }
  }

  override prepare(connection: Connection): void {
    const setting = { name: this.#own.name === undefined ? undefined : accountSetting, text: setAccount }
    if (setting.name === undefined || connection.parsedStatements[setting.name] === undefined)
      connection.parse(setting)
    connection.bind({ statement: setting.name, values: [this.#account] })
    connection.execute({})
    super.prepare(connection)
    // The server parses the setting first. pg records a parsed statement under the query's current name.
    Object.assign(this, setting)
    this.#settingAccount = true
  }

  override handleDataRow(message: unknown): void {
    if (!this.#settingAccount) super.handleDataRow(message)
  }

  override handleCommandComplete(message: unknown, connection: Connection): void {
    if (!this.#settingAccount) {
      super.handleCommandComplete(message, connection)
      return
    }
    this.#settingAccount = false
    Object.assign(this, this.#own)
  }

  override handleError(error: Error, connection: Connection): void {
    // The server skipped the second statement, so it has not parsed it under its name.
    if (this.#settingAccount && this.#own.name !== undefined)
      Reflect.deleteProperty(connection.submittedNamedStatements, this.#own.name)
    super.handleError(error, connection)
  }
}
