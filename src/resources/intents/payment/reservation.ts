import type { Queryable } from '../../../../plugins/database/statement'
import type { Call } from '../../call'
import { findCharge } from '../../payments/charges/store'
import type { Authorized } from '../../../processor/payment-processor'
import type { PaymentIntentRow } from './store'

/** What is reserved for an intent that waits to be captured: its charge, and what the processor knows it by. */
export async function reservation(
  tx: Queryable,
  call: Call,
  { latest_charge_id: id }: PaymentIntentRow
): Promise<{ charge: string; reserved: Authorized }> {
  const charge = id === null ? undefined : await findCharge(tx, call.account, id)
  if (charge?.reference == null) throw new Error('nothing is reserved')
  const { reference, amount, currency } = charge
  return { charge: charge.id, reserved: { reference, amount, currency } }
}
