import type { Pool } from 'pg'
import { checkMigrations, migrate } from './migrations/migrate'
import { MigrationError } from './migrations/migration-error'
import { errorMessage } from '../../plugins/errors/error-message'

/**
 * Migrates the schema when an app starts, or only checks it. `say` gets a line about each wait. Throws why
 * the app can't start: a `MigrationError`, or an error that says why the database can't be used.
 */
export async function prepareSchema(
  pool: Pool,
  schema: string,
  how: 'auto' | 'check' | 'off',
  rowLevelSecurity = false,
  say?: (line: string) => void
): Promise<void> {
  try {
    if (how === 'auto') await migrate(pool, { schema, rowLevelSecurity, say })
    else if (how === 'check') await checkMigrations(pool, { schema })
  } catch (error) {
    if (error instanceof MigrationError) throw error
    throw new Error(`fastify-payment-vault: the database cannot be used: ${errorMessage(error)}`, {
      cause: error
    })
  }
}
