import type { Database } from '../../plugins/database/database'
import { statement } from '../../plugins/database/statement'
import { accountSetting } from '../../plugins/database/row-level-security'
import { MigrationError } from './migrations/migration-error'
import { securedTables } from './row-level-security'

/** Throws a `MigrationError` unless row-level security separates accounts for this pool and its role. */
export async function checkRowLevelSecurity(db: Database): Promise<void> {
  const { rows } = await db.pool.query<Role>(findRole)
  const [role] = rows
  if (role?.bypasses)
    throw new MigrationError(
      `rowLevelSecurity needs a role that policies bind: ${role.name} is a superuser or has BYPASSRLS.`
    )
  const tables = await securedTables(db.pool, db.schema)
  const open = tables.filter(({ enabled, active }) => !enabled || !active).map(({ name }) => name)
  if (open.length > 0)
    throw new MigrationError(
      `Row-level security is off in the schema "${db.schema}" (${open.join(', ')}): its owner must migrate with rowLevelSecurity.`
    )
  const tooPermissive = tables.filter((table) => table.too_permissive).map(({ name }) => name)
  if (tooPermissive.length > 0)
    throw new MigrationError(
      `Policies in the schema "${db.schema}" let through more than the rows of one account (${tooPermissive.join(', ')}): drop all policies of these tables. Their owner must then migrate with rowLevelSecurity, which creates the vault's policies again.`
    )
  const [current] = await db.query(findCurrentAccount, [probe])
  if (current?.account !== probe)
    throw new MigrationError(
      "rowLevelSecurity needs a pool of pg's own connections: this pool does not set the account."
    )
}

interface Role {
  name: string
  bypasses: boolean
}

/** An account to set and read back. */
const probe = 'probe'

const findRole = `select rolname as name, rolsuper or rolbypassrls as bypasses from pg_roles
  where rolname = current_user`

const findCurrentAccount = statement<{ account: string | null }>(
  'what_policies_are_told',
  `select current_setting('${accountSetting}', true) as account where $1 <> ''`
)
