import type { Queryable } from '../../../../plugins/database/statement'
import { type Answer, keepingRefusals, once } from '../../../../plugins/idempotency/idempotency'
import type { Call } from '../../call'
import { type Expand, expanded } from '../../../protocol/expand'
import { newPaymentMethod } from '../new-payment-method'
import { refuseOpen, settlingFirst } from '../operation'
import { refuseUnknownCustomer, refuseUnusable } from '../hold-payment-method'
import { mint } from '../../payment-methods/new-payment-method'
import { mergeMetadata } from '../../../protocol/values/metadata'
import { refuseUnsupported } from '../../../protocol/errors/unsupported'
import { chargeable } from './amount'
import { confirmable, noSuchPaymentIntent, notUpdatable } from './errors'
import { mergedDetails } from './params'
import { type UpdatePaymentIntentParams, unsupportedParams } from './schema'
import { lockPaymentIntent, type PaymentIntentRow, updatePaymentIntentRow } from './store'
import { paymentIntentToObject } from './object'

/** What can be said of a payment whatever became of it. */
const always = ['description', 'expand', 'metadata', 'receipt_email', 'shipping']

/** Changes what is given and leaves the rest. What was paid, or canceled, takes notes only. */
export async function updatePaymentIntent(
  call: Call,
  id: string,
  params: UpdatePaymentIntentParams,
  expand: Expand
): Promise<Answer> {
  refuseUnsupported(params, unsupportedParams)
  const { db } = call.vault
  return keepingRefusals(db, call.attempt, async () => {
    const fresh = await newPaymentMethod(call, params)
    const update = async (tx: Queryable) => {
      const row = await lockPaymentIntent(tx, call.account, id)
      if (!row) throw await noSuchPaymentIntent(tx, call, id)
      await refuseOpen(tx, call.account, { intent: id })
      const forbidden = Object.keys(params).find((name) => !always.includes(name))
      if (forbidden !== undefined && !confirmable.includes(row.status))
        throw notUpdatable(call, row, forbidden)

      const given = fresh ? (await mint(tx, call, ...fresh)).id : params.payment_method
      const changed = changedBy(row, params, given)
      if (params.customer !== undefined) await refuseUnknownCustomer(tx, call, params.customer)
      const { payment_method_id: paymentMethod } = changed
      if (paymentMethod !== null && (given !== undefined || params.customer !== undefined)) {
        await refuseUnusable(tx, call, paymentMethod, changed)
      }
      await updatePaymentIntentRow(tx, call.account, changed)
      return expanded(call, 'payment_intent', expand, paymentIntentToObject(call, changed), tx)
    }
    return settlingFirst(call.vault, () => once(db, call.attempt, update))
  })
}

function changedBy(
  row: PaymentIntentRow,
  params: UpdatePaymentIntentParams,
  paymentMethod: string | undefined
): PaymentIntentRow {
  const { amount = row.amount, customer = row.customer_id } = params
  const money = params.amount !== undefined || params.currency !== undefined
  const changed: PaymentIntentRow = {
    ...row,
    amount,
    currency: money ? chargeable(amount, params.currency ?? row.currency) : row.currency,
    customer_id: customer,
    payment_method_id: paymentMethod ?? row.payment_method_id,
    details: {
      ...mergedDetails(row.details, params),
      description: params.description ?? row.details.description,
      statement_descriptor: params.statement_descriptor ?? row.details.statement_descriptor,
      statement_descriptor_suffix:
        params.statement_descriptor_suffix ?? row.details.statement_descriptor_suffix
    },
    metadata: mergeMetadata(row.metadata, params.metadata)
  }
  if (!confirmable.includes(row.status)) return changed
  if (!money && paymentMethod === undefined) return changed
  // Whoever authenticated did so for this amount and this card.
  return {
    ...changed,
    status: changed.payment_method_id === null ? 'requires_payment_method' : 'requires_confirmation',
    details: { ...changed.details, authentication: null, next_action: null }
  }
}
