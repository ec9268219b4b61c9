import type { ToAuthorize } from './to-authorize'
import type { Queryable } from '../../../../plugins/database/statement'
import type { Call } from '../../call'
import { insertCharge } from '../../payments/charges/store'
import { lockCustomer } from '../../customers/store'
import { writeEvent } from '../../events/store'
import { recordedAnswer } from '../recorded-answer'
import type { Expand } from '../../../protocol/expand'
import { attachDone } from '../attach-after-confirm'
import { operationKind } from '../operation'
import { paymentsOf } from '../payment-processor-of'
import { newNextAction } from '../next-action'
import { consumePaymentMethod, releasePaymentMethod, replaceToken } from '../../payment-methods/hold-store'
import { findPaymentMethod, type PaymentMethodRow } from '../../payment-methods/store'
import { CardRefused } from '../../../processor/card-processor'
import type { AuthenticationWanted, PaymentOutcome } from '../../../processor/payment-processor'
import { chargeOf } from './charge'
import { decline } from './decline'
import { actionNotHandled, authenticationRequired } from './refusals'
import { capturesLater } from './state'
import { lockPaymentIntent, type PaymentIntentRow, updatePaymentIntentRow } from './store'
import { paymentIntentToObject } from './object'

/** Asks for the money of a payment intent whose confirm has been checked. */
export const authorize = operationKind<ToAuthorize, PaymentOutcome | AuthenticationWanted>('authorize', {
  ask: ({ payment }, context, call) => paymentsOf(call).authorize(payment, context),

  finish: async (tx, call, { intent, what, expand }, outcome) => {
    const { account } = call
    const row = await lockPaymentIntent(tx, account, intent)
    if (!row) throw new Error('a payment intent is gone')
    if (row.customer_id !== null) await lockCustomer(tx, account, row.customer_id)
    await releasePaymentMethod(tx, account, what.payment_method, intent)
    const paymentMethod = await findPaymentMethod(tx, account, what.payment_method)
    if (!paymentMethod) throw new Error('a payment method is gone')

    if (outcome instanceof CardRefused) return decline(tx, call, row, paymentMethod, what, outcome)
    if (outcome.status === 'authorized') {
      return authorized(tx, call, row, paymentMethod, { what, expand }, outcome)
    }
    if (what.payment.off_session) {
      return decline(tx, call, row, paymentMethod, what, authenticationRequired())
    }
    if (what.error_on_requires_action) return decline(tx, call, row, paymentMethod, what, actionNotHandled())
    return wanted(tx, call, row, { what, expand }, outcome)
  }
})

interface Asked {
  what: ToAuthorize
  expand: Expand
}

async function authorized(
  tx: Queryable,
  call: Call,
  row: PaymentIntentRow,
  paymentMethod: PaymentMethodRow,
  { what, expand }: Asked,
  outcome: PaymentOutcome
): Promise<object> {
  const { account } = call
  const { payment_method: id } = what
  const later = capturesLater(row)
  const changed: PaymentIntentRow = {
    ...row,
    status: later ? 'requires_capture' : 'succeeded',
    amount_capturable: later ? row.amount : 0,
    amount_received: later ? 0 : row.amount,
    latest_charge_id: what.charge,
    details: { ...row.details, authentication: null, last_payment_error: null, next_action: null }
  }
  const charge = chargeOf(changed, paymentMethod, what, outcome)
  await insertCharge(tx, account, charge)
  await updatePaymentIntentRow(tx, account, changed)
  if (outcome.token !== undefined) await replaceToken(tx, account, id, outcome.token)

  await writeEvent(
    tx,
    call,
    later ? 'payment_intent.amount_capturable_updated' : 'payment_intent.succeeded',
    changed
  )
  await writeEvent(tx, call, 'charge.succeeded', charge)
  if (what.afterwards === 'attach' && row.customer_id !== null) {
    await attachDone(tx, call, id, row.customer_id, outcome.checks)
  } else if (what.afterwards === 'consume') {
    await consumePaymentMethod(tx, account, id)
  }
  return recordedAnswer(tx, call, 'payment_intent', expand, paymentIntentToObject(call, changed))
}

async function wanted(
  tx: Queryable,
  call: Call,
  row: PaymentIntentRow,
  { what, expand }: Asked,
  { reference, url }: AuthenticationWanted
): Promise<object> {
  const changed: PaymentIntentRow = {
    ...row,
    status: 'requires_action',
    details: {
      ...row.details,
      authentication: { reference, passed: false, return_url: what.return_url },
      last_payment_error: null,
      next_action: newNextAction(call, row.id, { return_url: what.return_url, url })
    }
  }
  await updatePaymentIntentRow(tx, call.account, changed)
  await writeEvent(tx, call, 'payment_intent.requires_action', changed)
  return recordedAnswer(tx, call, 'payment_intent', expand, paymentIntentToObject(call, changed))
}
