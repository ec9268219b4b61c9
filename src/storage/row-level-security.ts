import type { Pool } from 'pg'
import { inSchema } from '../../plugins/database/statement'
import { inTransaction } from '../../plugins/database/transaction'
import { accountSetting } from '../../plugins/database/row-level-security'
import { retryOnLock, type RetryOnLockOptions } from './retry-on-lock'

/** A table with rows of accounts, as the pool's role has it. */
export interface SecuredTable {
  name: string
  /** It has the policy, and row-level security is turned on, for the table's owner too. */
  enabled: boolean
  /** It binds this role. */
  active: boolean
  /** Somebody else's policy lets through what ours does not, or ours was changed. */
  tooPermissive: boolean
}

export async function securedTables(pool: Pool, schema: string): Promise<SecuredTable[]> {
  return (await pool.query<SecuredTable>(findTables, [schema])).rows
}

// All but the keys: by them it is found out whose call it is.
const findTables = `select c.relname as name, row_security_active(c.oid) as active,
    c.relrowsecurity and c.relforcerowsecurity
      and exists (select from pg_policy p where p.polrelid = c.oid and p.polname = 'of_the_account') as enabled,
    exists (select from pg_policy p where p.polrelid = c.oid and p.polpermissive and (p.polname <> 'of_the_account'
      or strpos(pg_get_expr(p.polqual, p.polrelid), '${accountSetting}') = 0 or p.polwithcheck is not null)) as loosened
  from pg_class c
  join pg_namespace n on n.oid = c.relnamespace
  join pg_attribute a on a.attrelid = c.oid and a.attname = 'account_id'
  where n.nspname = $1 and c.relkind in ('r', 'p') and c.relname <> 'api_keys'
  order by c.relname collate "C"`

/**
 * Turns row-level security on for every table with rows of accounts, where it is not yet. Takes the table's owner. No
 * migration: where nobody asks for it, tables stay as they are. Throws what the database says.
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

// Who tells no account is not bound: a process without the option, and people at a terminal. Also after an end of a
// transaction in which one was told, which leaves the setting empty.
const enableStatements = `
  drop policy if exists of_the_account on TABLE;
  create policy of_the_account on TABLE
    using (account_id = coalesce(nullif(current_setting('${accountSetting}', true), ''), account_id));
  alter table TABLE enable row level security, force row level security`

// While it waits for whoever uses the table, all others wait behind it: not for long.
const begin = "begin; set local lock_timeout = '1s'"
