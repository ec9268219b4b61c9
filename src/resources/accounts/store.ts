import type { FoundKey, Permissions } from '../../../plugins/auth/api-keys'
import { type Queryable, statement } from '../../../plugins/database/statement'

export interface AccountRow {
  id: string
  parent_id: string | null
  created: Date
}

export interface ApiKeyRow {
  id: string
  account_id: string
  livemode: boolean
  kind: 'secret' | 'publishable' | 'restricted'
  hint: string
  created: Date
  /** The start of a day (UTC). */
  last_used: Date | null
  expires: Date | null
  revoked: Date | null
  permissions: Permissions | null
}

/** A key as whoever calls with it is told from others. */
export interface KnownKey extends FoundKey {
  id: string
  last_used: Date | null
}

/** Whose key it is, by its SHA-256; undefined for one that never was or was revoked. */
export async function findKey(db: Queryable, hash: Buffer): Promise<KnownKey | undefined> {
  const [row] = await db.query(findKeyRow, [hash])
  if (!row) return undefined
  const { id, last_used, account_id: account, livemode, kind, permissions } = row
  const principal = {
    account,
    livemode,
    publishable: kind === 'publishable',
    // Whatever is there of a restricted key's, it is none that may do everything.
    permissions: kind === 'restricted' ? (permissions ?? {}) : undefined,
    mayActAs: connectedTo(db, account)
  }
  return { id, last_used, expires: row.expires?.getTime(), principal }
}

/**
 * Whether an account is a connected one of `parent`'s. One that is stays remembered as long as the function is used,
 * which is as long as the key is remembered.
 */
function connectedTo(db: Queryable, parent: string): (account: string) => boolean | Promise<boolean> {
  const known = new Set<string>()
  return (account) => {
    if (known.has(account)) return true
    return db.query(findConnected, [account, parent]).then(({ length }) => {
      if (length > 0) known.add(account)
      return length > 0
    })
  }
}

export async function insertAccount(db: Queryable, id: string, parent: string | null = null): Promise<void> {
  await db.query(insertAccountRow, [id, parent, new Date()])
}

export async function listAccounts(db: Queryable): Promise<AccountRow[]> {
  return db.query(listAccountRows)
}

/** The oldest account: the one that a fresh vault has. */
export async function findFirstAccount(db: Queryable): Promise<string | undefined> {
  const [row] = await db.query(findFirstAccountRow)
  return row?.id
}

export async function findAccount(db: Queryable, id: string): Promise<string | undefined> {
  const [row] = await db.query(findAccountRow, [id])
  return row?.id
}

/** Does nothing when the very key is there already, also when it is revoked. */
export async function insertKey(
  db: Queryable,
  row: Omit<ApiKeyRow, 'last_used' | 'expires' | 'revoked'> & { hash: Buffer }
): Promise<void> {
  await db.query(insertKeyRow, [
    row.id,
    row.account_id,
    row.livemode,
    row.kind,
    row.hash,
    row.hint,
    row.created,
    row.permissions && JSON.stringify(row.permissions)
  ])
}

export async function listKeys(db: Queryable): Promise<ApiKeyRow[]> {
  return db.query(listKeyRows)
}

export async function findKeyById(db: Queryable, id: string): Promise<ApiKeyRow | undefined> {
  const [row] = await db.query(findKeyRowById, [id])
  return row
}

/** Whether there was such a key to revoke. */
export async function revokeKey(db: Queryable, id: string): Promise<boolean> {
  return (await db.query(revokeKeyRow, [id, new Date()])).length === 1
}

/** Lets a key end; false for one that is revoked, or has an end already. */
export async function expireKey(db: Queryable, id: string, expires: Date): Promise<boolean> {
  return (await db.query(expireKeyRow, [id, expires])).length === 1
}

/** Notes that these keys were used on the day that began then, unless that is known. */
export async function noteLastUse(db: Queryable, ids: readonly string[], day: Date): Promise<void> {
  await db.query(noteLastUseOfKeys, [ids, day])
}

/** Whether there is a key that lets somebody into live mode. */
export async function hasLiveKey(db: Queryable): Promise<boolean> {
  return (await db.query(findLiveKey, [new Date()])).length > 0
}

const findKeyRow = statement<
  Pick<ApiKeyRow, 'id' | 'account_id' | 'livemode' | 'kind' | 'expires' | 'last_used' | 'permissions'>
>(
  'find_key',
  `select id, account_id, livemode, kind, expires, last_used, permissions from payment_vault.api_keys
   where hash = $1 and revoked is null`
)

const findConnected = statement<{ id: string }>(
  'find_connected_account',
  'select id from payment_vault.accounts where id = $1 and parent_id = $2'
)

const insertAccountRow = statement(
  'insert_account',
  'insert into payment_vault.accounts (id, parent_id, created) values ($1, $2, $3)'
)

const listAccountRows = statement<AccountRow & Record<string, unknown>>(
  'list_accounts',
  'select id, parent_id, created from payment_vault.accounts order by created, id'
)

const findFirstAccountRow = statement<{ id: string }>(
  'find_first_account',
  'select id from payment_vault.accounts order by created, id limit 1'
)

const findAccountRow = statement<{ id: string }>(
  'find_account',
  'select id from payment_vault.accounts where id = $1'
)

const insertKeyRow = statement(
  'insert_key',
  `insert into payment_vault.api_keys (id, account_id, livemode, kind, hash, hint, created, permissions)
   values ($1, $2, $3, $4, $5, $6, $7, $8::jsonb)
   on conflict (hash) do nothing`
)

const listKeyRows = statement<ApiKeyRow & Record<string, unknown>>(
  'list_keys',
  `select id, account_id, livemode, kind, hint, created, last_used, expires, revoked, permissions
   from payment_vault.api_keys
   order by created, id`
)

const findKeyRowById = statement<ApiKeyRow & Record<string, unknown>>(
  'find_key_by_id',
  `select id, account_id, livemode, kind, hint, created, last_used, expires, revoked, permissions
   from payment_vault.api_keys
   where id = $1`
)

const revokeKeyRow = statement<{ id: string }>(
  'revoke_key',
  'update payment_vault.api_keys set revoked = coalesce(revoked, $2) where id = $1 returning id'
)

const expireKeyRow = statement<{ id: string }>(
  'expire_key',
  `update payment_vault.api_keys set expires = $2
   where id = $1 and revoked is null and expires is null
   returning id`
)

const noteLastUseOfKeys = statement(
  'note_last_use',
  `update payment_vault.api_keys set last_used = $2
   where id = any($1) and (last_used is null or last_used < $2)`
)

const findLiveKey = statement<{ id: string }>(
  'find_live_key',
  `select id from payment_vault.api_keys
   where livemode and revoked is null and (expires is null or expires > $1)
   limit 1`
)
