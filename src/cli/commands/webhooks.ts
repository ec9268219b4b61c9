import { accountOf, isLive } from '../../protocol/view'
import type { Settings } from '../../server/settings'
import { existingFingerprintKey } from '../../server/secrets/secrets'
import { StartError } from '../../storage/start-error'
import { signingSecret } from '../../resources/webhook-endpoints/secret'
import { findEndpointAnywhere, listEveryEndpoint } from '../../resources/webhook-endpoints/operator-store'
import { rollSecret } from '../../resources/webhook-endpoints/store'
import { keyFor } from '../../protocol/values/derived-secret'
import { now } from '../../protocol/values/time'
import { table } from '../table'
import { type Say, withTables } from '../with-database'

export const listWebhooksCommand = (settings: Settings, say: Say): Promise<string> =>
  withTables(settings, say, async ({ db }) => {
    const rows = (await listEveryEndpoint(db)).map((endpoint) => [
      endpoint.id,
      accountOf(endpoint.account_id),
      isLive(endpoint.account_id) ? 'live' : 'test',
      endpoint.status,
      endpoint.enabled_events.join(','),
      endpoint.url
    ])
    return table([['id', 'account', 'mode', 'status', 'events', 'url'], ...rows])
  })

/** Replaces the signing secret of an endpoint, and returns the new one. Throws StartError. */
export const rollSecretCommand = (
  settings: Settings,
  say: Say,
  { id, hours }: { id: string; hours: number }
): Promise<string> =>
  withTables(settings, say, async ({ db }) => {
    const secretsKey = keyFor('secrets', await existingFingerprintKey(settings))
    const endpoint = await findEndpointAnywhere(db, id)
    const until = hours === 0 ? null : now() + hours * 3600
    const rolled = endpoint && (await rollSecret(db, endpoint.account_id, id, until))
    if (!rolled)
      throw new StartError(`There is no webhook endpoint ${id}: webhooks list shows all endpoints.`)
    say(
      hours === 0
        ? 'The old secret no longer signs.'
        : `For ${hours === 1 ? '1 hour' : `${hours} hours`}, deliveries are also signed with the old secret.`
    )
    return signingSecret(secretsKey, rolled.account_id, id, rolled.secret_generation)
  })
