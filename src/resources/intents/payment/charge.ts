import type { ChargeDetails, ChargeOutcome, ChargeRow } from '../../payments/charges/store'
import type { PaymentMethodRow } from '../../payment-methods/store'
import { cardOf, storedChecks } from '../../payment-methods/stored-card'
import { CardRefused } from '../../../processor/card-processor'
import type { PaymentOutcome } from '../../../processor/payment-processor'
import { now } from '../../../protocol/values/time'
import type { ToAuthorize } from './to-authorize'
import { capturesLater } from './state'
import type { PaymentIntentRow } from './store'

/** The charge that an answer of the processor makes. */
export function chargeOf(
  intent: PaymentIntentRow,
  paymentMethod: PaymentMethodRow,
  what: Pick<ToAuthorize, 'charge' | 'payment'>,
  outcome: PaymentOutcome | CardRefused
): ChargeRow {
  const refusal = outcome instanceof CardRefused ? outcome : undefined
  const captured = !refusal && !capturesLater(intent)
  const { checks } = cardOf(paymentMethod.details)
  const { description, receipt_email, shipping, statement_descriptor, statement_descriptor_suffix } =
    intent.details
  const details: ChargeDetails = {
    authenticated: !refusal && what.payment.authentication !== undefined,
    billing_details: paymentMethod.billing_details,
    card: paymentMethod.details,
    checks: storedChecks(outcome instanceof CardRefused ? checks : (outcome.checks ?? checks)),
    description,
    failure_code: refusal?.fields.code ?? null,
    failure_message: refusal?.message ?? null,
    outcome: refusal ? declinedOutcome(refusal) : authorizedOutcome,
    receipt_email,
    released: 0,
    shipping,
    statement_descriptor,
    statement_descriptor_suffix
  }
  return {
    id: what.charge,
    created: now(),
    status: refusal ? 'failed' : 'succeeded',
    amount: intent.amount,
    amount_captured: captured ? intent.amount : 0,
    amount_refunded: 0,
    currency: intent.currency,
    captured,
    customer_id: intent.customer_id,
    payment_intent_id: intent.id,
    payment_method_id: paymentMethod.id,
    reference: outcome instanceof CardRefused ? null : outcome.reference,
    details,
    metadata: intent.metadata
  }
}

const authorizedOutcome: ChargeOutcome = {
  advice_code: null,
  network_advice_code: null,
  network_decline_code: null,
  network_status: 'approved_by_network',
  reason: null,
  seller_message: 'Payment complete.',
  type: 'authorized'
}

const declinedOutcome = ({ fields }: CardRefused): ChargeOutcome => {
  const text = (value: unknown) => (typeof value === 'string' ? value : null)
  return {
    advice_code: text(fields.advice_code),
    network_advice_code: text(fields.network_advice_code),
    network_decline_code: text(fields.network_decline_code),
    network_status: 'declined_by_network',
    reason: text(fields.decline_code) ?? text(fields.code),
    seller_message: 'The bank did not return any further details with this decline.',
    type: 'issuer_declined'
  }
}
