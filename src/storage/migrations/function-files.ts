import { createHash } from 'node:crypto'
import type { Pool, PoolClient } from 'pg'
import { sqlState } from '../../../plugins/database/errors/sql-errors'
import { inSchema } from '../../../plugins/database/statement'
import { messageOf } from './message-of'
import { MigrationError } from './migration-error'

/** A file of SQL functions. Unlike a numbered file, it is applied again after a change. */
export interface FunctionFile {
  /** Includes the folder: `functions/attach.sql`. */
  name: string
  text: string
  checksum: string
  /** Increases with each released change, so that an older server does not restore an older function. */
  revision: number
}

const insufficientPrivilege = '42501'

interface FunctionRecord {
  name: string
  checksum: string
  revision: number
}

/** Creates the table of records. Runs once per schema, before the first file. */
export const prepareFunctions =
  'create table if not exists payment_vault.function_files (name text primary key, revision integer not null, checksum text not null, applied timestamptz not null)'

/** Returns the function files among `texts`, by name. Throws a MigrationError for one without a revision. */
export function functionFilesIn(texts: Readonly<Record<string, string>>): FunctionFile[] {
  const names = Object.keys(texts).filter((name) => /^functions\/\w+\.sql$/.test(name))
  return names.sort().map((name) => {
    const text = (texts[name] ?? '').replaceAll('\r\n', '\n')
    const [, revision] = /^-- revision ([1-9]\d*)\n/.exec(text) ?? []
    if (revision === undefined)
      throw new MigrationError(`The file ${name} does not begin with a line like "-- revision 1".`)
    const checksum = createHash('sha256').update(text).digest('hex')
    return { name, text, checksum, revision: Number(revision) }
  })
}

/** Returns the files that the schema lacks, or has with other or older contents. */
export async function pendingFunctions(
  on: Pool | PoolClient,
  files: readonly FunctionFile[],
  schema: string
): Promise<FunctionFile[]> {
  const read = 'select name, revision, checksum from payment_vault.function_files'
  const { rows } = await on.query<FunctionRecord>(inSchema(read, schema)).catch((error: unknown) => {
    if (sqlState(error) !== insufficientPrivilege) throw error
    throw new MigrationError(`The schema "${schema}" can't be read: ${messageOf(error)}`, { cause: error })
  })
  const records = new Map(rows.map((row) => [row.name, row]))
  return files.filter(({ name, revision, checksum }) => {
    const had = records.get(name)
    return !had || had.revision < revision || (had.revision === revision && had.checksum !== checksum)
  })
}

/** Applies a file and records it, in the caller's transaction. Throws the database's error. */
export async function applyFunctions(client: PoolClient, file: FunctionFile, schema: string): Promise<void> {
  await client.query(inSchema(file.text, schema))
  const record = `insert into payment_vault.function_files (name, revision, checksum, applied) values ($1, $2, $3, $4)
    on conflict (name) do update set revision = excluded.revision, checksum = excluded.checksum, applied = excluded.applied`
  await client.query(inSchema(record, schema), [file.name, file.revision, file.checksum, new Date()])
}
