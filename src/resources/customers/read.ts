import type { Call } from '../call'
import { type Expand, expandAll, expanded } from '../../protocol/expand'
import { listOf, pageOf, secondsOf } from '../../protocol/lists/lists'
import { refuseUnsupported } from '../../protocol/errors/unsupported'
import { noSuchCustomer } from './errors'
import type { ListCustomersParams } from './schema'
import { findCustomer, listCustomers } from './store'
import { customerToObject } from './object'

/** One customer; of a deleted one, that it is deleted. */
export async function retrieveCustomer(call: Call, id: string, expand: Expand) {
  const row = await findCustomer(call.vault.db, call.account, id)
  if (!row) throw await noSuchCustomer(call.vault.db, call, id)
  return expanded(call, 'customer', expand, customerToObject(call, row))
}

/** Customers, newest first, without those that were deleted. */
export async function listOfCustomers(call: Call, params: ListCustomersParams, expand: Expand) {
  refuseUnsupported(params, ['test_clock'])
  const { db } = call.vault
  const page = await pageOf(params, async (id, param) => {
    const row = await findCustomer(db, call.account, id)
    if (!row || row.deleted) throw await noSuchCustomer(db, call, id, param)
    return row
  })
  const filter = { email: params.email, created: secondsOf(params.created) }
  const rows = await listCustomers(db, call.account, filter, page)
  const shown = listOf('/v1/customers', page, rows, (row) => customerToObject(call, row))
  return { ...shown, data: await expandAll(call, 'customer', expand, shown.data) }
}
