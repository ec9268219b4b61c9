import type { Pool } from 'pg'
import { Database } from '../../plugins/database/database'
import { startEmbeddedPostgres } from '../storage/postgres/embedded'
import { openPool } from '../storage/pool'
import type { Settings } from './settings'
import { StartError } from '../storage/start-error'
import { errorMessage } from '../../plugins/errors/error-message'

export interface OpenDatabase {
  pool: Pool
  db: Database
  /** Whether it is the embedded Postgres instead of DATABASE_URL. */
  embedded: boolean
  /** The location of the data, for messages. */
  place: string
  /** Ends the pool, then stops the embedded Postgres if this process started it. */
  close: () => Promise<void>
}

/**
 * Opens the configured database and runs a test query. Starts the embedded Postgres; with `share`, a command uses that of
 * a running server. Throws StartError.
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
  // The pool replaces a lost idle connection. Without this listener, its error would end the process.
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
    // DATABASE_URL may be a pooler in transaction mode, which does not support named statements.
    const db = new Database(pool, { schema, prepared: embedded, rowLevelSecurity })
    return { pool, db, embedded, place, close }
  } catch (error) {
    await close()
    const which = embedded ? `The embedded database in ${dataFolder}` : 'The database of DATABASE_URL'
    throw new StartError(`${which} cannot be reached: ${errorMessage(error)}`, { cause: error })
  }
}
