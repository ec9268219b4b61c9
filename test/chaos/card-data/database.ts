import { execFile } from 'node:child_process'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Pool } from 'pg'
import type { ChaosDatabase } from '../harness/new-database'
import type { Hit, Search } from './search'

const run = promisify(execFile)

/**
 * The whole database as text, and by what: `pg_dump`, where there is one as new as the server, which the binaries of the
 * embedded one have not; else every row of every table.
 */
export async function dumpOf({ url, pool }: ChaosDatabase): Promise<{ text: string; by: string }> {
  const bin = process.env.PAYMENT_VAULT_PG_BIN
  const programs = ['pg_dump', ...(bin === undefined ? [] : [join(bin, 'pg_dump'), join(bin, 'bin/pg_dump')])]
  for (const program of programs) {
    // It refuses a server that is newer.
    const dumped = await run(program, ['--dbname', url], { maxBuffer: 2 ** 30 }).catch(() => undefined)
    if (dumped) return { text: dumped.stdout, by: 'the dump of pg_dump' }
  }
  const { rows: tables } = await pool.query<{ name: string }>(
    `select c.oid::regclass::text as name from pg_class c
     where c.relkind in ('r', 'm') and c.relnamespace <> 'information_schema'::regnamespace
       and c.relnamespace::regnamespace::text not like 'pg\\_%'`
  )
  const texts = tables.map(async ({ name }) => {
    const { rows } = await pool.query<{ row: string }>(`select t::text as row from ${name} t`)
    return [name, ...rows.map(({ row }) => row)].join('\n')
  })
  const text = (await Promise.all(texts)).join('\n')
  return { text, by: 'every row of every table as text (no pg_dump here is as new as the server)' }
}

/** Every file of a cluster but those of other databases: tables, indexes, the write-ahead log, its own log, statistics. */
export async function inFiles(
  pool: Pool,
  folder: string,
  search: Search
): Promise<{ hits: Hit[]; files: number }> {
  const { rows } = await pool.query<{ oid: string }>(
    'select oid::text from pg_database where datname = current_database()'
  )
  const base = join(folder, 'base')
  const own = join(base, rows[0]?.oid ?? '')
  const all = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = all.filter(
    (each) => each.isFile() && (each.parentPath === own || !each.parentPath.startsWith(base))
  )
  const found: { hits: Hit[]; files: number } = { hits: [], files: 0 }
  for (const { parentPath, name } of files) {
    const hits = await search.inFile(join(parentPath, name)).catch(gone)
    if (!hits) continue
    found.hits.push(...hits.map((hit) => ({ ...hit, around: `${name}: ${hit.around}` })))
    found.files++
  }
  return found
}

/** Some come and go. */
const gone = (error: NodeJS.ErrnoException): undefined => {
  if (error.code !== 'ENOENT') throw error
}
