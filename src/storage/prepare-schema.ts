import type { Pool } from 'pg'
import { checkMigrations, migrate } from './migrations/migrate'
import { MigrationError } from './migrations/migration-error'
import { errorMessage } from '../../plugins/errors/error-message'

/**
 * Brings the schema up to date when an app starts, or only sees that it is; `say` is told what is waited for. Throws what
 * says in one sentence why the app can't start: a `MigrationError`, or an error that tells why the database does not
 * answer.
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
