import { type Queryable, statement } from '../../plugins/database'
import type { Call } from '../call'
import { newId } from '../wire/ids'
import { now } from '../wire/time'

/** The event types that the vault writes. */
export type EventType =
  | 'customer.created'
  | 'customer.deleted'
  | 'customer.updated'
  | 'payment_method.attached'
  | 'payment_method.detached'
  | 'payment_method.updated'

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
  await tx.query(insertEvent, [
    call.account,
    newId('evt'),
    now(),
    type,
    JSON.stringify(object),
    previous ? JSON.stringify(previous) : null,
    call.requestId,
    call.attempt?.key ?? null
  ])
}

const insertEvent = statement(
  'insert_event',
  `insert into payment_vault.events
     (account_id, id, created, type, object, previous_attributes, request_id, idempotency_key)
   values ($1, $2, $3, $4, $5, $6, $7, $8)`
)
