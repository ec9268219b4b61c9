import type { Queryable } from '../../../../plugins/database/statement'
import { type Answer, keepingRefusals, once } from '../../../../plugins/idempotency/idempotency'
import type { Call } from '../../call'
import { type Expand, expanded } from '../../../protocol/expand'
import { newPaymentMethod } from '../new-payment-method'
import { refuseOpen, settlingFirst } from '../operation'
import { refuseUnknownCustomer, refuseUnusable } from '../hold-payment-method'
import { mint } from '../../payment-methods/new-payment-method'
import { mergeMetadata } from '../../../protocol/values/metadata'
import { noSuchSetupIntent, notUpdatable, open } from './errors'
import { refuseImpossible } from './params'
import type { UpdateSetupIntentParams } from './schema'
import { lockSetupIntent, type SetupIntentRow, updateSetupIntentRow } from './store'
import { setupIntentToObject } from './object'

/** What can be said of a set-up whatever became of it. */
const always = ['description', 'expand', 'metadata']

/** Changes what is given and leaves the rest. What succeeded or was canceled takes notes only. */
export async function updateSetupIntent(
  call: Call,
  id: string,
  params: UpdateSetupIntentParams,
  expand: Expand
): Promise<Answer> {
  refuseImpossible(params)
  const { db } = call.vault
  return keepingRefusals(db, call.attempt, async () => {
    const fresh = await newPaymentMethod(call, params)
    const update = async (tx: Queryable) => {
      const row = await lockSetupIntent(tx, call.account, id)
      if (!row) throw await noSuchSetupIntent(tx, call, id)
      await refuseOpen(tx, call.account, { intent: id })
      const notes = Object.keys(params).every((name) => always.includes(name))
      if (!notes && !open.includes(row.status)) throw notUpdatable(call, row)

      const given = fresh ? (await mint(tx, call, ...fresh)).id : params.payment_method
      const changed = changedBy(row, params, given)
      if (params.customer !== undefined) await refuseUnknownCustomer(tx, call, params.customer)
      const { payment_method_id: paymentMethod } = changed
      if (paymentMethod !== null && (given !== undefined || params.customer !== undefined)) {
        await refuseUnusable(tx, call, paymentMethod, changed)
      }
      await updateSetupIntentRow(tx, call.account, changed)
      return expanded(call, 'setup_intent', expand, setupIntentToObject(call, changed), tx)
    }
    return settlingFirst(call.vault, () => once(db, call.attempt, update))
  })
}

function changedBy(
  row: SetupIntentRow,
  params: UpdateSetupIntentParams,
  paymentMethod: string | undefined
): SetupIntentRow {
  const { customer = row.customer_id } = params
  const { description = row.details.description, flow_directions = row.details.flow_directions } = params
  return {
    ...row,
    // Another card has not been authenticated, whatever the one before it has been.
    status: paymentMethod === undefined ? row.status : 'requires_confirmation',
    customer_id: customer,
    payment_method_id: paymentMethod ?? row.payment_method_id,
    details: {
      ...row.details,
      description,
      flow_directions,
      ...(paymentMethod !== undefined && { authentication: null, next_action: null })
    },
    metadata: mergeMetadata(row.metadata, params.metadata)
  }
}
