import { type TSchema, Type } from '@sinclair/typebox'
import { OneOf, UnixTime } from '../../../../plugins/params/schema'
import {
  BillingDetailsShown,
  billingDetailsToObject,
  ChecksShown,
  RegulatedStatusShown
} from '../../payment-methods/object'
import { ShippingShown, shippingToObject } from '../../intents/payment/shipping'
import {
  alwaysNull,
  expandable,
  IdShown,
  LivemodeShown,
  MetadataShown,
  named,
  nullable,
  nullableHash,
  WireObject
} from '../../../protocol/schemas'
import { ascending } from '../../../../plugins/json/json'
import type { View } from '../../../protocol/view'
import { cardOf, checksOf } from '../../payment-methods/stored-card'
import { keysByVersion, renders, since, until } from '../../../protocol/versioned'
import type { ChargeOutcome, ChargeRow } from './store'

const amount = (description: string) =>
  Type.Integer({ description: `${description} In the smallest unit of the currency.` })

const adviceSince = <T extends TSchema>(schema: T) => since('2025-01-27', schema)

const OutcomeShown = {
  advice_code: adviceSince(nullable('string', { description: 'What to do about a refused card.' })),
  network_advice_code: adviceSince(nullable('string', { description: "The card network's advice." })),
  network_decline_code: adviceSince(nullable('string', { description: "The card network's reason." })),
  network_status: OneOf(['approved_by_network', 'declined_by_network'], {
    description: 'What the bank said.'
  }),
  reason: nullable('string', { description: 'Why it was refused.' }),
  risk_level: Type.String({ description: 'Always `not_assessed` here.' }),
  seller_message: Type.String({ description: 'What came of it, for people.' }),
  type: OneOf(['authorized', 'issuer_declined'], { description: 'What came of it, for programs.' })
}

const Outcome = Type.Object(OutcomeShown, { description: 'What came of it.' })

const ThreeDSecureShown = {
  authentication_flow: nullable('string', { description: 'How its holder proved that it is them.' }),
  electronic_commerce_indicator: alwaysNull('string'),
  exemption_indicator: alwaysNull('string'),
  result: nullable('string', { description: 'How the authentication ended.' }),
  result_reason: alwaysNull('string'),
  transaction_id: alwaysNull('string'),
  version: alwaysNull('string')
}

const ChargedCardShown = Type.Object(
  {
    amount_authorized: nullable('integer', { description: 'What the bank agreed to.' }),
    brand: Type.String({ description: "The card's brand." }),
    checks: Type.Object(ChecksShown, { description: 'What was compared with what the bank knows.' }),
    country: nullable('string', { description: "The issuer's country, in two letters." }),
    exp_month: Type.Integer({ description: 'The last month in which the card is good, 1 to 12.' }),
    exp_year: Type.Integer({ description: 'The year of that month, in four digits.' }),
    fingerprint: nullable('string', { description: 'The same for the same number within an account.' }),
    funding: Type.String({ description: 'credit, debit, prepaid or unknown.' }),
    installments: alwaysNull('object'),
    last4: Type.String({ description: 'The last four digits of the number.' }),
    mandate: alwaysNull('string'),
    network: nullable('string', { description: 'The network that it went through.' }),
    regulated_status: RegulatedStatusShown,
    three_d_secure: nullableHash(ThreeDSecureShown, {
      description: "Set where the card's holder was authenticated for this charge."
    }),
    wallet: alwaysNull('object')
  },
  { description: 'The card, as it was when it was charged.' }
)

export const Charge = Type.Object(
  {
    id: IdShown,
    object: WireObject('charge'),
    amount: amount('What was asked for.'),
    amount_captured: amount('What was taken.'),
    amount_refunded: amount('What was given back; what was reserved and never taken counts as well.'),
    application: alwaysNull('string'),
    application_fee: alwaysNull('string'),
    application_fee_amount: alwaysNull('integer'),
    balance_transaction: alwaysNull('string'),
    billing_details: BillingDetailsShown,
    calculated_statement_descriptor: nullable('string', {
      description: "What the card's holder reads on their statement, where it was given."
    }),
    captured: Type.Boolean({ description: 'Whether anything was taken, or it is reserved only.' }),
    created: UnixTime({ description: 'When it was made, in Unix seconds.' }),
    currency: Type.String({ description: 'Three letters, in lower case.' }),
    customer: expandable(['customer', 'deleted_customer'], 'Whose card it is.'),
    description: nullable('string', { description: "The payment intent's." }),
    destination: alwaysNull('string'),
    dispute: alwaysNull('string'),
    disputed: Type.Boolean({ description: 'Always false here.' }),
    failure_balance_transaction: alwaysNull('string'),
    failure_code: nullable('string', { description: 'Why it failed, for programs.' }),
    failure_message: nullable('string', { description: 'Why it failed, for people.' }),
    fraud_details: Type.Object({}, { description: 'Always empty here.' }),
    invoice: until('2025-10-29', alwaysNull('string')),
    livemode: LivemodeShown,
    metadata: MetadataShown,
    on_behalf_of: alwaysNull('string'),
    order: alwaysNull('string'),
    outcome: Outcome,
    paid: Type.Boolean({ description: 'Whether it succeeded, also if it is reserved only.' }),
    payment_intent: expandable(['payment_intent'], 'The payment intent that it belongs to.'),
    payment_method: nullable('string', { description: 'The payment method that was charged.' }),
    payment_method_details: Type.Object(
      { card: ChargedCardShown, type: Type.String({ description: 'Always `card` here.' }) },
      { description: 'What was charged.' }
    ),
    receipt_email: nullable('string', { description: "The payment intent's." }),
    receipt_number: alwaysNull('string'),
    receipt_url: alwaysNull('string'),
    refunded: Type.Boolean({ description: 'Whether all of it was given back.' }),
    review: alwaysNull('string'),
    shipping: ShippingShown,
    source: alwaysNull('object'),
    source_transfer: alwaysNull('string'),
    statement_descriptor: nullable('string', { description: "The payment intent's." }),
    statement_descriptor_suffix: nullable('string', { description: "The payment intent's." }),
    status: OneOf(['failed', 'pending', 'succeeded'], { description: 'What came of it.' }),
    transfer_data: alwaysNull('object'),
    transfer_group: alwaysNull('string')
  },
  { ...named('charge'), description: 'An attempt to take money with a payment intent.' }
)

const shows = keysByVersion(Charge)
const showsOfOutcome = keysByVersion(Outcome)
const showsOfCard = keysByVersion(ChargedCardShown)

type ChargeView = Pick<View, 'version' | 'livemode'>

/** The charge as this call's version has it, keys in the wire's order. */
export const chargeToObject = renders(Charge)(({ version, livemode }: ChargeView, row: ChargeRow) => {
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
    ...(shows(version, 'invoice') && { invoice: null }),
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
})

const outcomeToObject = renders(Outcome)((version: string, outcome: ChargeOutcome) => ({
  ...(showsOfOutcome(version, 'advice_code') && {
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
}))

const cardToObject = renders(ChargedCardShown)((version: string, row: ChargeRow) => {
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
    ...(showsOfCard(version, 'regulated_status') && {
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
})
