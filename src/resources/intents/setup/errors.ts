import { invalidRequest, WireError } from '../../../../plugins/errors/errors'
import type { Call } from '../../call'
import { noSuch } from '../../../protocol/errors/no-such'
import { findSetupIntent, type SetupIntentRow, type SetupIntentStatus } from './store'
import { setupIntentToObject } from './object'

export const noSuchSetupIntent = noSuch('setup_intent', findSetupIntent, {
  noun: 'setupintent',
  param: 'intent'
})

/** The intent's state forbids it: kept under the caller's key, and the intent is in the error. */
const unexpectedState = (call: Call, row: SetupIntentRow, message: string): WireError =>
  new WireError(
    400,
    {
      code: 'setup_intent_unexpected_state',
      message,
      setup_intent: setupIntentToObject(call, row),
      type: 'invalid_request_error'
    },
    { executed: true }
  )

/** What it can still be confirmed, changed or canceled in. */
export const open: readonly SetupIntentStatus[] = [
  'requires_payment_method',
  'requires_confirmation',
  'requires_action'
]

export const notConfirmable = (call: Call, row: SetupIntentRow): WireError =>
  unexpectedState(
    call,
    row,
    row.status === 'succeeded'
      ? 'You cannot confirm this SetupIntent because it has already succeeded.'
      : `You cannot confirm this SetupIntent because it has a status of ${row.status}. Only a SetupIntent with one of the following statuses may be confirmed: requires_confirmation, requires_action.`
  )

// The second "it" is the wire's own.
export const notCancelable = (call: Call, row: SetupIntentRow): WireError =>
  unexpectedState(
    call,
    row,
    row.status === 'canceled'
      ? 'You cannot cancel this SetupIntent because it it already canceled.'
      : `You cannot cancel this SetupIntent because it has a status of ${row.status}. Only a SetupIntent with one of the following statuses may be canceled: \`requires_payment_method\`, \`requires_confirmation\`, or \`requires_action\`.`
  )

export const notUpdatable = (call: Call, row: SetupIntentRow): WireError =>
  unexpectedState(
    call,
    row,
    `You cannot update this SetupIntent because it has a status of ${row.status}. Only its description and metadata may still be changed.`
  )

export const paymentMethodMissing = (call: Call, row: SetupIntentRow): WireError =>
  unexpectedState(call, row, missing)

/** The same where the intent would have had to be made first. */
export const nothingToConfirmWith = (): WireError =>
  invalidRequest(missing, { code: 'setup_intent_unexpected_state' })

const missing =
  "You cannot confirm this SetupIntent because it's missing a payment method. Update the SetupIntent with a payment method and then confirm it again, or confirm it again directly with a payment method."

export const onlyConfirmed = (param: string): WireError =>
  invalidRequest(
    `The parameter \`${param}\` cannot be passed when creating a SetupIntent unless \`confirm\` is set to true.`,
    { param }
  )
