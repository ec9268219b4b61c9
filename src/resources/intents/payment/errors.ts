import { invalidRequest, stateForbids, WireError } from '../../../../plugins/errors/errors'
import type { Call } from '../../call'
import { noSuch } from '../../../protocol/errors/no-such'
import { findPaymentIntent, type PaymentIntentRow, type PaymentIntentStatus } from './store'
import { paymentIntentToObject } from './object'

export const noSuchPaymentIntent = noSuch('payment_intent', findPaymentIntent, { param: 'intent' })

/** The intent's state forbids it: kept under the caller's key, and the intent is in the error. */
const unexpectedState = (call: Call, row: PaymentIntentRow, message: string, param?: string): WireError =>
  new WireError(
    400,
    {
      code: 'payment_intent_unexpected_state',
      message,
      ...(param !== undefined && { param }),
      payment_intent: paymentIntentToObject(call, row),
      type: 'invalid_request_error'
    },
    { executed: true }
  )

export const confirmable: readonly PaymentIntentStatus[] = [
  'requires_payment_method',
  'requires_confirmation',
  'requires_action'
]

export const notConfirmable = (call: Call, row: PaymentIntentRow): WireError =>
  unexpectedState(
    call,
    row,
    row.status === 'succeeded'
      ? 'You cannot confirm this PaymentIntent because it has already succeeded after being previously confirmed.'
      : `You cannot confirm this PaymentIntent because it has a status of ${row.status}. Only a PaymentIntent with one of the following statuses may be confirmed: requires_confirmation, requires_action.`
  )

export const paymentMethodMissing = (call: Call, row: PaymentIntentRow): WireError =>
  unexpectedState(call, row, missingMessage(row.customer_id))

/** The same where the intent would have had to be made first. */
export const nothingToConfirmWith = (customer: string | null): WireError =>
  invalidRequest(missingMessage(customer), { code: 'payment_intent_unexpected_state' })

const missingMessage = (customer: string | null): string =>
  "You cannot confirm this PaymentIntent because it's missing a payment method. " +
  (customer === null
    ? 'You can either update the PaymentIntent with a payment method and then confirm it again, or confirm it again directly with a payment method or ConfirmationToken.'
    : `To confirm the PaymentIntent with ${customer}, specify a payment method attached to this customer along with the customer ID.`)

export const notCapturable = (call: Call, row: PaymentIntentRow): WireError =>
  unexpectedState(
    call,
    row,
    row.status === 'succeeded'
      ? 'This PaymentIntent could not be captured because it has already been captured.'
      : `This PaymentIntent could not be captured because it has a status of ${row.status}. Only a PaymentIntent with one of the following statuses may be captured: requires_capture.`
  )

export const cancelable: readonly PaymentIntentStatus[] = [
  'requires_payment_method',
  'requires_capture',
  'requires_confirmation',
  'requires_action',
  'processing'
]

export const notCancelable = (call: Call, row: PaymentIntentRow): WireError =>
  unexpectedState(
    call,
    row,
    `You cannot cancel this PaymentIntent because it has a status of ${row.status}. Only a PaymentIntent with one of the following statuses may be canceled: ${cancelable.join(', ')}.`
  )

export const notUpdatable = (call: Call, row: PaymentIntentRow, param: string): WireError =>
  unexpectedState(
    call,
    row,
    `This PaymentIntent's ${param} could not be updated because it has a status of ${row.status}. You may only update the ${param} of a PaymentIntent with one of the following statuses: ${confirmable.join(', ')}.`,
    param
  )

/** A browser may not confirm what waits for the merchant's own confirmation. */
export const secretKeyConfirms = (id: string): WireError =>
  stateForbids(
    `The PaymentIntent ${id} cannot be confirmed using your publishable key because its \`confirmation_method\` is set to \`manual\`. Please use your secret key instead, or create a PaymentIntent with \`confirmation_method\` set to \`automatic\`.`
  )

export const onlyConfirmed = (param: string): WireError =>
  invalidRequest(
    `The parameter \`${param}\` cannot be passed when creating a PaymentIntent unless \`confirm\` is set to true.`,
    { param }
  )
