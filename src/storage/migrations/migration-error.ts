/** Says in one sentence why the schema and this code do not match, or why a migration failed. */
export class MigrationError extends Error {
  override readonly name = 'MigrationError'
}
