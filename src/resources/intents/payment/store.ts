import type { Queryable } from '../../../../plugins/database/statement'
import type { Page } from '../../../../plugins/database/listing'
import { table } from '../../../../plugins/database/table'
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
  cancellation_reason: 'abandoned' | 'duplicate' | 'fraudulent' | 'requested_by_customer' | null
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

const paymentIntents = table<PaymentIntentRow>('payment_intent', [
  'id',
  'created',
  'status',
  'amount',
  'amount_capturable',
  'amount_received',
  'currency',
  'customer_id',
  'payment_method_id',
  'latest_charge_id',
  'details',
  'metadata'
])

export const findPaymentIntent = paymentIntents.find()
export const findPaymentIntents = paymentIntents.findMany()
export const lockPaymentIntent = paymentIntents.lock()
export const insertPaymentIntent = paymentIntents.insert()
export const updatePaymentIntentRow = paymentIntents.update()

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

const all = paymentIntents.page('list_payment_intents')
const ofCustomer = paymentIntents.page('list_payment_intents_of_customer', 'and customer_id = $7')
