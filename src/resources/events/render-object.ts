import type { View } from '../../protocol/view'
import type { ChargeRow } from '../payments/charges/store'
import { chargeToObject } from '../payments/charges/object'
import type { CustomerRow } from '../customers/row'
import { customerToObject } from '../customers/object'
import type { PaymentIntentRow } from '../intents/payment/store'
import { paymentIntentToObject } from '../intents/payment/object'
import type { PaymentMethodRow } from '../payment-methods/store'
import { paymentMethodToObject } from '../payment-methods/object'
import type { RefundRow } from '../payments/refunds/store'
import { refundToObject } from '../payments/refunds/object'
import type { SetupIntentRow } from '../intents/setup/store'
import { setupIntentToObject } from '../intents/setup/object'
import type { EventType } from './event'

/** The object that an event tells of, from its row as the event has it, in the view's version. */
export function renderObject(view: View, type: EventType, row: object): Record<string, unknown> {
  const [noun = ''] = type.split('.', 1)
  const toObject = renderers[noun as Noun]
  if (!toObject) throw new Error(`nobody knows what the object of ${type} looks like`)
  return toObject(view, row)
}

/** What the types of events begin with. */
type Noun = EventType extends `${infer N}.${string}` ? N : never

const renderers: Partial<Record<Noun, (view: View, row: object) => Record<string, unknown>>> = {
  charge: (view, row) => chargeToObject(view, row as ChargeRow),
  customer: (view, row) => customerToObject(view, row as CustomerRow),
  payment_intent: (view, row) => paymentIntentToObject(view, row as PaymentIntentRow),
  payment_method: (view, row) => paymentMethodToObject(view, row as PaymentMethodRow),
  refund: (_view, row) => refundToObject(row as RefundRow),
  setup_intent: (view, row) => setupIntentToObject(view, row as SetupIntentRow)
}
