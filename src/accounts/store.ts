import type { Principal } from '../../plugins/authentication'
import { type Queryable, statement } from '../../plugins/database'

export interface AccountRow {
  id: string
  parent_id: string | null
  created: Date
}

export interface ApiKeyRow {
  id: string
  account_id: string
  livemode: boolean
  kind: 'secret' | 'publishable'
  hint: string
  created: Date
  revoked: Date | null
}

/** Whose key it is, by its SHA-256; undefined for one that never was or was revoked. */
export async function findPrincipal(db: Queryable, hash: Buffer): Promise<Principal | undefined> {
  const [row] = await db.query(findKey, [hash])
  return (
    row && {
      account: row.account_id,
      livemode: row.livemode,
      publishable: row.kind === 'publishable',
      mayActAs: connectedTo(db, row.account_id)
    }
  )
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
  row: Omit<ApiKeyRow, 'revoked'> & { hash: Buffer }
): Promise<void> {
  await db.query(insertKeyRow, [
    row.id,
    row.account_id,
    row.livemode,
    row.kind,
    row.hash,
    row.hint,
    row.created
  ])
}

export async function listKeys(db: Queryable): Promise<ApiKeyRow[]> {
  return db.query(listKeyRows)
}

/** Whether there was such a key to revoke. */
export async function revokeKey(db: Queryable, id: string): Promise<boolean> {
  return (await db.query(revokeKeyRow, [id, new Date()])).length === 1
}

const findKey = statement<{ account_id: string; livemode: boolean; kind: string }>(
  'find_key',
  'select account_id, livemode, kind from payment_vault.api_keys where hash = $1 and revoked is null'
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
  `insert into payment_vault.api_keys (id, account_id, livemode, kind, hash, hint, created)
   values ($1, $2, $3, $4, $5, $6, $7)
   on conflict (hash) do nothing`
)

const listKeyRows = statement<ApiKeyRow & Record<string, unknown>>(
  'list_keys',
  `select id, account_id, livemode, kind, hint, created, revoked from payment_vault.api_keys
   order by created, id`
)

const revokeKeyRow = statement<{ id: string }>(
  'revoke_key',
  'update payment_vault.api_keys set revoked = coalesce(revoked, $2) where id = $1 returning id'
)
