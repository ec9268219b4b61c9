import type { Queryable } from '../../../plugins/database/statement'
import type { Call } from '../call'
import { writeEvent } from '../events/store'
import { noSuchPaymentMethod } from '../payment-methods/errors'
import { sharedCard } from '../payment-methods/new-payment-method'
import { findPaymentMethod } from '../payment-methods/store'
import { notTheirPaymentMethod } from './errors'
import { updateCustomerRow } from './store'
import type { CustomerRow } from './row'

/**
 * The id, if it is a payment method that is attached to this customer; throws the refusal otherwise. The transaction
 * must hold the customer's row: a detach takes it first, so what is attached now stays so until the end.
 */
export async function defaultOf(tx: Queryable, call: Call, customer: string, id: string): Promise<string> {
  const row = await findPaymentMethod(tx, call.account, id)
  // A shared id stands for a payment method of its own each time, so it is never one that is attached already.
  if (row ? row.customer_id !== customer : await sharedCard(call, id)) throw notTheirPaymentMethod(id)
  if (!row) throw await noSuchPaymentMethod(tx, call, id, 'invoice_settings[default_payment_method]')
  return id
}

/** Takes a payment method that is no longer the customer's from being their default, with the event that tells so. */
export async function clearDefault(
  tx: Queryable,
  call: Call,
  customer: CustomerRow,
  id: string
): Promise<void> {
  if (customer.default_payment_method !== id) return
  const changed = { ...customer, default_payment_method: null }
  await updateCustomerRow(tx, call.account, changed)
  await writeEvent(tx, call, 'customer.updated', changed, {
    invoice_settings: { default_payment_method: id }
  })
}
