import type { chargeToObject } from '../resources/payments/charges/object'
import type { customerToObject } from '../resources/customers/object'
import type { EventType } from '../resources/events/event'
import type { eventToObject } from '../resources/events/object'
import type { WholePaymentIntent } from '../resources/intents/payment/object'
import type { paymentMethodToObject } from '../resources/payment-methods/object'
import type { refundToObject } from '../resources/payments/refunds/object'
import type { WholeSetupIntent } from '../resources/intents/setup/object'

/**
 * An event as `GET /v1/events/:id` answers it in the vault's default version, but for `pending_webhooks`, which nobody
 * knows yet; with `account`, since a host hears of all of them. Told apart by `type`.
 */
export type VaultEvent<Name extends EventType = EventType> = { [Each in Name]: EventNamed<Each> }[Name]

interface EventNamed<Name extends EventType> extends Omit<Shown, 'pending_webhooks' | 'data' | 'type'> {
  account: string
  data: {
    /** As it was right after the change; of what was deleted, right before. */
    object: EventObject<Name>
    /** The values from before, of what changed. */
    previous_attributes?: Record<string, unknown>
  }
  type: Name
}

type Shown = ReturnType<typeof eventToObject>

/** What an event of this name tells of. */
export type EventObject<Name extends EventType> = Name extends `${infer Noun}.${string}`
  ? Noun extends keyof Objects
    ? Objects[Noun]
    : Record<string, unknown>
  : never

export type PaymentMethodObject = ReturnType<typeof paymentMethodToObject>
/** A deleted customer too is told of as they were before. */
export type CustomerObject = Exclude<ReturnType<typeof customerToObject>, { deleted: true }>

interface Objects {
  charge: ReturnType<typeof chargeToObject>
  customer: CustomerObject
  payment_intent: WholePaymentIntent
  payment_method: PaymentMethodObject
  refund: ReturnType<typeof refundToObject>
  setup_intent: WholeSetupIntent
}
