import type { Pool } from 'pg'
import { inSchema } from '../../plugins/database/statement'
import { inTransaction } from '../../plugins/database/transaction'
import { accountSetting } from '../../plugins/database/row-level-security'
import { retryOnLock, type RetryOnLockOptions } from './retry-on-lock'

/** A table with rows of accounts, as the pool's role sees it. */
interface SecuredTable {
  name: string
  /** The table has the policy, and row-level security is on, for its owner too. */
  enabled: boolean
  /** Row-level security applies to this role. */
  active: boolean
  /** Another policy lets more rows through, or the vault's policy was changed. */
  too_permissive: boolean
}

export async function securedTables(pool: Pool, schema: string): Promise<SecuredTable[]> {
  return (await pool.query<SecuredTable>(findTables, [schema])).rows
}

// All tables but api_keys, which is read before the account is known.
const findTables = `select c.relname as name, row_security_active(c.oid) as active,
    c.relrowsecurity and c.relforcerowsecurity
      and exists (select from pg_policy p where p.polrelid = c.oid and p.polname = 'of_the_account') as enabled,
    exists (select from pg_policy p where p.polrelid = c.oid and p.polpermissive and (p.polname <> 'of_the_account'
      or strpos(pg_get_expr(p.polqual, p.polrelid), '${accountSetting}') = 0 or p.polwithcheck is not null)) as too_permissive
  from pg_class c
  join pg_namespace n on n.oid = c.relnamespace
  join pg_attribute a on a.attrelid = c.oid and a.attname = 'account_id'
  where n.nspname = $1 and c.relkind in ('r', 'p') and c.relname <> 'api_keys'
  order by c.relname collate "C"`

/**
 * Turns row-level security on for every table with rows of accounts. Needs the tables' owner. This is no
 * migration: tables stay unprotected unless the option is set. Throws the database's error.
 */
export async function enableRowLevelSecurity(
  pool: Pool,
  schema: string,
  waiting: RetryOnLockOptions
): Promise<void> {
  for (const { name, enabled } of await securedTables(pool, schema)) {
    if (enabled) continue
    const secure = inSchema(enableStatements.replaceAll('TABLE', `payment_vault.${name}`), schema)
    await retryOnLock(() => inTransaction(pool, begin, (client) => client.query(secure)), waiting)
  }
}

// The policy lets all rows through when no account is set: for a process without the option, and for psql.
// The setting is empty after a transaction that had set it.
const enableStatements = `
  drop policy if exists of_the_account on TABLE;
  create policy of_the_account on TABLE
    using (account_id = coalesce(nullif(current_setting('${accountSetting}', true), ''), account_id));
  alter table TABLE enable row level security, force row level security`

// Every new query on the table waits behind this lock request, so it must be short.
const begin = "begin; set local lock_timeout = '1s'"
