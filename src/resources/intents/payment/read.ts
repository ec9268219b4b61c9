import type { Call } from '../../call'
import { noSuchCustomer } from '../../customers/errors'
import { findCustomer } from '../../customers/store'
import { type Expand, expandAll, expanded } from '../../../protocol/expand'
import { refuseOthersSecret, seenBy } from '../publishable-view'
import { listOf, pageOf, secondsOf } from '../../../protocol/lists/lists'
import { refuseUnsupported } from '../../../protocol/errors/unsupported'
import { noSuchPaymentIntent } from './errors'
import type { ListPaymentIntentsParams } from './schema'
import { findPaymentIntent, listPaymentIntents } from './store'
import { paymentIntentToObject } from './object'

/** One payment intent; a browser needs its client secret, and sees less. */
export async function retrievePaymentIntent(
  call: Call,
  id: string,
  params: { client_secret?: string },
  expand: Expand
) {
  refuseOthersSecret(call, 'PaymentIntent', id, params)
  const row = await findPaymentIntent(call.vault.db, call.account, id)
  if (!row) throw await noSuchPaymentIntent(call.vault.db, call, id)
  return expanded(call, 'payment_intent', seenBy(call, expand), paymentIntentToObject(call, row))
}

/** Payment intents, newest first. */
export async function listOfPaymentIntents(call: Call, params: ListPaymentIntentsParams, expand: Expand) {
  refuseUnsupported(params, ['customer_account'])
  const { db } = call.vault
  const { customer } = params
  if (customer !== undefined && !(await findCustomer(db, call.account, customer))) {
    throw await noSuchCustomer(db, call, customer, 'customer')
  }
  const page = await pageOf(params, async (id, param) => {
    const row = await findPaymentIntent(db, call.account, id)
    if (!row) throw await noSuchPaymentIntent(db, call, id, param)
    return row
  })
  const filter = { customer, created: secondsOf(params.created) }
  const rows = await listPaymentIntents(db, call.account, filter, page)
  const shown = listOf('/v1/payment_intents', page, rows, (row) => paymentIntentToObject(call, row))
  return { ...shown, data: await expandAll(call, 'payment_intent', expand, shown.data) }
}
