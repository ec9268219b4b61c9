import type { Pool, PoolClient } from 'pg'
import { inSchema } from '../../../plugins/database/statement'
import { inTransaction } from '../../../plugins/database/transaction'
import { accountIn } from '../../protocol/view'
import { migrationStatus } from '../../storage/migrations/migrate'
import { StartError } from '../../storage/start-error'
import {
  accountTables,
  type ExportedTable,
  exportFormat,
  type ExportHead,
  keyCheck,
  ownTables
} from './format'

const batchSize = 1000

/**
 * Exports an account in both modes to `write`, line by line, from one snapshot: customers, saved payment methods as the
 * processor's tokens, intents, events, API keys as hashes. The vault has no card numbers to export. Throws StartError
 * for an unknown account.
 */
export async function exportAccount(
  pool: Pool,
  { account, schema, fingerprintKey }: { account: string; schema: string; fingerprintKey: string },
  write: (line: string) => Promise<void>
): Promise<void> {
  const { applied } = await migrationStatus(pool, { schema })
  const head: ExportHead = {
    format: exportFormat,
    account,
    migration: applied.at(-1)?.name ?? '',
    fingerprint_key_check: keyCheck(fingerprintKey)
  }
  await inTransaction(pool, 'begin isolation level repeatable read read only', async (client) => {
    const counts: Partial<Record<ExportedTable, number>> = {}
    const both = [accountIn(account, false), accountIn(account, true)]
    for (const [table, column] of Object.entries(ownTables) as [ExportedTable, string][]) {
      counts[table] = await copy(client, schema, table, column, [account], async (line) => {
        // The first row is the account.
        if (table === 'accounts') await write(JSON.stringify(head))
        await write(line)
      })
      if (counts.accounts === 0)
        throw new StartError(`There is no account ${account}: accounts list shows all accounts.`)
    }
    for (const table of accountTables)
      counts[table] = await copy(client, schema, table, 'account_id', both, write)
    // The import detects a truncated file by its missing last line.
    await write(JSON.stringify({ end: counts }))
  })
}

/** Copies the rows of a table, as JSON from the database: no number passes through JavaScript. Returns their number. */
async function copy(
  client: PoolClient,
  schema: string,
  table: ExportedTable,
  column: string,
  accounts: readonly string[],
  write: (line: string) => Promise<void>
): Promise<number> {
  const select = `select to_jsonb(each)::text as row from payment_vault.${table} each where ${column} = any($1)`
  await client.query(inSchema(`declare exported no scroll cursor for ${select}`, schema), [accounts])
  let count = 0
  for (;;) {
    const { rows } = await client.query<{ row: string }>(`fetch ${batchSize} from exported`)
    if (rows.length === 0) break
    for (const { row } of rows) await write(`{"table":"${table}","row":${row}}`)
    count += rows.length
  }
  await client.query('close exported')
  return count
}
