import { renders } from '../../protocol/versioned'
import { Type } from '@sinclair/typebox'
import { UnixTime } from '../../../plugins/params/schema'
import {
  alwaysNull,
  IdShown,
  ListOf,
  LivemodeShown,
  MetadataShown,
  named,
  nullable,
  WireObject
} from '../../protocol/schemas'
import { ascending } from '../../../plugins/json/json'
import type { Call } from '../call'
import type { WebhookEndpointRow } from './store'

export const WebhookEndpoint = Type.Object(
  {
    id: IdShown,
    object: WireObject('webhook_endpoint'),
    api_version: nullable('string', {
      description: "The version that events are sent in; null stands for the vault's default."
    }),
    application: alwaysNull('string'),
    created: UnixTime({ description: 'When it was made, in Unix seconds.' }),
    description: nullable('string', { description: 'What it is for.' }),
    enabled_events: Type.Array(Type.String(), { description: 'The types of events that are sent.' }),
    livemode: LivemodeShown,
    metadata: MetadataShown,
    secret: Type.Optional(
      Type.String({ description: 'What deliveries are signed with; told once, when it is made.' })
    ),
    status: Type.Unsafe<string>({
      type: 'string',
      enum: ['disabled', 'enabled'],
      description: 'Whether anything is sent to it.'
    }),
    url: Type.String({ description: 'Where events are posted to.' })
  },
  { ...named('webhook_endpoint'), description: 'Where events are sent to, and which ones.' }
)

export const DeletedWebhookEndpoint = Type.Object(
  {
    id: IdShown,
    object: WireObject('webhook_endpoint'),
    deleted: Type.Unsafe<true>({ type: 'boolean', enum: [true], description: 'It is there no more.' })
  },
  { ...named('deleted_webhook_endpoint'), description: 'What is left of a deleted webhook endpoint.' }
)

export const WebhookEndpointList = ListOf('webhook_endpoint_list', WebhookEndpoint)

/** The endpoint without its secret, keys in the wire's order. */
export const webhookEndpointToObject = renders(WebhookEndpoint)(
  ({ livemode }: Pick<Call, 'livemode'>, row: WebhookEndpointRow) => ({
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
)

/** What only the answer to its creation shows. */
export function withSecret(
  { status, url, ...rest }: ReturnType<typeof webhookEndpointToObject>,
  secret: string
) {
  return { ...rest, secret, status, url }
}

export const deletedWebhookEndpointToObject = renders(DeletedWebhookEndpoint)((id: string) => ({
  id,
  object: 'webhook_endpoint' as const,
  deleted: true as const
}))
