import { Type } from '@sinclair/typebox'
import { UnixTime } from '../../../plugins/params/schema'
import {
  alwaysNull,
  IdShown,
  LivemodeShown,
  named,
  nullable,
  nullableHash,
  WireObject
} from '../../protocol/schemas'
import { everyKey } from '../../protocol/versions'
import { keysByVersion, renders, since } from '../../protocol/versioned'
import { kindIn, type Viewer } from '../../protocol/resource/objects'
import { shownPrevious } from './render-previous-attributes'
import type { EventRow } from './event'

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
    context: since('2025-04-30', alwaysNull('string')),
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

const shows = keysByVersion(Event)

/** The event in the view's version, its object too; keys in the wire's order. */
export const eventToObject = renders(Event)((view: Viewer, row: EventRow, pendingWebhooks: number) => {
  const object = objectIn(view, row)
  const previous = row.previous_attributes && previousToObject(view, row, object, row.previous_attributes)
  return {
    id: row.id,
    object: 'event' as const,
    api_version: view.version,
    ...(shows(view.version, 'context') && { context: null }),
    created: row.created,
    data: { object, ...(previous && { previous_attributes: previous }) },
    livemode: view.livemode,
    pending_webhooks: pendingWebhooks,
    request:
      row.request_id === null && row.idempotency_key === null
        ? null
        : { id: row.request_id, idempotency_key: row.idempotency_key },
    type: row.type
  }
})

/** Kept with the keys of every version: of those, this one has as many as the object itself shows. */
const previousToObject = (view: Viewer, row: EventRow, shown: object, previous: object) =>
  shownPrevious(previous, shown, objectIn({ ...view, version: everyKey }, row))

/** Renders the object that an event tells of: its type begins with the kind. */
function objectIn(view: Viewer, { type, object }: EventRow): Record<string, unknown> {
  const [kind = ''] = type.split('.', 1)
  return kindIn(view.vault.objects, kind).toObject(view, object) as Record<string, unknown>
}
