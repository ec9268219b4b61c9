import { ascending } from '../../../plugins/json/json'
import type { View } from '../../protocol/view'
import { cardOf, checksOf } from '../payment-methods/stored-card'
import { billingDetailsToObject } from '../payment-methods/wire'
import { shippingToObject } from '../intents/payment/shipping'
import { carries, stillCarries } from '../../protocol/versions'
import type { ChargeOutcome, ChargeRow } from './store'

type ChargeView = Pick<View, 'version' | 'livemode'>

/** The charge as this call's version has it, keys in the wire's order. */
export function chargeToObject({ version, livemode }: ChargeView, row: ChargeRow) {
  const { details } = row
  // What was reserved and never taken counts as given back.
  const refunded = row.amount_refunded + details.released
  return {
    id: row.id,
    object: 'charge' as const,
    amount: row.amount,
    amount_captured: row.amount_captured,
    amount_refunded: refunded,
    application: null,
    application_fee: null,
    application_fee_amount: null,
    balance_transaction: null,
    billing_details: billingDetailsToObject(version, details.billing_details),
    calculated_statement_descriptor: details.statement_descriptor,
    captured: row.captured,
    created: row.created,
    currency: row.currency,
    customer: row.customer_id,
    description: details.description,
    destination: null,
    dispute: null,
    disputed: false,
    failure_balance_transaction: null,
    failure_code: details.failure_code,
    failure_message: details.failure_message,
    fraud_details: {},
    ...(stillCarries(version, 'charge.invoice') && { invoice: null }),
    livemode,
    metadata: ascending(row.metadata),
    on_behalf_of: null,
    order: null,
    outcome: outcomeToObject(version, details.outcome),
    paid: row.status === 'succeeded',
    payment_intent: row.payment_intent_id,
    payment_method: row.payment_method_id,
    payment_method_details: { card: cardToObject(version, row), type: 'card' },
    receipt_email: details.receipt_email,
    receipt_number: null,
    receipt_url: null,
    refunded: row.status === 'succeeded' && refunded === row.amount,
    review: null,
    shipping: shippingToObject(details.shipping),
    source: null,
    source_transfer: null,
    statement_descriptor: details.statement_descriptor,
    statement_descriptor_suffix: details.statement_descriptor_suffix,
    status: row.status,
    transfer_data: null,
    transfer_group: null
  }
}

const outcomeToObject = (version: string, outcome: ChargeOutcome) => ({
  ...(carries(version, 'charge.outcome.advice_code') && {
    advice_code: outcome.advice_code,
    network_advice_code: outcome.network_advice_code,
    network_decline_code: outcome.network_decline_code
  }),
  network_status: outcome.network_status,
  reason: outcome.reason,
  // Nobody here guesses at fraud.
  risk_level: 'not_assessed',
  seller_message: outcome.seller_message,
  type: outcome.type
})

function cardToObject(version: string, row: ChargeRow) {
  const { authenticated, checks } = row.details
  const card = cardOf(row.details.card)
  return {
    amount_authorized: row.status === 'succeeded' ? row.amount : null,
    brand: card.brand,
    checks: checksOf(checks),
    country: card.country,
    exp_month: card.exp_month,
    exp_year: card.exp_year,
    fingerprint: card.fingerprint,
    funding: card.funding,
    installments: null,
    last4: card.last4,
    mandate: null,
    network: card.networks.preferred ?? card.brand,
    ...(carries(version, 'payment_method.card.regulated_status') && {
      regulated_status: card.regulated_status
    }),
    three_d_secure: authenticated
      ? {
          authentication_flow: 'challenge',
          electronic_commerce_indicator: null,
          exemption_indicator: null,
          result: 'authenticated',
          result_reason: null,
          transaction_id: null,
          version: null
        }
      : null,
    wallet: null
  }
}
