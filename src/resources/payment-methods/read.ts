import type { Call } from '../call'
import { noSuchCustomer } from '../customers/errors'
import { findCustomer } from '../customers/store'
import { type Expand, expandAll, expanded } from '../../protocol/expand'
import { emptyList, listOf, pageOf, type PageParams } from '../../protocol/lists/lists'
import { noSuchPaymentMethod } from './errors'
import { mint, sharedCard } from './new-payment-method'
import {
  findPaymentMethod,
  listPaymentMethods,
  type PaymentMethodFilter,
  type PaymentMethodRow
} from './store'
import { paymentMethodToObject } from './object'

/** One payment method. An id such as `pm_card_visa` makes a new one, here as everywhere. */
export async function retrievePaymentMethod(call: Call, id: string, expand: Expand) {
  const row = await found(call, id)
  if (!row) throw await noSuchPaymentMethod(call.vault.db, call, id)
  return expanded(call, 'payment_method', expand, paymentMethodToObject(call, row))
}

async function found(call: Call, id: string): Promise<PaymentMethodRow | undefined> {
  const shared = await sharedCard(call, id)
  if (shared) return call.vault.db.transaction((tx) => mint(tx, call, shared))
  return findPaymentMethod(call.vault.db, call.account, id)
}

/** One of a customer's: another customer's is as good as none. */
export async function retrieveOfCustomer(call: Call, customer: string, id: string, expand: Expand) {
  await existing(call, customer)
  const row = await findPaymentMethod(call.vault.db, call.account, id)
  if (row?.customer_id !== customer) throw await noSuchPaymentMethod(call.vault.db, call, id)
  return expanded(call, 'payment_method', expand, paymentMethodToObject(call, row))
}

type ListParams = Omit<PageParams, 'expand'> & PaymentMethodFilter

/** The payment methods of the customer named in the query; of nobody, there are none. */
export async function listByQuery(call: Call, params: ListParams & { customer?: string }, expand: Expand) {
  const url = '/v1/payment_methods'
  if (params.customer === undefined) return emptyList(url)
  await existing(call, params.customer, 'customer')
  return list(call, params.customer, params, expand, url)
}

/** The payment methods of the customer named in the path. */
export async function listOfCustomer(call: Call, customer: string, params: ListParams, expand: Expand) {
  await existing(call, customer)
  return list(call, customer, params, expand, `/v1/customers/${customer}/payment_methods`)
}

async function existing(call: Call, customer: string, param?: string): Promise<void> {
  const row = await findCustomer(call.vault.db, call.account, customer)
  if (!row || row.deleted) throw await noSuchCustomer(call.vault.db, call, customer, param)
}

async function list(call: Call, customer: string, params: ListParams, expand: Expand, url: string) {
  const { db } = call.vault
  const page = await pageOf(params, async (id, param) => {
    const row = await findPaymentMethod(db, call.account, id)
    if (row?.customer_id !== customer) throw await noSuchPaymentMethod(db, call, id, param)
    return row
  })
  const rows = await listPaymentMethods(db, call.account, customer, params, page)
  const shown = listOf(url, page, rows, (row) => paymentMethodToObject(call, row))
  return { ...shown, data: await expandAll(call, 'payment_method', expand, shown.data) }
}
