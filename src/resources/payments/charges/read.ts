import type { Call } from '../../call'
import { expandAll, expanded } from '../../expand'
import type { Expand } from '../../../protocol/expand'
import { listOf, pageOf, secondsOf } from '../../../protocol/lists/lists'
import { refuseUnsupported } from '../../../protocol/errors/unsupported'
import { noSuchCharge } from './errors'
import type { ListChargesParams } from './schema'
import { findCharge, listCharges } from './store'
import { chargeToObject } from './object'

/** One charge: an attempt to take money with a payment intent, whether it succeeded or not. */
export async function retrieveCharge(call: Call, id: string, expand: Expand) {
  const row = await findCharge(call.vault.db, call.account, id)
  if (!row) throw await noSuchCharge(call.vault.db, call, id)
  return expanded(call, 'charge', expand, chargeToObject(call, row))
}

/** Charges, newest first. */
export async function listOfCharges(call: Call, params: ListChargesParams, expand: Expand) {
  refuseUnsupported(params, ['transfer_group'])
  const { db } = call.vault
  const page = await pageOf(params, async (id, param) => {
    const row = await findCharge(db, call.account, id)
    if (!row) throw await noSuchCharge(db, call, id, param)
    return row
  })
  const { customer, payment_intent } = params
  const filter = { customer, payment_intent, created: secondsOf(params.created) }
  const rows = await listCharges(db, call.account, filter, page)
  const shown = listOf('/v1/charges', page, rows, (row) => chargeToObject(call, row))
  return { ...shown, data: await expandAll(call, 'charge', expand, shown.data) }
}
