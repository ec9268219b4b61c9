import { lockTimeout } from '../../../plugins/database/errors/lock-timeout'
import type { Queryable } from '../../../plugins/database/statement'
import { stateForbids, type WireError } from '../../../plugins/errors/errors'
import type { Call } from '../call'
import { findCustomer, lockCustomer } from '../customers/store'
import { noSuchCustomer } from '../customers/errors'
import { noSuchPaymentMethod } from '../payment-methods/errors'
import {
  type HeldPaymentMethodRow,
  holdPaymentMethod,
  lockPaymentMethodForUse,
  releasePaymentMethod
} from '../payment-methods/hold-store'
import { cardsOnly } from './errors'

/**
 * The payment method that an intent is about to be confirmed with; an unattached one is held for it. The transaction
 * must hold the intent's row. Throws where it is none, somebody else's, or may not be used again; a 429 where another
 * intent has it.
 */
export async function usablePaymentMethod(
  tx: Queryable,
  call: Call,
  id: string,
  intent: { id: string; customer_id: string | null }
): Promise<HeldPaymentMethodRow> {
  const { account } = call
  const { customer_id: customer } = intent
  // First the customer, then the payment method: the order of attach and detach.
  if (customer !== null && !(await lockCustomer(tx, account, customer))) {
    throw await noSuchCustomer(tx, call, customer, 'customer')
  }
  const row = await lockPaymentMethodForUse(tx, account, id)
  if (!row) throw await noSuchPaymentMethod(tx, call, id, 'payment_method')
  if (row.state === 'detached' || row.state === 'consumed') throw usedUp()
  if (row.customer_id !== null && row.customer_id !== customer) throw somebodyElses(id, customer)
  if (row.held_by !== null && row.held_by !== intent.id) throw lockTimeout()
  await holdPaymentMethod(tx, account, id, intent.id)
  return row
}

const usedUp = (): WireError =>
  stateForbids(
    'The provided PaymentMethod was previously used with a PaymentIntent without Customer attachment, shared with a connected account without Customer attachment, or was detached from a Customer. It may not be used again. To use a PaymentMethod multiple times, you must attach it to a Customer first.'
  )

const somebodyElses = (id: string, customer: string | null): WireError =>
  stateForbids(
    customer === null
      ? `The PaymentMethod ${id} is attached to a Customer. Please name that Customer as well to use it.`
      : `The PaymentMethod ${id} does not belong to the Customer ${customer}. Payment methods attached to other Customers cannot be used.`
  )

/** The same for a card, with what the processor knows it by. Throws for a payment method of another type. */
export async function usableCard(
  tx: Queryable,
  call: Call,
  id: string,
  intent: { id: string; customer_id: string | null }
): Promise<HeldPaymentMethodRow & { token: string }> {
  const row = await usablePaymentMethod(tx, call, id, intent)
  if (row.type !== 'card' || row.token === null) throw cardsOnly('payment_method', row.type)
  return { ...row, token: row.token }
}

/** Throws where it could not be used for this intent, as things are; it is not held for it. */
export async function refuseUnusable(
  tx: Queryable,
  call: Call,
  id: string,
  intent: { id: string; customer_id: string | null }
): Promise<void> {
  await usableCard(tx, call, id, intent)
  await releasePaymentMethod(tx, call.account, id, intent.id)
}

/** Throws where an intent is to be made for a customer who is none. */
export async function refuseUnknownCustomer(tx: Queryable, call: Call, customer: string): Promise<void> {
  const row = await findCustomer(tx, call.account, customer)
  if (!row || row.deleted) throw await noSuchCustomer(tx, call, customer, 'customer')
}
