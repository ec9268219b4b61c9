import type { Mutant } from '../harness/mutants'

export interface MigrationMutant extends Mutant {
  /** The migration that is applied; one that does no harm without it, on tables that somebody reads for long. */
  file?: string
}

export const harmless = 'alter table payment_vault.customers add column made_up text;\n'

/** Ways to hold everybody up, or to do without them, with a migration. */
export const migrationMutants: MigrationMutant[] = [
  {
    name: 'a migration waits for a table without a limit',
    program: {
      file: 'src/storage/migrations/migrate.ts',
      from: "set local lock_timeout = '1s'",
      to: "set local lock_timeout = '60s'"
    }
  },
  {
    name: 'a migration does not retry for a table in use',
    program: { file: 'src/storage/retry-on-lock.ts', from: 'Date.now() > end', to: 'end > 0' }
  },
  {
    name: 'a migration rewrites every row and blocks readers',
    // Each row as slow as a hundred, so that few will do.
    file: `alter table payment_vault.customers add column made_up text default pg_sleep(0.001)::text;\n`
  },
  {
    name: 'a migration renames a column',
    file: 'alter table payment_vault.customers rename column email to made_up;\n'
  }
]
