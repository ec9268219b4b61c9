import type { View } from '../../protocol/view'
import type { ChargeRow } from '../charges/store'
import { chargeToWire } from '../charges/wire'
import type { CustomerRow } from '../customers/row'
import { customerToWire } from '../customers/wire'
import type { PaymentIntentRow } from '../intents/payment/store'
import { paymentIntentToWire } from '../intents/payment/wire'
import type { PaymentMethodRow } from '../payment-methods/store'
import { paymentMethodToWire } from '../payment-methods/wire'
import type { RefundRow } from '../refunds/store'
import { refundToWire } from '../refunds/wire'
import type { SetupIntentRow } from '../intents/setup/store'
import { setupIntentToWire } from '../intents/setup/wire'
import type { EventType } from './event'

/** The object that an event tells of, from its row as the event has it, in the view's version. */
export function objectToWire(view: View, type: EventType, row: object): object {
  const [noun = ''] = type.split('.', 1)
  const toWire = renderers[noun as Noun]
  if (!toWire) throw new Error(`nobody knows what the object of ${type} looks like`)
  return toWire(view, row)
}

/** What the types of events begin with. */
type Noun = EventType extends `${infer N}.${string}` ? N : never

const renderers: Partial<Record<Noun, (view: View, row: object) => object>> = {
  charge: (view, row) => chargeToWire(view, row as ChargeRow),
  customer: (view, row) => customerToWire(view, row as CustomerRow),
  payment_intent: (view, row) => paymentIntentToWire(view, row as PaymentIntentRow),
  payment_method: (view, row) => paymentMethodToWire(view, row as PaymentMethodRow),
  refund: (_view, row) => refundToWire(row as RefundRow),
  setup_intent: (view, row) => setupIntentToWire(view, row as SetupIntentRow)
}
