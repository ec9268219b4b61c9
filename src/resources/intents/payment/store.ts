import { type Queryable, statement } from '../../../../plugins/database/database'
import { listing, type Page } from '../../../../plugins/database/listing'
import type { NextAction } from '../next-action'
import type { LastError } from '../last-error'
import type { Shipping } from './shipping'

export type PaymentIntentStatus =
  | 'requires_payment_method'
  | 'requires_confirmation'
  | 'requires_action'
  | 'requires_capture'
  | 'processing'
  | 'succeeded'
  | 'canceled'

export type CaptureMethod = 'automatic' | 'automatic_async' | 'manual'
export type FutureUsage = 'off_session' | 'on_session'

/** What was said of cards alone; it goes before what was said of the whole payment. */
export interface CardOptions {
  capture_method?: 'manual'
  setup_future_usage?: FutureUsage | 'none'
}

export interface Authentication {
  reference: string
  passed: boolean
  /** Where the browser is to go afterwards; null where it stays where it is. */
  return_url: string | null
}

/** What a payment intent shows and is never looked up by, and what its next confirm needs to know. */
export interface PaymentIntentDetails {
  /** The reference of an authentication: begun, or passed where the next confirm is to use it. */
  authentication: Authentication | null
  automatic_payment_methods: { allow_redirects?: 'always' | 'never'; enabled: boolean } | null
  canceled_at: number | null
  cancellation_reason: string | null
  capture_method: CaptureMethod
  card_options: CardOptions
  confirmation_method: 'automatic' | 'manual'
  description: string | null
  last_payment_error: LastError | null
  next_action: NextAction | null
  receipt_email: string | null
  setup_future_usage: FutureUsage | null
  shipping: Shipping | null
  statement_descriptor: string | null
  statement_descriptor_suffix: string | null
}

/** A payment intent as the database and an event have it; amounts in the smallest unit. */
export interface PaymentIntentRow {
  id: string
  created: number
  status: PaymentIntentStatus
  amount: number
  amount_capturable: number
  amount_received: number
  currency: string
  customer_id: string | null
  payment_method_id: string | null
  latest_charge_id: string | null
  details: PaymentIntentDetails
  metadata: Record<string, string>
}

export const insertPaymentIntent = async (
  tx: Queryable,
  account: string,
  row: PaymentIntentRow
): Promise<void> => {
  await tx.query(insert, values(account, row))
}

export const updatePaymentIntentRow = async (
  tx: Queryable,
  account: string,
  row: PaymentIntentRow
): Promise<void> => {
  await tx.query(update, values(account, row))
}

export const findPaymentIntent = async (
  db: Queryable,
  account: string,
  id: string
): Promise<PaymentIntentRow | undefined> => (await db.query(find, [account, id]))[0]

/** The same, held until the transaction's end against every other change. */
export const lockPaymentIntent = async (
  tx: Queryable,
  account: string,
  id: string
): Promise<PaymentIntentRow | undefined> => (await tx.query(lock, [account, id]))[0]

export const findPaymentIntents = (
  db: Queryable,
  account: string,
  ids: readonly string[]
): Promise<PaymentIntentRow[]> => db.query(findAll, [account, ids])

/** What a list of payment intents may be narrowed by. */
export interface PaymentIntentFilter {
  customer?: string | undefined
  created: readonly [from: number, to: number]
}

export const listPaymentIntents = (
  db: Queryable,
  account: string,
  { customer, created }: PaymentIntentFilter,
  page: Page
): Promise<PaymentIntentRow[]> =>
  customer === undefined ? all(db, account, page, created) : ofCustomer(db, account, page, created, customer)

const values = (account: string, row: PaymentIntentRow): unknown[] => [
  account,
  row.id,
  row.created,
  row.status,
  row.amount,
  row.amount_capturable,
  row.amount_received,
  row.currency,
  row.customer_id,
  row.payment_method_id,
  row.latest_charge_id,
  JSON.stringify(row.details),
  JSON.stringify(row.metadata)
]

const columns =
  'id, created, status, amount, amount_capturable, amount_received, currency, customer_id, payment_method_id, ' +
  'latest_charge_id, details, metadata'

type Row = PaymentIntentRow & Record<string, unknown>

const insert = statement(
  'insert_payment_intent',
  `insert into payment_vault.payment_intents (account_id, ${columns})
   values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`
)

const update = statement(
  'update_payment_intent',
  `update payment_vault.payment_intents
   set created = $3, status = $4, amount = $5, amount_capturable = $6, amount_received = $7, currency = $8,
     customer_id = $9, payment_method_id = $10, latest_charge_id = $11, details = $12, metadata = $13
   where account_id = $1 and id = $2`
)

const find = statement<Row>(
  'find_payment_intent',
  `select ${columns} from payment_vault.payment_intents where account_id = $1 and id = $2`
)

const lock = statement<Row>(
  'lock_payment_intent',
  `select ${columns} from payment_vault.payment_intents where account_id = $1 and id = $2 for no key update`
)

const findAll = statement<Row>(
  'find_payment_intents',
  `select ${columns} from payment_vault.payment_intents where account_id = $1 and id = any($2)`
)

const select = `select ${columns} from payment_vault.payment_intents`
const all = listing<Row>('list_payment_intents', select)
const ofCustomer = listing<Row>('list_payment_intents_of_customer', select, 'and customer_id = $7')
