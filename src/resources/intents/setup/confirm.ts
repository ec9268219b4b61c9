import type { Queryable } from '../../../../plugins/database/statement'
import { type Answer } from '../../../../plugins/idempotency/idempotency'
import type { Call } from '../../call'
import { claimingFirst } from '../../claimed'
import type { Expand } from '../../../protocol/expand'
import { refuseOthersSecret, seenBy } from '../publishable-view'
import { newPaymentMethod } from '../new-payment-method'
import { processorReturnUrl } from '../next-action'
import { performing, refuseOpen, type Wanted } from '../operation'
import { paymentsOf } from '../payment-processor-of'
import { refuseBadReturnUrl } from '../return-url'
import { usableCard } from '../hold-payment-method'
import { mint } from '../../payment-methods/new-payment-method'
import { abandonAttempt } from '../attempts/store'
import { newId } from '../../../protocol/values/ids'
import { noSuchSetupIntent, notConfirmable, open, paymentMethodMissing } from './errors'
import { refuseImpossible } from './params'
import type { ConfirmSetupIntentParams } from './schema'
import { setUp, type ToSetUp } from './set-up'
import { lockSetupIntent, type SetupIntentRow, updateSetupIntentRow } from './store'

/**
 * Sets the card up: the intent succeeds and the card is attached to its customer, or it waits for an authentication; or
 * the card is refused, which is answered 402 and leaves the intent waiting for another one.
 */
export async function confirmSetupIntent(
  call: Call,
  id: string,
  params: ConfirmSetupIntentParams,
  expand: Expand
): Promise<Answer> {
  refuseImpossible(params)
  refuseOthersSecret(call, 'SetupIntent', id, params)
  refuseBadReturnUrl(params)
  const { payment_method: given } = params
  return claimingFirst(call, async (call) => {
    const fresh = await newPaymentMethod(call, params)
    return performing(call, async (tx) => {
      const row = await lockSetupIntent(tx, call.account, id)
      if (!row) throw await noSuchSetupIntent(tx, call, id)
      await refuseOpen(tx, call.account, { intent: id })
      if (!open.includes(row.status)) throw notConfirmable(call, row)
      const payment_method_id = fresh ? (await mint(tx, call, ...fresh)).id : (given ?? row.payment_method_id)
      return beginConfirm(tx, call, row, { ...row, payment_method_id }, params, seenBy(call, expand))
    })
  })
}

/** What a confirm may say besides the payment method. */
export type ConfirmingParams = Pick<ConfirmSetupIntentParams, 'return_url' | 'use_stripe_sdk'>

/** Writes down what is to be asked: `changed` is the intent as it is to be confirmed, `row` as it was. */
export async function beginConfirm(
  tx: Queryable,
  call: Call,
  row: SetupIntentRow,
  changed: SetupIntentRow,
  params: ConfirmingParams,
  expand: Expand
): Promise<Wanted<ToSetUp>> {
  if (changed.payment_method_id === null) throw paymentMethodMissing(call, row)
  // An authentication that was asked for before is not waited for any more.
  if (row.latest_attempt_id !== null) await abandonAttempt(tx, call.account, row.latest_attempt_id)
  const confirmed: SetupIntentRow = {
    ...changed,
    status: 'requires_confirmation',
    details: { ...changed.details, authentication: null, next_action: null }
  }
  return beginSetUp(tx, call, confirmed, {
    attempt: newId('setatt'),
    authentication: undefined,
    return_url: params.use_stripe_sdk ? null : (params.return_url ?? null),
    expand
  })
}

/** The same for one that was looked at already: the first time, or after its holder has authenticated. */
export async function beginSetUp(
  tx: Queryable,
  call: Call,
  row: SetupIntentRow,
  more: Pick<ToSetUp, 'attempt' | 'return_url'> & { authentication: string | undefined; expand: Expand }
): Promise<Wanted<ToSetUp>> {
  paymentsOf(call)
  const { id: intent, customer_id: customer, payment_method_id: paymentMethod } = row
  if (paymentMethod === null) throw new Error('a setup intent lost its payment method')
  const { token, state } = await usableCard(tx, call, paymentMethod, row)
  await updateSetupIntentRow(tx, call.account, row)
  const { attempt, authentication, return_url, expand } = more
  return setUp({
    intent,
    customer,
    what: {
      attempt,
      payment_method: paymentMethod,
      attach: customer !== null && state === 'unattached',
      setUp: {
        token,
        usage: row.details.usage,
        ...(authentication !== undefined && { authentication }),
        return_url: processorReturnUrl(call, intent)
      },
      return_url
    },
    expand
  })
}
