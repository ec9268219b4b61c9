import { checkMigrations } from '../storage/migrations/migrate'
import { openDatabase, type OpenDatabase } from '../server/open-database'
import type { Settings } from '../server/settings'

/** Runs `work` on the database that the settings name, beside a server that may be running on it. */
export async function withDatabase<T>(
  settings: Settings,
  say: (line: string) => void,
  work: (database: OpenDatabase) => Promise<T>
): Promise<T> {
  const database = await openDatabase(settings, 'share', say)
  return work(database).finally(() => database.close())
}

/** The same, where tables must be there, and as this code knows them. Throws MigrationError where they are not. */
export const withTables = <T>(
  settings: Settings,
  say: (line: string) => void,
  work: (database: OpenDatabase) => Promise<T>
): Promise<T> =>
  withDatabase(settings, say, async (database) => {
    await checkMigrations(database.pool, { schema: settings.schema })
    return work(database)
  })
