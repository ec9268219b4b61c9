import type { Queryable } from '../../../../plugins/database/statement'
import type { Page } from '../../../../plugins/database/listing'
import { table } from '../../../../plugins/database/table'
import type { BillingDetails } from '../../payment-methods/store'
import type { StoredCard } from '../../payment-methods/stored-card'
import type { CardChecks } from '../../../processor/card-checks'
import type { Shipping } from '../../intents/payment/shipping'

/** What came of it with the bank. */
export interface ChargeOutcome {
  advice_code: string | null
  network_advice_code: string | null
  network_decline_code: string | null
  network_status: 'approved_by_network' | 'declined_by_network'
  reason: string | null
  seller_message: string
  type: 'authorized' | 'issuer_declined'
}

/** What a charge shows and is never looked up by. */
export interface ChargeDetails {
  /** Its holder has proved that it is them. */
  authenticated: boolean
  billing_details: BillingDetails
  card: StoredCard
  checks: Partial<CardChecks>
  description: string | null
  failure_code: string | null
  failure_message: string | null
  outcome: ChargeOutcome
  receipt_email: string | null
  /** What was reserved and never taken, in the smallest unit: the wire counts it as refunded. */
  released: number
  shipping: Shipping | null
  statement_descriptor: string | null
  statement_descriptor_suffix: string | null
}

/** A charge as the database and an event have it; amounts in the smallest unit. */
export interface ChargeRow {
  id: string
  created: number
  status: 'succeeded' | 'failed'
  amount: number
  amount_captured: number
  amount_refunded: number
  currency: string
  captured: boolean
  customer_id: string | null
  payment_intent_id: string
  payment_method_id: string | null
  /** What the processor knows the authorisation by; null where it refused. */
  reference: string | null
  details: ChargeDetails
  metadata: Record<string, string>
}

const charges = table<ChargeRow>('charge', [
  'id',
  'created',
  'status',
  'amount',
  'amount_captured',
  'amount_refunded',
  'currency',
  'captured',
  'customer_id',
  'payment_intent_id',
  'payment_method_id',
  'reference',
  'details',
  'metadata'
])

export const findCharge = charges.find()
export const findCharges = charges.findMany()
export const insertCharge = charges.insert()

/** Writes what changes about a charge. The caller must hold the lock on its intent's row. */
export const updateCharge = charges.update('amount_captured', 'amount_refunded', 'captured', 'details')

/** What a list of charges may be narrowed by. */
export interface ChargeFilter {
  customer?: string | undefined
  payment_intent?: string | undefined
  created: readonly [from: number, to: number]
}

export const listCharges = (
  db: Queryable,
  account: string,
  { customer, payment_intent: intent, created }: ChargeFilter,
  page: Page
): Promise<ChargeRow[]> => {
  // A payment intent has few, so both go by that.
  if (intent !== undefined) return ofIntent(db, account, page, created, intent, customer ?? null)
  if (customer !== undefined) return ofCustomer(db, account, page, created, customer)
  return all(db, account, page, created)
}

const all = charges.page('list_charges')
const ofCustomer = charges.page('list_charges_of_customer', 'and customer_id = $7')
const ofIntent = charges.page(
  'list_charges_of_payment_intent',
  'and payment_intent_id = $7 and ($8::text is null or customer_id = $8)'
)
