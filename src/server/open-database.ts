import type { Pool } from 'pg'
import { Database } from '../../plugins/database/database'
import { startEmbeddedPostgres } from '../storage/postgres/embedded'
import { openPool } from '../storage/pool'
import type { Settings } from './settings'
import { StartError } from '../storage/start-error'
import { sentenceOf } from '../../plugins/errors/error-message'

export interface OpenDatabase {
  pool: Pool
  db: Database
  /** A Postgres of our own, rather than the one of DATABASE_URL. */
  embedded: boolean
  /** Where the data is, for people. */
  place: string
  /** Ends the pool, and then the Postgres, if it was started here. */
  close: () => Promise<void>
}

/**
 * Opens the database that the settings name, and asks it something. An embedded one is started; a command
 * (`share`) joins the one of a running server. Throws StartError.
 */
export async function openDatabase(
  settings: Settings,
  role: 'serve' | 'share',
  say: (line: string) => void
): Promise<OpenDatabase> {
  const { databaseUrl, dataFolder: folder, postgresBinaries: binaries } = settings
  if (databaseUrl !== undefined) return connect(settings, databaseUrl, async () => undefined)
  const postgres = await startEmbeddedPostgres({ folder, binaries, role, say })
  return connect(settings, postgres.url, postgres.stop)
}

async function connect(
  { databaseUrl, dataFolder, schema, rowLevelSecurity }: Settings,
  url: string,
  stop: () => Promise<void>
): Promise<OpenDatabase> {
  const embedded = databaseUrl === undefined
  const pool = openPool(url)
  // A lost idle connection is replaced; without a listener it would end the process.
  pool.on('error', () => undefined)
  const close = async () => {
    await pool.end()
    await stop()
  }
  try {
    const { rows } = await pool.query<{ name: string }>('select current_database() as name')
    const place = embedded
      ? `${dataFolder} (an embedded Postgres)`
      : `the database ${rows[0]?.name ?? ''} of DATABASE_URL`
    // Named statements are not for a pooler that hands out sessions by transaction, and DATABASE_URL may be one.
    const db = new Database(pool, { schema, prepared: embedded, rowLevelSecurity })
    return { pool, db, embedded, place, close }
  } catch (error) {
    await close()
    const which = embedded ? `The embedded database in ${dataFolder}` : 'The database of DATABASE_URL'
    throw new StartError(`${which} cannot be reached: ${sentenceOf(error)}`, { cause: error })
  }
}
