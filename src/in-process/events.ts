import type { chargeToObject } from '../resources/payments/charges/object'
import type { customerToObject } from '../resources/customers/object'
import type { EventType } from '../resources/events/event'
import type { eventToObject } from '../resources/events/object'
import type { WholePaymentIntent } from '../resources/intents/payment/object'
import type { paymentMethodToObject } from '../resources/payment-methods/object'
import type { refundToObject } from '../resources/payments/refunds/object'
import type { WholeSetupIntent } from '../resources/intents/setup/object'

/**
 * An event as `GET /v1/events/:id` returns it in the vault's default API version. It lacks `pending_webhooks`, which is
 * not yet known, and has `account`, because a host receives the events of all accounts. Discriminated by `type`.
 */
export type VaultEvent<Name extends EventType = EventType> = { [Each in Name]: EventNamed<Each> }[Name]

interface EventNamed<Name extends EventType> extends Omit<Shown, 'pending_webhooks' | 'data' | 'type'> {
  account: string
  data: {
    /** The object right after the change, or right before its deletion. */
    object: EventObject<Name>
    /** The previous values of the changed attributes. */
    previous_attributes?: Record<string, unknown>
  }
  type: Name
}

type Shown = ReturnType<typeof eventToObject>

/** The object that an event of this type carries. */
export type EventObject<Name extends EventType> = Name extends `${infer Noun}.${string}`
  ? Noun extends keyof Objects
    ? Objects[Noun]
    : Record<string, unknown>
  : never

export type PaymentMethodObject = ReturnType<typeof paymentMethodToObject>
/** The event of a deletion carries the customer from before the deletion. */
export type CustomerObject = Exclude<ReturnType<typeof customerToObject>, { deleted: true }>

interface Objects {
  charge: ReturnType<typeof chargeToObject>
  customer: CustomerObject
  payment_intent: WholePaymentIntent
  payment_method: PaymentMethodObject
  refund: ReturnType<typeof refundToObject>
  setup_intent: WholeSetupIntent
}
