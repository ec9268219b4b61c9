import type { Queryable } from '../../../../plugins/database/statement'
import type { Page } from '../../../../plugins/database/listing'
import { table } from '../../../../plugins/database/table'

/** A refund as the database and an event have it; the amount in the smallest unit. */
export interface RefundRow {
  id: string
  created: number
  status: 'succeeded'
  amount: number
  currency: string
  charge_id: string
  payment_intent_id: string
  reason: string | null
  metadata: Record<string, string>
}

const refunds = table<RefundRow>('refund', [
  'id',
  'created',
  'status',
  'amount',
  'currency',
  'charge_id',
  'payment_intent_id',
  'reason',
  'metadata'
])

export const findRefund = refunds.find()
export const insertRefund = refunds.insert()

/** What a list of refunds may be narrowed by. */
export interface RefundFilter {
  charge?: string | undefined
  payment_intent?: string | undefined
  created: readonly [from: number, to: number]
}

export const listRefunds = (
  db: Queryable,
  account: string,
  { charge, payment_intent: intent, created }: RefundFilter,
  page: Page
): Promise<RefundRow[]> => {
  // A charge has few, so both go by that.
  if (charge !== undefined) return ofCharge(db, account, page, created, charge, intent ?? null)
  if (intent !== undefined) return ofIntent(db, account, page, created, intent)
  return all(db, account, page, created)
}

const all = refunds.page('list_refunds')
const ofIntent = refunds.page('list_refunds_of_payment_intent', 'and payment_intent_id = $7')
const ofCharge = refunds.page(
  'list_refunds_of_charge',
  'and charge_id = $7 and ($8::text is null or payment_intent_id = $8)'
)
