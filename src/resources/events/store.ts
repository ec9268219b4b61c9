import { type Queryable, statement } from '../../../plugins/database/statement'
import type { Call } from '../call'
import type { EventRow, EventType } from './event'
import { newId } from '../../protocol/values/ids'
import { now } from '../../protocol/values/time'

/**
 * Writes an event in the transaction of the change that it tells of. `object` is the row after the change, not a
 * wire object: whoever reads the event gets it in the shape of a version of their own.
 */
export async function writeEvent(
  tx: Queryable,
  call: Call,
  type: EventType,
  object: object,
  previous?: object
): Promise<void> {
  const event = eventRow(call, newId('evt'), now(), type, object, previous)
  await tx.query(insertEvent, [
    call.account,
    event.id,
    event.created,
    type,
    JSON.stringify(object),
    previous ? JSON.stringify(previous) : null,
    event.request_id,
    event.idempotency_key
  ])
  tx.afterCommit(() => {
    call.vault.committed.announce(call, event)
  })
}

/** Tells the process of an event that a statement wrote by itself and committed. */
export function announceWritten(
  call: Call,
  { id, created }: Pick<EventRow, 'id' | 'created'>,
  type: EventType,
  object: object,
  previous?: object
): void {
  call.vault.committed.announce(call, eventRow(call, id, created, type, object, previous))
}

const eventRow = (
  { requestId, attempt }: Call,
  id: string,
  created: number,
  type: EventType,
  object: object,
  previous?: object
): EventRow => ({
  id,
  created,
  type,
  object,
  previous_attributes: previous ?? null,
  request_id: requestId,
  idempotency_key: attempt?.key ?? null
})

// With its deliveries: see the function.
const insertEvent = statement(
  'insert_event',
  'select payment_vault.write_event($1, $2, $3, $4, $5, $6, $7, $8)'
)
