import { type Queryable, statement } from '../../../plugins/database/database'
import { listing, type Page } from '../../../plugins/database/listing'
import type { BillingDetails } from '../payment-methods/store'
import type { StoredCard } from '../payment-methods/stored-card'
import type { CardChecks } from '../../processor/card-checks'
import type { Shipping } from '../intents/payment/shipping'

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

export async function insertCharge(tx: Queryable, account: string, row: ChargeRow): Promise<void> {
  await tx.query(insert, [
    account,
    row.id,
    row.created,
    row.status,
    row.amount,
    row.amount_captured,
    row.amount_refunded,
    row.currency,
    row.captured,
    row.customer_id,
    row.payment_intent_id,
    row.payment_method_id,
    row.reference,
    JSON.stringify(row.details),
    JSON.stringify(row.metadata)
  ])
}

/** Writes what changes about a charge. Its intent's row must be held. */
export async function updateCharge(tx: Queryable, account: string, row: ChargeRow): Promise<void> {
  await tx.query(update, [
    account,
    row.id,
    row.amount_captured,
    row.amount_refunded,
    row.captured,
    JSON.stringify(row.details)
  ])
}

export const findCharge = async (
  db: Queryable,
  account: string,
  id: string
): Promise<ChargeRow | undefined> => (await db.query(find, [account, id]))[0]

export const findCharges = (db: Queryable, account: string, ids: readonly string[]): Promise<ChargeRow[]> =>
  db.query(findAll, [account, ids])

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

const columns =
  'id, created, status, amount, amount_captured, amount_refunded, currency, captured, customer_id, ' +
  'payment_intent_id, payment_method_id, reference, details, metadata'

type Row = ChargeRow & Record<string, unknown>

const insert = statement(
  'insert_charge',
  `insert into payment_vault.charges (account_id, ${columns})
   values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)`
)

const update = statement(
  'update_charge',
  `update payment_vault.charges
   set amount_captured = $3, amount_refunded = $4, captured = $5, details = $6
   where account_id = $1 and id = $2`
)

const find = statement<Row>(
  'find_charge',
  `select ${columns} from payment_vault.charges where account_id = $1 and id = $2`
)

const findAll = statement<Row>(
  'find_charges',
  `select ${columns} from payment_vault.charges where account_id = $1 and id = any($2)`
)

const select = `select ${columns} from payment_vault.charges`
const all = listing<Row>('list_charges', select)
const ofCustomer = listing<Row>('list_charges_of_customer', select, 'and customer_id = $7')
const ofIntent = listing<Row>(
  'list_charges_of_payment_intent',
  select,
  'and payment_intent_id = $7 and ($8::text is null or customer_id = $8)'
)
