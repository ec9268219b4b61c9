import { type Queryable, statement } from '../../../plugins/database/database'
import type { Call } from '../call'
import { newId } from '../../protocol/values/ids'
import { now } from '../../protocol/values/time'

/** The event types that the vault writes. */
export const writtenTypes = [
  'charge.captured',
  'charge.failed',
  'charge.refunded',
  'charge.succeeded',
  'customer.created',
  'customer.deleted',
  'customer.updated',
  'payment_intent.amount_capturable_updated',
  'payment_intent.canceled',
  'payment_intent.created',
  'payment_intent.payment_failed',
  'payment_intent.processing',
  'payment_intent.requires_action',
  'payment_intent.succeeded',
  'payment_method.attached',
  'payment_method.automatically_updated',
  'payment_method.detached',
  'payment_method.updated',
  'refund.created',
  'setup_intent.canceled',
  'setup_intent.created',
  'setup_intent.requires_action',
  'setup_intent.setup_failed',
  'setup_intent.succeeded'
] as const

export type EventType = (typeof writtenTypes)[number]

/** An event as it is stored. */
export interface EventRow {
  id: string
  /** Seconds since 1970. */
  created: number
  type: EventType
  /** The row of what it tells of, after the change. */
  object: object
  previous_attributes: object | null
  request_id: string | null
  idempotency_key: string | null
}

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
