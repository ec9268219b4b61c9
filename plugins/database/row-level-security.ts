import { type Pool, type PoolClient, Query, type QueryConfig, type QueryResult } from 'pg'

/** What policies ask for the account whose rows a statement is about; all rows are there where it is empty or unset. */
export const accountSetting = 'fastify_payment_vault.account_id'

/** Until the end of a transaction. */
export const setAccount = `select set_config('${accountSetting}', $1, true)`

/** The account of no row. */
export const noAccount = '-'

export const setNoAccount = `set local ${accountSetting} = '${noAccount}'`

/**
 * Runs a statement for the rows of one account, or of all with an empty one. It is told in the same trip and in the same
 * transaction, right before the statement, and holds no longer: nothing stays behind on the connection, and a pooler
 * that hands sessions out by transaction gives both to one.
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

/** What is said to the server, as pg's own queries and cursors say it. */
interface Connection {
  parsedStatements: Record<string, string | undefined>
  submittedNamedStatements: Record<string, string | undefined>
  parse(said: { name: string | undefined; text: string }): void
  bind(said: { statement: string | undefined; values: string[] }): void
  execute(said: object): void
}

/** The part of pg's query that takes what the server answers, which its types leave out. */
interface ProtocolQuery {
  name: string | undefined
  text: string
  prepare(connection: Connection): void
  handleDataRow(message: unknown): void
  handleCommandComplete(message: unknown, connection: Connection): void
  handleError(error: Error, connection: Connection): void
}
const PgQuery = Query as unknown as new (config: object) => ProtocolQuery

/** A query that tells the account first: two statements before one sync, which is what makes them one transaction. */
class AccountQuery extends PgQuery {
  /** Where pg looks for it. */
  readonly query_timeout: number | undefined
  readonly #account: string
  readonly #own: { name: string | undefined; text: string }
  #settingAccount = false

  constructor(account: string, config: QueryConfig<unknown[]> & { query_timeout?: number }) {
    // Never as a simple query, which is one message and takes nothing before it.
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
    // pg remembers under this name what the server has parsed, and that it says of the first statement first.
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
    // The server has not come to the second one: it does not know its name.
    if (this.#settingAccount && this.#own.name !== undefined)
      Reflect.deleteProperty(connection.submittedNamedStatements, this.#own.name)
    super.handleError(error, connection)
  }
}
