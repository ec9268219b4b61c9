import type { Queryable } from '../../../../plugins/database/statement'
import type { Answer } from '../../../../plugins/idempotency/idempotency'
import type { Call } from '../../call'
import { noSuchCharge } from '../charges/errors'
import { type ChargeRow, findCharge, updateCharge } from '../charges/store'
import { writeEvent } from '../../events/store'
import { recordedAnswer } from '../../intents/recorded-answer'
import { operationKind, performing, refuseOpen } from '../../intents/operation'
import { paymentsOf } from '../../intents/payment-processor-of'
import { noSuchPaymentIntent } from '../../intents/payment/errors'
import { findPaymentIntent, lockPaymentIntent } from '../../intents/payment/store'
import { CardRefused } from '../../../processor/card-processor'
import { newId } from '../../../protocol/values/ids'
import { now } from '../../../protocol/values/time'
import { alreadyRefunded, neitherGiven, nothingToRefund, notOfIntent, tooMuch } from './errors'
import type { CreateRefundParams } from './schema'
import { insertRefund, type RefundRow } from './store'
import { refundToObject } from './object'

/**
 * Gives back what was taken with a payment intent, or a part of it. Never more than was taken: there is one operation
 * at a time on an intent, and the rest is counted while its row is held.
 */
export async function createRefund(call: Call, params: CreateRefundParams): Promise<Answer> {
  if (params.charge === undefined && params.payment_intent === undefined) throw neitherGiven()
  return performing(call, async (tx) => {
    const charge = await chargeToRefund(tx, call, params)
    const { amount_captured, amount_refunded, payment_intent_id: intent } = charge
    if (charge.status !== 'succeeded' || !charge.captured) throw nothingToRefund(intent)
    const left = amount_captured - amount_refunded
    if (left === 0) throw alreadyRefunded(charge.id)
    const { amount = left, reason, metadata, expand } = params
    if (amount > left) throw tooMuch(amount, left, charge)

    const what: RefundRow = {
      id: newId('re'),
      created: now(),
      status: 'succeeded',
      amount,
      currency: charge.currency,
      charge_id: charge.id,
      payment_intent_id: intent,
      reason: reason ?? null,
      metadata: metadata ?? {}
    }
    return refund({
      intent,
      customer: charge.customer_id,
      what: { refund: what, charge: asked(charge) },
      expand
    })
  })
}

interface What {
  refund: RefundRow
  charge: { reference: string; amount: number; currency: string }
}

const asked = ({ reference, amount, currency }: ChargeRow): What['charge'] => {
  if (reference === null) throw new Error('a charge that succeeded has no reference')
  return { reference, amount, currency }
}

const refund = operationKind<What, undefined>('refund', {
  ask: async ({ refund: { amount }, charge }, context, call) => {
    await paymentsOf(call).refund({ ...charge, amount_to_refund: amount }, context)
    return undefined
  },

  finish: async (tx, call, { what: { refund }, expand }, outcome) => {
    if (outcome instanceof CardRefused) return outcome
    await lockPaymentIntent(tx, call.account, refund.payment_intent_id)
    const charge = await findCharge(tx, call.account, refund.charge_id)
    if (!charge) throw new Error('a charge is gone')
    const changed = { ...charge, amount_refunded: charge.amount_refunded + refund.amount }
    await insertRefund(tx, call.account, refund)
    await updateCharge(tx, call.account, changed)
    await writeEvent(tx, call, 'charge.refunded', changed)
    await writeEvent(tx, call, 'refund.created', refund)
    return recordedAnswer(tx, call, 'refund', expand, refundToObject(refund))
  }
})

/** The charge that is meant, its payment intent's row held. */
async function chargeToRefund(tx: Queryable, call: Call, params: CreateRefundParams): Promise<ChargeRow> {
  const { account } = call
  const { charge: id, payment_intent: given } = params
  const named = id === undefined ? undefined : await findCharge(tx, account, id)
  if (id !== undefined && !named) throw await noSuchCharge(tx, call, id, 'charge')
  if (named && given !== undefined && named.payment_intent_id !== given) {
    if (!(await findPaymentIntent(tx, account, given))) {
      throw await noSuchPaymentIntent(tx, call, given, 'payment_intent')
    }
    throw notOfIntent(named.id, given)
  }
  const intent = named?.payment_intent_id ?? given ?? ''
  const row = await lockPaymentIntent(tx, account, intent)
  if (!row) throw await noSuchPaymentIntent(tx, call, intent, 'payment_intent')
  await refuseOpen(tx, account, { intent })
  // Looked at again: what was found before its intent was held may have changed since.
  const charge = await findCharge(tx, account, named?.id ?? row.latest_charge_id ?? '')
  if (!charge) throw nothingToRefund(intent)
  return charge
}
