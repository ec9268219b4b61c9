import type { Pool, PoolClient } from 'pg'
import { inSchema, inTransaction, sqlState } from '../../../plugins/database/database'
import { migrationStatus } from '../../storage/migrations/migrate'
import { StartError } from '../../storage/start-error'
import { type ExportedTable, exportFormat, type ExportHead, isExported, keyCheck } from './format'

const atOnce = 500

/**
 * Writes what `exportAccount` handed out, in one transaction: all of it or nothing. Gives back the account's id.
 * Throws StartError for lines that are none of an export's or not all of it, for an account that is there already, and
 * where the fingerprint key or the migrations are not those of the vault that it came from.
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
      `The export was made with the migrations up to ${String(head.migration)}, and this schema has had those up to ${migration}.`
    )
  if (head.fingerprint_key_check !== check)
    throw new StartError(
      'PAYMENT_VAULT_FINGERPRINT_KEY is not the key of the vault that the export was made from, which it needs.'
    )
  return head.account
}

/** Writes rows many at a time. */
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

  /** Whether that was the last line. */
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
    if (table !== this.#table || this.#rows.length === atOnce) {
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
        ? new StartError('The account is in this vault already: an import makes an account and changes none.')
        : new StartError(`Some of the rows for ${table} are in this vault already.`)
    case noParent:
      return new StartError('It is a connected account: import the one that it belongs to first.')
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
  new StartError('That is no export of an account, or not all of one. Nothing was imported.')
