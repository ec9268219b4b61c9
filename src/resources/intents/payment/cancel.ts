import { lockTimeout } from '../../../../plugins/database/errors/lock-timeout'
import type { Queryable } from '../../../../plugins/database/statement'
import type { Answer } from '../../../../plugins/idempotency/idempotency'
import type { Call } from '../../call'
import { findCharge, updateCharge } from '../../payments/charges/store'
import { writeEvent } from '../../events/store'
import { recordedAnswer } from '../recorded-answer'
import type { Expand } from '../../../protocol/expand'
import { operationKind, performing, refuseOpen } from '../operation'
import { paymentsOf } from '../payment-processor-of'
import { CardRefused } from '../../../processor/card-processor'
import type { Authorized } from '../../../processor/payment-processor'
import { now } from '../../../protocol/values/time'
import { refusedWith } from './capture'
import { cancelable, noSuchPaymentIntent, notCancelable } from './errors'
import { reservation } from './reservation'
import type { CancelPaymentIntentParams } from './schema'
import { lockPaymentIntent, type PaymentIntentRow, updatePaymentIntentRow } from './store'
import { paymentIntentToObject } from './object'

/** Gives a payment up for good. What was reserved for it is set free first: only then the processor is asked. */
export async function cancelPaymentIntent(
  call: Call,
  id: string,
  params: CancelPaymentIntentParams,
  expand: Expand
): Promise<Answer> {
  const { cancellation_reason: reason = null } = params
  return performing(
    call,
    async (tx) => {
      const row = await cancelableRow(tx, call, id)
      if (row.status !== 'requires_capture') return undefined
      const { charge, reserved } = await reservation(tx, call, row)
      return cancel({ intent: id, customer: row.customer_id, what: { charge, reserved, reason }, expand })
    },
    async (tx) => {
      const row = await cancelableRow(tx, call, id)
      // It was confirmed since it was looked at: whoever tries again is told.
      if (row.status === 'requires_capture') throw lockTimeout()
      return canceled(tx, call, row, reason, expand)
    }
  )
}

interface ToCancel {
  charge: string
  reserved: Authorized
  reason: PaymentIntentRow['details']['cancellation_reason']
}

const cancel = operationKind<ToCancel, undefined>('cancel', {
  ask: async ({ reserved }, context, call) => {
    await paymentsOf(call).cancel(reserved, context)
    return undefined
  },

  finish: async (tx, call, { intent, what, expand }, outcome) => {
    const { account } = call
    const row = await lockPaymentIntent(tx, account, intent)
    const charge = await findCharge(tx, account, what.charge)
    if (!row || !charge) throw new Error('a payment intent or its charge is gone')
    if (outcome instanceof CardRefused) return refusedWith(call, row, outcome)
    const released = { ...charge, details: { ...charge.details, released: charge.amount } }
    await updateCharge(tx, account, released)
    const wire = await canceled(tx, call, row, what.reason, expand)
    await writeEvent(tx, call, 'charge.refunded', released)
    return wire
  }
})

async function cancelableRow(tx: Queryable, call: Call, id: string): Promise<PaymentIntentRow> {
  const row = await lockPaymentIntent(tx, call.account, id)
  if (!row) throw await noSuchPaymentIntent(tx, call, id)
  await refuseOpen(tx, call.account, { intent: id })
  if (!cancelable.includes(row.status)) throw notCancelable(call, row)
  return row
}

async function canceled(
  tx: Queryable,
  call: Call,
  row: PaymentIntentRow,
  reason: PaymentIntentRow['details']['cancellation_reason'],
  expand: Expand
): Promise<object> {
  const changed: PaymentIntentRow = {
    ...row,
    status: 'canceled',
    amount_capturable: 0,
    details: {
      ...row.details,
      authentication: null,
      canceled_at: now(),
      cancellation_reason: reason,
      next_action: null
    }
  }
  await updatePaymentIntentRow(tx, call.account, changed)
  await writeEvent(tx, call, 'payment_intent.canceled', changed)
  return recordedAnswer(tx, call, 'payment_intent', expand, paymentIntentToObject(call, changed))
}
