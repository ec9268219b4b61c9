import { ascending } from '../../../plugins/json/json'
import type { Call } from '../call'
import type { WebhookEndpointRow } from './store'

/** The endpoint without its secret, keys in the wire's order. */
export const webhookEndpointToObject = ({ livemode }: Pick<Call, 'livemode'>, row: WebhookEndpointRow) => ({
  id: row.id,
  object: 'webhook_endpoint' as const,
  api_version: row.api_version,
  application: null,
  created: row.created,
  description: row.description,
  enabled_events: row.enabled_events,
  livemode,
  metadata: ascending(row.metadata),
  status: row.status,
  url: row.url
})

/** What only the answer to its creation shows. */
export function withSecret(
  { status, url, ...rest }: ReturnType<typeof webhookEndpointToObject>,
  secret: string
) {
  return { ...rest, secret, status, url }
}

export const deletedWebhookEndpointToObject = (id: string) => ({
  id,
  object: 'webhook_endpoint' as const,
  deleted: true as const
})
