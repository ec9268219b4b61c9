import type { Call } from '../../call'
import { noSuchCustomer } from '../../customers/errors'
import { findCustomer } from '../../customers/store'
import { type Expand, expandAll, expanded } from '../../../protocol/expand'
import { refuseOthersSecret, seenBy } from '../publishable-view'
import { noSuchPaymentMethod } from '../../payment-methods/errors'
import { findPaymentMethod } from '../../payment-methods/store'
import { emptyList, listOf, pageOf, secondsOf } from '../../../protocol/lists/lists'
import { refuseUnsupported } from '../../../protocol/errors/unsupported'
import { noSuchSetupIntent } from './errors'
import type { ListSetupIntentsParams } from './schema'
import { findSetupIntent, listSetupIntents } from './store'
import { setupIntentToObject } from './object'

/** One setup intent; a browser needs its client secret, and sees less. */
export async function retrieveSetupIntent(
  call: Call,
  id: string,
  params: { client_secret?: string },
  expand: Expand
) {
  refuseOthersSecret(call, 'SetupIntent', id, params)
  const row = await findSetupIntent(call.vault.db, call.account, id)
  if (!row) throw await noSuchSetupIntent(call.vault.db, call, id)
  return expanded(call, 'setup_intent', seenBy(call, expand), setupIntentToObject(call, row))
}

/** Setup intents, newest first. */
export async function listOfSetupIntents(call: Call, params: ListSetupIntentsParams, expand: Expand) {
  refuseUnsupported(params, ['customer_account'])
  const { db } = call.vault
  const { customer, payment_method } = params
  if (customer !== undefined && !(await findCustomer(db, call.account, customer))) {
    throw await noSuchCustomer(db, call, customer, 'customer')
  }
  if (payment_method !== undefined && !(await findPaymentMethod(db, call.account, payment_method))) {
    throw await noSuchPaymentMethod(db, call, payment_method, 'payment_method')
  }
  const page = await pageOf(params, async (id, param) => {
    const row = await findSetupIntent(db, call.account, id)
    if (!row) throw await noSuchSetupIntent(db, call, id, param)
    return row
  })
  const url = '/v1/setup_intents'
  // None is made that attaches to the account itself.
  if (params.attach_to_self) return emptyList(url)
  const filter = { customer, payment_method, created: secondsOf(params.created) }
  const rows = await listSetupIntents(db, call.account, filter, page)
  const shown = listOf(url, page, rows, (row) => setupIntentToObject(call, row))
  return { ...shown, data: await expandAll(call, 'setup_intent', expand, shown.data) }
}
