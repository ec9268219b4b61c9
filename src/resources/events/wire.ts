import { carries, everyKey } from '../../protocol/versions'
import { renderObject } from './render-object'
import type { View } from '../../protocol/view'
import { shownPrevious } from './render-previous-attributes'
import type { EventRow } from './event'

/** The event in the view's version, its object too; keys in the wire's order. */
export function eventToObject(view: View, row: EventRow, pendingWebhooks: number) {
  const object = renderObject(view, row.type, row.object)
  const previous = row.previous_attributes && previousToObject(view, row, object, row.previous_attributes)
  return {
    id: row.id,
    object: 'event' as const,
    api_version: view.version,
    ...(carries(view.version, 'event.context') && { context: null }),
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
}

/** Kept with the keys of every version: of those, this one has as many as the object itself shows. */
const previousToObject = (view: View, { type, object }: EventRow, shown: object, previous: object) =>
  shownPrevious(previous, shown, renderObject({ ...view, version: everyKey }, type, object))
