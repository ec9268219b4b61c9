import { ascending } from '../../../plugins/json/json'
import type { RefundRow } from './store'

/** The refund, keys in the wire's order: the same in every version. */
export function refundToObject(row: RefundRow) {
  return {
    id: row.id,
    object: 'refund' as const,
    amount: row.amount,
    balance_transaction: null,
    charge: row.charge_id,
    created: row.created,
    currency: row.currency,
    destination_details: { card: { type: 'refund' }, type: 'card' },
    metadata: ascending(row.metadata),
    payment_intent: row.payment_intent_id,
    reason: row.reason,
    receipt_number: null,
    source_transfer_reversal: null,
    status: row.status,
    transfer_reversal: null
  }
}
