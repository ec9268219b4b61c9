import { hashKey, maskKey } from '../../plugins/authentication'
import type { Queryable } from '../../plugins/database'
import { newId, randomCharacters } from '../wire/ids'
import { findAccount, findFirstAccount, insertAccount, insertKey } from './store'

export interface NewKey {
  /** Without it, the first account; one is made where there is none. */
  account?: string | undefined
  livemode: boolean
  kind: 'secret' | 'publishable'
  /** A key of the caller's own choice; without it 24 random characters. */
  key?: string | undefined
}

/** The account was named and isn't there. */
export class NoSuchAccount extends Error {
  override readonly name = 'NoSuchAccount'
}

const prefixes = { secret: 'sk', publishable: 'pk' } as const

/** Makes an API key and gives it back: the only time that it can be seen. Only its SHA-256 is stored. */
export async function createKey(tx: Queryable, { account, livemode, kind, key }: NewKey): Promise<string> {
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
    created: new Date()
  })
  return made
}

/** The first account, which is made when there is none yet. */
export async function firstAccount(tx: Queryable): Promise<string> {
  const known = await findFirstAccount(tx)
  if (known !== undefined) return known
  const id = newId('acct')
  await insertAccount(tx, id)
  return id
}
