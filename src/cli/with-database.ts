import { checkMigrations } from '../storage/migrations/migrate'
import { openDatabase, type OpenDatabase } from '../server/open-database'
import type { Settings } from '../server/settings'

/** Prints a line for the user. */
export type Say = (line: string) => void

/** Runs `work` on the configured database. A server may be running on it at the same time. Throws StartError. */
export async function withDatabase<T>(
  settings: Settings,
  say: Say,
  work: (database: OpenDatabase) => Promise<T>
): Promise<T> {
  const database = await openDatabase(settings, 'share', say)
  return work(database).finally(() => database.close())
}

/** Runs `work` on a database whose migrations match this version. Otherwise throws MigrationError. */
export const withTables = <T>(
  settings: Settings,
  say: Say,
  work: (database: OpenDatabase) => Promise<T>
): Promise<T> =>
  withDatabase(settings, say, async (database) => {
    await checkMigrations(database.pool, { schema: settings.schema })
    return work(database)
  })
