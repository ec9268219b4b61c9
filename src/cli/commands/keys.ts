import type { Permissions } from '../../../plugins/auth/api-keys'
import { createKey, NoKeyToRoll, rollKey } from '../../resources/accounts/keys'
import { writtenPermissions } from '../../resources/accounts/permissions'
import { type ApiKeyRow, listKeys, revokeKey } from '../../resources/accounts/store'
import { openFirstAccount } from '../../resources/accounts/first-account'
import { unfitForLiveMode } from '../../server/secrets/live-mode'
import type { Settings } from '../../server/settings'
import { StartError } from '../../storage/start-error'
import { table } from '../table'
import { withTables } from '../with-database'

type Say = (line: string) => void

export interface WantedKey {
  livemode: boolean
  kind: 'secret' | 'publishable' | 'restricted'
  permissions?: Permissions | undefined
  account: string | undefined
}

/** Makes a key and gives it back, which is the only time that it can be seen. */
export const createKeyCommand = (settings: Settings, say: Say, wanted: WantedKey): Promise<string> =>
  withTables(settings, say, async ({ db }) => {
    const key = await createKey(db, { ...wanted, account: wanted.account ?? (await openFirstAccount(db)) })
    say('Keep it now: only its hash is stored, and it is not shown again.')
    const unfit = wanted.livemode ? await unfitForLiveMode(settings) : undefined
    if (unfit !== undefined)
      say(`The server takes no live key, and does not start, with these settings. ${unfit}`)
    return key
  })

export const listKeysCommand = (settings: Settings, say: Say): Promise<string> =>
  withTables(settings, say, async ({ db }) => {
    const head = [
      'id',
      'account',
      'mode',
      'kind',
      'hint',
      'created',
      'last used',
      'expires',
      'revoked',
      'allowed'
    ]
    return table([head, ...(await listKeys(db)).map(cells)])
  })

/** Makes a key in a key's place, and gives it back. Throws StartError. */
export const rollKeyCommand = (
  settings: Settings,
  say: Say,
  { id, hours }: { id: string; hours: number }
): Promise<string> =>
  withTables(settings, say, async ({ db }) => {
    const key = await db
      .transaction((tx) => rollKey(tx, id, hours * 3600 * 1000))
      .catch((error: unknown) => {
        throw error instanceof NoKeyToRoll ? new StartError(error.message) : error
      })
    say(
      hours === 0
        ? `The old key ${id} works no more.`
        : `The old key ${id} works for ${hours === 1 ? '1 hour' : `${hours} hours`} more.`
    )
    say('Keep the new one now: only its hash is stored, and it is not shown again.')
    return key
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
  key.last_used?.toISOString().slice(0, 10) ?? '-',
  key.expires?.toISOString() ?? '-',
  key.revoked?.toISOString() ?? '-',
  key.permissions ? writtenPermissions(key.permissions) : '-'
]
