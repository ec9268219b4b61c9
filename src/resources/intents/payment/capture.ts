import { invalidRequest, WireError } from '../../../../plugins/errors/errors'
import type { Answer } from '../../../../plugins/idempotency/idempotency'
import type { Call } from '../../call'
import { findCharge, updateCharge } from '../../payments/charges/store'
import { writeEvent } from '../../events/store'
import { recordedAnswer } from '../recorded-answer'
import type { Expand } from '../../../protocol/expand'
import { operationKind, performing, refuseOpen } from '../operation'
import { paymentsOf } from '../payment-processor-of'
import { CardRefused } from '../../../processor/card-processor'
import type { Captured } from '../../../processor/payment-processor'
import { mergeMetadata } from '../../../protocol/values/metadata'
import { refuseUnsupported, unsupported } from '../../../protocol/errors/unsupported'
import { noSuchPaymentIntent, notCapturable } from './errors'
import { reservation } from './reservation'
import { type CapturePaymentIntentParams, unsupportedParams } from './schema'
import { lockPaymentIntent, type PaymentIntentRow, updatePaymentIntentRow } from './store'
import { paymentIntentToObject } from './object'

/** Takes what a payment intent has reserved, or a part of it; the rest is set free. */
export async function capturePaymentIntent(
  call: Call,
  id: string,
  params: CapturePaymentIntentParams,
  expand: Expand
): Promise<Answer> {
  refuseUnsupported(params, unsupportedParams)
  if (params.final_capture === false) throw unsupported('final_capture')
  return performing(call, async (tx) => {
    const row = await lockPaymentIntent(tx, call.account, id)
    if (!row) throw await noSuchPaymentIntent(tx, call, id)
    await refuseOpen(tx, call.account, { intent: id })
    if (row.status !== 'requires_capture') throw notCapturable(call, row)
    const { amount_to_capture = row.amount_capturable, metadata } = params
    if (amount_to_capture > row.amount_capturable) throw tooMuch(call, row)
    const { charge, reserved } = await reservation(tx, call, row)
    const { statement_descriptor, statement_descriptor_suffix } = params
    const what: ToCapture = {
      charge,
      capture: { ...reserved, amount_to_capture },
      changes: {
        metadata: mergeMetadata(row.metadata, metadata),
        ...(statement_descriptor !== undefined && { statement_descriptor }),
        ...(statement_descriptor_suffix !== undefined && { statement_descriptor_suffix })
      }
    }
    return capture({ intent: id, customer: row.customer_id, what, expand })
  })
}

interface ToCapture {
  charge: string
  capture: Captured
  changes: {
    metadata: Record<string, string>
    statement_descriptor?: string
    statement_descriptor_suffix?: string
  }
}

const capture = operationKind<ToCapture, undefined>('capture', {
  ask: async ({ capture }, context, call) => {
    await paymentsOf(call).capture(capture, context)
    return undefined
  },

  finish: async (tx, call, { intent, what, expand }, outcome) => {
    const { account } = call
    const row = await lockPaymentIntent(tx, account, intent)
    const charge = await findCharge(tx, account, what.charge)
    if (!row || !charge) throw new Error('a payment intent or its charge is gone')
    if (outcome instanceof CardRefused) return refusedWith(call, row, outcome)

    const { metadata, ...descriptors } = what.changes
    const taken = what.capture.amount_to_capture
    const changed: PaymentIntentRow = {
      ...row,
      status: 'succeeded',
      amount_capturable: 0,
      amount_received: taken,
      details: { ...row.details, ...descriptors },
      metadata
    }
    const captured = {
      ...charge,
      captured: true,
      amount_captured: taken,
      details: { ...charge.details, ...descriptors, released: charge.amount - taken }
    }
    await updatePaymentIntentRow(tx, account, changed)
    await updateCharge(tx, account, captured)
    await writeEvent(tx, call, 'payment_intent.succeeded', changed)
    await writeEvent(tx, call, 'charge.captured', captured)
    return recordedAnswer(tx, call, 'payment_intent', expand, paymentIntentToObject(call, changed))
  }
})

/** The processor would not: everything stays as it is. */
export const refusedWith = (call: Call, row: PaymentIntentRow, { status, fields }: CardRefused): WireError =>
  new WireError(status, { ...fields, payment_intent: paymentIntentToObject(call, row) }, { executed: true })

const tooMuch = (call: Call, row: PaymentIntentRow): WireError => {
  const { fields } = invalidRequest(
    `The \`amount_to_capture\` is greater than the amount that can be captured: ${row.amount_capturable}.`,
    { param: 'amount_to_capture' }
  )
  return new WireError(
    400,
    { ...fields, payment_intent: paymentIntentToObject(call, row) },
    { executed: true }
  )
}
