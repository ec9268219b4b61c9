import type { Permissions } from '../../../plugins/auth/api-keys'
import { createKey, NoKeyToRoll, rollKey } from '../../resources/accounts/keys'
import { writtenPermissions } from '../../protocol/permissions'
import { type ApiKeyRow, listKeys, revokeKey } from '../../resources/accounts/store'
import { openFirstAccount } from '../../resources/accounts/first-account'
import { liveModeProblem } from '../../server/secrets/live-mode'
import type { Settings } from '../../server/settings'
import { StartError } from '../../storage/start-error'
import { table } from '../table'
import { type Say, withTables } from '../with-database'

export interface NewKeyOptions {
  livemode: boolean
  kind: 'secret' | 'publishable' | 'restricted'
  permissions?: Permissions | undefined
  account: string | undefined
}

/** Creates a key and returns it. This is the only time that the key is visible. */
export const createKeyCommand = (settings: Settings, say: Say, wanted: NewKeyOptions): Promise<string> =>
  withTables(settings, say, async ({ db }) => {
    const key = await createKey(db, { ...wanted, account: wanted.account ?? (await openFirstAccount(db)) })
    say('Save the key now: the vault stores only its hash and cannot show it again.')
    const problem = wanted.livemode ? await liveModeProblem(settings) : undefined
    if (problem !== undefined)
      say(`With these settings, the server refuses live keys and does not start. ${problem}`)
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

/** Creates a key that replaces another, and returns it. Throws StartError. */
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
        ? `The old key ${id} no longer works.`
        : `The old key ${id} works for ${hours === 1 ? '1 more hour' : `${hours} more hours`}.`
    )
    say('Save the new key now: the vault stores only its hash and cannot show it again.')
    return key
  })

export const revokeKeyCommand = (settings: Settings, say: Say, id: string): Promise<string> =>
  withTables(settings, say, async ({ db }) => {
    if (!(await revokeKey(db, id))) throw new StartError(`There is no key ${id}: keys list shows all keys.`)
    return `Revoked ${id}. A running server may accept it for 2 more seconds.`
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
