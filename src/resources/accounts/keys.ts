import { hashKey, maskKey, type Permissions } from '../../../plugins/auth/api-keys'
import type { Queryable } from '../../../plugins/database/statement'
import { newId, randomCharacters } from '../../protocol/values/ids'
import { expireKey, findAccount, findFirstAccount, findKeyById, insertAccount, insertKey } from './store'

export interface NewKey {
  /** Without it, the first account; one is made where there is none. */
  account?: string | undefined
  livemode: boolean
  kind: 'secret' | 'publishable' | 'restricted'
  /** What a restricted key may do. */
  permissions?: Permissions | undefined
  /** A key of the caller's own choice; without it 24 random characters. */
  key?: string | undefined
}

/** The account was named and isn't there. */
export class NoSuchAccount extends Error {
  override readonly name = 'NoSuchAccount'
}

/** There is no such key, or it has an end already. */
export class NoKeyToRoll extends Error {
  override readonly name = 'NoKeyToRoll'
}

const prefixes = { secret: 'sk', publishable: 'pk', restricted: 'rk' } as const

/** Makes an API key and gives it back: the only time that it can be seen. Only its SHA-256 is stored. */
export async function createKey(tx: Queryable, wanted: NewKey): Promise<string> {
  const { account, livemode, kind, permissions, key } = wanted
  const owner = account === undefined ? await firstAccount(tx) : await findAccount(tx, account)
  if (owner === undefined) throw new NoSuchAccount(`There is no account ${account ?? ''}.`)
  const made = key ?? `${prefixes[kind]}_${livemode ? 'live' : 'test'}_${randomCharacters(24)}`
  await insertKey(tx, {
    id: newId('key'),
    account_id: owner,
    livemode,
    kind,
    hash: hashKey(made),
    hint: maskKey(made),
    created: new Date(),
    permissions: kind === 'restricted' ? (permissions ?? {}) : null
  })
  return made
}

/**
 * Makes a key in a key's place, for the same account, mode and permissions, and gives it back; the old one works for
 * `overlap` milliseconds more. In a transaction of the caller's. Throws NoKeyToRoll.
 */
export async function rollKey(tx: Queryable, id: string, overlap: number): Promise<string> {
  const old = await findKeyById(tx, id)
  if (!old) throw new NoKeyToRoll(`There is no key ${id}: keys list shows those there are.`)
  // Whoever rolls it at the same time waits here, and then finds its end.
  if (!(await expireKey(tx, id, new Date(Date.now() + overlap))))
    throw new NoKeyToRoll(
      `The key ${id} was revoked or rolled already: keys list shows which is in its place.`
    )
  const { account_id: account, livemode, kind, permissions } = old
  return createKey(tx, { account, livemode, kind, permissions: permissions ?? undefined })
}

/** The first account, which is made when there is none yet. */
export async function firstAccount(tx: Queryable): Promise<string> {
  const known = await findFirstAccount(tx)
  if (known !== undefined) return known
  const id = newId('acct')
  await insertAccount(tx, id)
  return id
}
