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
