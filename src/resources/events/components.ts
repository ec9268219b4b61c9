import { Type } from '@sinclair/typebox'
import { UnixTime } from '../../../plugins/params/schema'
import {
  alwaysNull,
  IdShown,
  ListOf,
  LivemodeShown,
  named,
  nullable,
  nullableHash,
  WireObject
} from '../../protocol/schemas'

const anyHash = (description: string) => Type.Unsafe<Record<string, unknown>>({ type: 'object', description })

const RequestShown = {
  id: nullable('string', { description: 'The `Request-Id` of its answer.' }),
  idempotency_key: nullable('string', { description: 'The `Idempotency-Key` that it was sent with.' })
}

export const Event = Type.Object(
  {
    id: IdShown,
    object: WireObject('event'),
    api_version: nullable('string', { description: 'The version that `data.object` is shown in.' }),
    context: Type.Optional(alwaysNull('string')),
    created: UnixTime({ description: 'When it was written, in Unix seconds.' }),
    data: Type.Object(
      {
        object: anyHash('What changed, as it was right after the change; of what was deleted, right before.'),
        previous_attributes: Type.Optional(anyHash('The values from before, of what changed.'))
      },
      { description: 'What happened.' }
    ),
    livemode: LivemodeShown,
    pending_webhooks: Type.Integer({
      description: 'Webhook endpoints that it has not been delivered to yet.'
    }),
    request: nullableHash(RequestShown, { description: 'The request that made the change.' }),
    type: Type.String({ description: 'What happened to what: `payment_method.attached`.' })
  },
  { ...named('event'), description: 'A change, written down together with it.' }
)

export const EventList = ListOf('event_list', Event)

export const eventComponents = [Event, EventList]
