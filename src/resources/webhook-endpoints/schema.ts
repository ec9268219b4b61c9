import { type Static, Type } from '@sinclair/typebox'
import { Clearable, Hash, Metadata, MetadataUpdate, OneOf } from '../../../plugins/params/schema'
import { subscribableTypes } from '../events/types'
import { ClearableText, ExpandParam, pageParams, Text } from '../../protocol/schemas'

export const WebhookEndpointPath = Hash({
  webhook_endpoint: Text(5000, {
    description: "The webhook endpoint's id.",
    examples: ['we_1VkQ2fLkdIwHu7ixD6hPz4Tq']
  })
})

const url = Text(2048, {
  description:
    'Where events are posted to. In live mode https, and nothing that is not on the public internet.'
})

const enabledEvents = Type.Array(OneOf(subscribableTypes), {
  description:
    'The types of events to send, `*` for all of them. A type that is never written here is taken too.'
})

const description = Type.Optional(ClearableText(5000, { description: 'What it is for.' }))

export const CreateWebhookEndpointBody = Hash(
  {
    api_version: Type.Optional(
      Text(5000, { description: "The version that events are sent in; the vault's default unless given." })
    ),
    connect: Type.Optional(
      Type.Boolean({
        description: 'Events of connected accounts: nothing stands behind it, true is refused.'
      })
    ),
    description,
    enabled_events: enabledEvents,
    expand: ExpandParam,
    metadata: Type.Optional(
      Clearable(Metadata(), { description: "The caller's own notes: 50 keys at most, of 40 characters." })
    ),
    url
  },
  { examples: [{ url: 'https://example.com/webhooks', enabled_events: ['payment_method.attached'] }] }
)
export type CreateWebhookEndpointParams = Static<typeof CreateWebhookEndpointBody>

export const UpdateWebhookEndpointBody = Hash(
  {
    description,
    disabled: Type.Optional(Type.Boolean({ description: 'Whether nothing is to be sent to it.' })),
    enabled_events: Type.Optional(enabledEvents),
    expand: ExpandParam,
    metadata: Type.Optional(
      MetadataUpdate({
        description: 'Merged into what is there: an empty value deletes its key, an empty string all of them.'
      })
    ),
    url: Type.Optional(url)
  },
  { examples: [{ disabled: true }] }
)
export type UpdateWebhookEndpointParams = Static<typeof UpdateWebhookEndpointBody>

export const ListWebhookEndpointsQuery = Hash(pageParams)
export type ListWebhookEndpointsParams = Static<typeof ListWebhookEndpointsQuery>
