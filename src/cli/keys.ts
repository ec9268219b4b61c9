import { createKey } from '../accounts/keys'
import { type ApiKeyRow, listKeys, revokeKey } from '../accounts/store'
import { openFirstAccount } from '../first-account'
import type { Settings } from '../settings'
import { StartError } from '../start-error'
import { table } from './table'
import { withTables } from './with-database'

type Say = (line: string) => void

export interface WantedKey {
  livemode: boolean
  kind: 'secret' | 'publishable'
  account: string | undefined
}

/** Makes a key and gives it back, which is the only time that it can be seen. */
export const createKeyCommand = (settings: Settings, say: Say, wanted: WantedKey): Promise<string> =>
  withTables(settings, say, async ({ db }) => {
    const key = await createKey(db, { ...wanted, account: wanted.account ?? (await openFirstAccount(db)) })
    say('Keep it now: only its hash is stored, and it is not shown again.')
    return key
  })

export const listKeysCommand = (settings: Settings, say: Say): Promise<string> =>
  withTables(settings, say, async ({ db }) => {
    const head = ['id', 'account', 'mode', 'kind', 'hint', 'created', 'revoked']
    return table([head, ...(await listKeys(db)).map(cells)])
  })

export const revokeKeyCommand = (settings: Settings, say: Say, id: string): Promise<string> =>
  withTables(settings, say, async ({ db }) => {
    if (!(await revokeKey(db, id)))
      throw new StartError(`There is no key ${id}: keys list shows those there are.`)
    return `Revoked ${id}. A server that has just seen it may take it for 2 more seconds.`
  })

const cells = (key: ApiKeyRow): string[] => [
  key.id,
  key.account_id,
  key.livemode ? 'live' : 'test',
  key.kind,
  key.hint,
  key.created.toISOString(),
  key.revoked?.toISOString() ?? '-'
]
