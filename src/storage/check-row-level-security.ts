import type { Database } from '../../plugins/database/database'
import { statement } from '../../plugins/database/statement'
import { accountSetting } from '../../plugins/database/row-level-security'
import { MigrationError } from './migrations/migration-error'
import { securedTables } from './row-level-security'

/** Throws a `MigrationError` unless the database keeps accounts apart for this pool and its role. */
export async function checkRowLevelSecurity(db: Database): Promise<void> {
  const { rows } = await db.pool.query<Role>(findRole)
  const [role] = rows
  if (role?.bypasses)
    throw new MigrationError(
      `rowLevelSecurity takes a role that it binds: ${role.name} is a superuser or has BYPASSRLS.`
    )
  const tables = await securedTables(db.pool, db.schema)
  const open = tables.filter(({ enabled, active }) => !enabled || !active).map(({ name }) => name)
  if (open.length > 0)
    throw new MigrationError(
      `Row-level security is off in the schema "${db.schema}" (${open.join(', ')}): let its owner migrate with it.`
    )
  const loosened = tables.filter((table) => table.tooPermissive).map(({ name }) => name)
  if (loosened.length > 0)
    throw new MigrationError(
      `Row-level security lets more through in the schema "${db.schema}" than rows of one account (${loosened.join(', ')}): drop every policy of theirs and let their owner migrate with it, which makes the vault's own again.`
    )
  const [current] = await db.query(findCurrentAccount, ['somebody'])
  if (current?.account !== 'somebody')
    throw new MigrationError(
      "rowLevelSecurity takes a pool of pg's own connections: through this one the database is not told the account."
    )
}

interface Role {
  name: string
  bypasses: boolean
}

const findRole = `select rolname as name, rolsuper or rolbypassrls as unbound from pg_roles
  where rolname = current_user`

const findCurrentAccount = statement<{ account: string | null }>(
  'what_policies_are_told',
  `select current_setting('${accountSetting}', true) as account where $1 <> ''`
)
