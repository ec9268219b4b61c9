import type { Call } from '../../call'
import { type Expand, expandAll, expanded } from '../../../protocol/expand'
import { listOf, pageOf, secondsOf } from '../../../protocol/lists/lists'
import { noSuchRefund } from './errors'
import type { ListRefundsParams } from './schema'
import { findRefund, listRefunds } from './store'
import { refundToObject } from './object'

export async function retrieveRefund(call: Call, id: string, expand: Expand) {
  const row = await findRefund(call.vault.db, call.account, id)
  if (!row) throw await noSuchRefund(call.vault.db, call, id)
  return expanded(call, 'refund', expand, refundToObject(row))
}

/** Refunds, newest first. */
export async function listOfRefunds(call: Call, params: ListRefundsParams, expand: Expand) {
  const { db } = call.vault
  const page = await pageOf(params, async (id, param) => {
    const row = await findRefund(db, call.account, id)
    if (!row) throw await noSuchRefund(db, call, id, param)
    return row
  })
  const { charge, payment_intent } = params
  const filter = { charge, payment_intent, created: secondsOf(params.created) }
  const rows = await listRefunds(db, call.account, filter, page)
  const shown = listOf('/v1/refunds', page, rows, refundToObject)
  return { ...shown, data: await expandAll(call, 'refund', expand, shown.data) }
}
