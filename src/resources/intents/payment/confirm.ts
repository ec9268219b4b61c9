import type { Queryable } from '../../../../plugins/database/statement'
import { type Answer } from '../../../../plugins/idempotency/idempotency'
import type { Call } from '../../call'
import { claimingFirst } from '../../claimed'
import type { Expand } from '../../../protocol/expand'
import { refuseOthersSecret, seenBy } from '../publishable-view'
import { processorReturnUrl } from '../next-action'
import { newPaymentMethod } from '../new-payment-method'
import { performing, refuseOpen, type Wanted } from '../operation'
import { paymentsOf } from '../payment-processor-of'
import { refuseBadReturnUrl } from '../return-url'
import { usableCard } from '../hold-payment-method'
import { mint } from '../../payment-methods/new-payment-method'
import { newId } from '../../../protocol/values/ids'
import { refuseUnsupported } from '../../../protocol/errors/unsupported'
import { authorize } from './authorize'
import type { ToAuthorize } from './to-authorize'
import { refuseMerchantsParams } from './publishable-view'
import {
  confirmable,
  notConfirmable,
  noSuchPaymentIntent,
  paymentMethodMissing,
  secretKeyConfirms
} from './errors'
import { mergedDetails } from './params'
import { type ConfirmPaymentIntentParams, unsupportedParams } from './schema'
import { capturesLater, futureUsageOf } from './state'
import { lockPaymentIntent, type PaymentIntentRow, updatePaymentIntentRow } from './store'

/**
 * Asks for the money: the intent succeeds, or waits to be captured, or for an authentication; or the card is refused,
 * which is answered 402 and leaves the intent waiting for another one.
 */
export async function confirmPaymentIntent(
  call: Call,
  id: string,
  params: ConfirmPaymentIntentParams,
  expand: Expand
): Promise<Answer> {
  refuseUnsupported(params, unsupportedParams)
  refuseOthersSecret(call, 'PaymentIntent', id, params)
  refuseMerchantsParams(call, params)
  refuseBadReturnUrl(params)
  const { payment_method: given } = params
  return claimingFirst(call, async (call) => {
    const fresh = await newPaymentMethod(call, params)
    return performing(call, async (tx) => {
      const row = await lockPaymentIntent(tx, call.account, id)
      if (!row) throw await noSuchPaymentIntent(tx, call, id)
      await refuseOpen(tx, call.account, { intent: id })
      if (!confirmable.includes(row.status)) throw notConfirmable(call, row)
      if (call.publishable && row.details.confirmation_method === 'manual') throw secretKeyConfirms(id)
      const payment_method_id = fresh ? (await mint(tx, call, ...fresh)).id : (given ?? row.payment_method_id)
      const details = mergedDetails(row.details, params)
      return beginConfirm(tx, call, row, { ...row, payment_method_id, details }, params, seenBy(call, expand))
    })
  })
}

/** What a confirm may say besides what it changes about the intent. */
export type ConfirmingParams = Pick<
  ConfirmPaymentIntentParams,
  'error_on_requires_action' | 'off_session' | 'return_url' | 'use_stripe_sdk'
>

/** Writes down what is to be asked: `changed` is the intent as it is to be confirmed, `row` as it was. */
export async function beginConfirm(
  tx: Queryable,
  call: Call,
  row: PaymentIntentRow,
  changed: PaymentIntentRow,
  params: ConfirmingParams,
  expand: Expand
): Promise<Wanted<ToAuthorize>> {
  paymentsOf(call)
  const { id: intent, customer_id: customer, payment_method_id: paymentMethod, amount, currency } = changed
  if (paymentMethod === null) throw paymentMethodMissing(call, row)
  const { token, state } = await usableCard(tx, call, paymentMethod, changed)

  // An authentication is of one card.
  const authentication = paymentMethod === row.payment_method_id ? changed.details.authentication : null
  const confirmed: PaymentIntentRow = {
    ...changed,
    status: 'requires_confirmation',
    details: { ...changed.details, authentication, next_action: null }
  }
  await updatePaymentIntentRow(tx, call.account, confirmed)

  const { off_session = false, error_on_requires_action = false } = params
  const usage = futureUsageOf(confirmed)
  const what: ToAuthorize = {
    charge: newId('ch'),
    payment_method: paymentMethod,
    payment: {
      token,
      amount,
      currency,
      capture: capturesLater(confirmed) ? 'manual' : 'automatic',
      off_session: off_session !== false,
      setup_future_usage: usage,
      ...(authentication?.passed && { authentication: authentication.reference }),
      return_url: processorReturnUrl(call, intent)
    },
    afterwards: afterwardsOf(state === 'unattached', usage !== null, customer !== null),
    error_on_requires_action,
    return_url: params.use_stripe_sdk ? null : (params.return_url ?? authentication?.return_url ?? null)
  }
  return authorize({ intent, customer, what, expand })
}

/** To be kept without a customer, it stays as it is: it can still be attached to one, as is documented. */
function afterwardsOf(unattached: boolean, kept: boolean, customer: boolean): ToAuthorize['afterwards'] {
  if (!unattached) return 'keep'
  if (!kept) return 'consume'
  return customer ? 'attach' : 'keep'
}
