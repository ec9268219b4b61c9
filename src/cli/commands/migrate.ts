import { checkMigrations, migrate, migrationStatus } from '../../storage/migrations/migrate'
import type { Settings } from '../../server/settings'
import { type Say, withDatabase } from '../with-database'

/** Migrates the schema. Returns the applied migrations as text. Throws MigrationError, StartError. */
export const migrateCommand = (settings: Settings, say: Say): Promise<string> =>
  withDatabase(settings, say, async ({ pool, place }) => {
    const { schema, rowLevelSecurity } = settings
    const applied = await migrate(pool, { schema, rowLevelSecurity, say })
    if (applied.length === 0)
      return `Nothing to do: the schema "${settings.schema}" in ${place} is up to date.`
    return applied.map((name) => `applied ${name}`).join('\n')
  })

/** Returns the applied and pending migrations as text. Throws MigrationError if the schema does not match this version. */
export const statusCommand = (settings: Settings, say: Say): Promise<string> =>
  withDatabase(settings, say, async ({ pool, place }) => {
    const { schema } = settings
    const { applied, pending } = await migrationStatus(pool, { schema })
    const lines = [
      `schema "${schema}" in ${place}`,
      ...applied.map(({ name, applied: at }) => `${at.toISOString()}  ${name}`),
      ...pending.map((name) => `${'not applied'.padEnd(24)}  ${name}`)
    ]
    await checkMigrations(pool, { schema }).catch((error: unknown) => {
      // The user needs the list most when the check fails.
      console.log(lines.join('\n'))
      throw error
    })
    return lines.join('\n')
  })
