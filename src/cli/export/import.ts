import type { Pool, PoolClient } from 'pg'
import { sqlState } from '../../../plugins/database/errors/sql-errors'
import { inSchema } from '../../../plugins/database/statement'
import { inTransaction } from '../../../plugins/database/transaction'
import { migrationStatus } from '../../storage/migrations/migrate'
import { StartError } from '../../storage/start-error'
import { type ExportedTable, exportFormat, type ExportHead, isExported, keyCheck } from './format'

const batchSize = 500

/**
 * Imports the lines of `exportAccount` in one transaction. Returns the account's id. Throws StartError for an invalid or
 * incomplete export, for an existing account, and if the fingerprint key or the migrations differ from those of the
 * exporting vault.
 */
export async function importAccount(
  pool: Pool,
  { schema, fingerprintKey }: { schema: string; fingerprintKey: string },
  lines: AsyncIterable<string>
): Promise<string> {
  const { applied } = await migrationStatus(pool, { schema })
  let account: string | undefined
  await inTransaction(pool, 'begin', async (client) => {
    const writer = new Writer(client, schema)
    let ended = false
    for await (const line of lines) {
      if (line === '') continue
      if (ended) throw notWhole()
      if (account === undefined)
        account = checkedHead(line, applied.at(-1)?.name ?? '', keyCheck(fingerprintKey))
      else ended = await writer.take(line)
    }
    if (!ended) throw notWhole()
  })
  if (account === undefined) throw notWhole()
  return account
}

function checkedHead(line: string, migration: string, check: string): string {
  const head = parsed(line) as Partial<ExportHead>
  if (head.format !== exportFormat || head.account === undefined) throw notWhole()
  if (head.migration !== migration)
    throw new StartError(
      `The export has the migrations up to ${String(head.migration)}, but this schema has those up to ${migration}.`
    )
  if (head.fingerprint_key_check !== check)
    throw new StartError('PAYMENT_VAULT_FINGERPRINT_KEY is not the key of the vault that made the export.')
  return head.account
}

/** Inserts rows in batches. */
class Writer {
  readonly #client: PoolClient
  readonly #schema: string
  readonly #counts: Partial<Record<ExportedTable, number>> = {}
  #table: ExportedTable = 'accounts'
  #rows: string[] = []

  constructor(client: PoolClient, schema: string) {
    this.#client = client
    this.#schema = schema
  }

  /** Reads a line. Returns whether it was the last one of the export. */
  async take(line: string): Promise<boolean> {
    const [, table = '', row] = /^\{"table":"(\w+)","row":(\{.*\})\}$/.exec(line) ?? []
    if (row === undefined || !isExported(table)) {
      const { end } = parsed(line) as { end?: Record<string, number> }
      if (end === undefined) throw notWhole()
      await this.#write()
      for (const [name, count] of Object.entries(end))
        if (((this.#counts as Record<string, number>)[name] ?? 0) !== count) throw notWhole()
      return true
    }
    if (table !== this.#table || this.#rows.length === batchSize) {
      await this.#write()
      this.#table = table
    }
    this.#rows.push(row)
    return false
  }

  async #write(): Promise<void> {
    if (this.#rows.length === 0) return
    const into = `payment_vault.${this.#table}`
    const insert = `insert into ${into} select * from jsonb_populate_recordset(null::${into}, $1)`
    try {
      await this.#client.query(inSchema(insert, this.#schema), [`[${this.#rows.join(',')}]`])
    } catch (error) {
      throw refusedRow(error, this.#table)
    }
    this.#counts[this.#table] = (this.#counts[this.#table] ?? 0) + this.#rows.length
    this.#rows = []
  }
}

const taken = '23505'
const noParent = '23503'

function refusedRow(error: unknown, table: ExportedTable): unknown {
  switch (sqlState(error)) {
    case taken:
      return table === 'accounts'
        ? new StartError('The account is in this vault already: an import cannot change an account.')
        : new StartError(`Some rows of ${table} are in this vault already.`)
    case noParent:
      return new StartError('The export is of a connected account: import its parent account first.')
    default:
      return error
  }
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line) ?? {}
  } catch {
    throw notWhole()
  }
}

const notWhole = (): StartError =>
  new StartError('The input is not a complete export of an account. The vault imported nothing.')
