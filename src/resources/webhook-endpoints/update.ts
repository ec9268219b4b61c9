import { type Answer, once } from '../../../plugins/idempotency/idempotency'
import type { Call } from '../call'
import { mergeMetadata } from '../../protocol/values/metadata'
import { noSuchWebhookEndpoint } from './errors'
import { eventsOf } from './events'
import type { UpdateWebhookEndpointParams } from './schema'
import { lockWebhookEndpoint, updateWebhookEndpoint as write, type WebhookEndpointRow } from './store'
import { checkUrl } from './url'
import { webhookEndpointToObject } from './object'

/** Changes what was given. What was written before the change goes where it then was meant to go, if it still can. */
export async function updateWebhookEndpoint(
  call: Call,
  id: string,
  params: UpdateWebhookEndpointParams
): Promise<Answer> {
  if (params.url !== undefined) checkUrl(params.url, call.livemode)
  const events = params.enabled_events && eventsOf(params.enabled_events)
  return once(call.vault.db, call.attempt, async (tx) => {
    const row = await lockWebhookEndpoint(tx, call.account, id)
    if (!row) throw await noSuchWebhookEndpoint(tx, call, id)
    const changed: WebhookEndpointRow = {
      ...row,
      url: params.url ?? row.url,
      description: params.description === undefined ? row.description : params.description,
      enabled_events: events ?? row.enabled_events,
      status: params.disabled === undefined ? row.status : params.disabled ? 'disabled' : 'enabled',
      metadata: mergeMetadata(row.metadata, params.metadata)
    }
    await write(tx, changed)
    return webhookEndpointToObject(call, changed)
  })
}
