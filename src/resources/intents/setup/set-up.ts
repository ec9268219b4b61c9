import type { Queryable } from '../../../../plugins/database/statement'
import { WireError } from '../../../../plugins/errors/errors'
import type { Call } from '../../call'
import { lockCustomer } from '../../customers/store'
import { writeEvent } from '../../events/store'
import { recordedAnswer } from '../recorded-answer'
import type { Expand } from '../../../protocol/expand'
import { attachDone } from '../attach-after-confirm'
import { lastErrorOf } from '../last-error'
import { newNextAction } from '../next-action'
import { operationKind } from '../operation'
import { paymentsOf } from '../payment-processor-of'
import { releasePaymentMethod, replaceToken } from '../../payment-methods/hold-store'
import { findPaymentMethod, type PaymentMethodRow } from '../../payment-methods/store'
import { paymentMethodToObject } from '../../payment-methods/object'
import { CardRefused } from '../../../processor/card-processor'
import type { AuthenticationWanted, SetUp, SetUpOutcome } from '../../../processor/payment-processor'
import { putAttempt, type SetupAttemptRow } from '../attempts/store'
import { now } from '../../../protocol/values/time'
import { lockSetupIntent, type SetupIntentRow, updateSetupIntentRow } from './store'
import { setupIntentToObject } from './object'

/** All that a set-up is asked and ended with. */
export interface ToSetUp {
  /** The id of the setup attempt. */
  attempt: string
  payment_method: string
  setUp: SetUp
  /** Whether the payment method becomes the customer's by it, rather than being theirs already. */
  attach: boolean
  /** Where the browser is to go after an authentication; null where it stays where it is. */
  return_url: string | null
}

/** Sets up the card of a setup intent whose confirm has been checked. */
export const setUp = operationKind<ToSetUp, SetUpOutcome | AuthenticationWanted>('set_up', {
  ask: ({ setUp }, context, call) => paymentsOf(call).setUp(setUp, context),

  finish: async (tx, call, { intent, what, expand }, outcome) => {
    const { account } = call
    const row = await lockSetupIntent(tx, account, intent)
    if (!row) throw new Error('a setup intent is gone')
    // First the customer, then the payment method: the order of attach and detach.
    if (row.customer_id !== null) await lockCustomer(tx, account, row.customer_id)
    await releasePaymentMethod(tx, account, what.payment_method, intent)
    const paymentMethod = await findPaymentMethod(tx, account, what.payment_method)
    if (!paymentMethod) throw new Error('a payment method is gone')

    const asked = { row, paymentMethod, what, expand }
    if (outcome instanceof CardRefused) return refused(tx, call, asked, outcome)
    if (outcome.status === 'requires_action') return wanted(tx, call, asked, outcome)
    return succeeded(tx, call, asked, outcome)
  }
})

interface Asked {
  row: SetupIntentRow
  paymentMethod: PaymentMethodRow
  what: ToSetUp
  expand: Expand
}

async function succeeded(
  tx: Queryable,
  call: Call,
  { row, paymentMethod, what, expand }: Asked,
  outcome: SetUpOutcome
): Promise<object> {
  const { account } = call
  const changed: SetupIntentRow = {
    ...row,
    status: 'succeeded',
    latest_attempt_id: what.attempt,
    details: { ...row.details, authentication: null, last_setup_error: null, next_action: null }
  }
  await putAttempt(tx, account, attemptOf(changed, paymentMethod, what, 'succeeded'))
  await updateSetupIntentRow(tx, account, changed)
  if (outcome.token !== undefined) await replaceToken(tx, account, what.payment_method, outcome.token)
  await writeEvent(tx, call, 'setup_intent.succeeded', changed)
  if (what.attach && row.customer_id !== null) {
    // Nobody is asked again: a set-up says more than a check.
    await attachDone(tx, call, what.payment_method, row.customer_id, outcome.checks)
  }
  return recordedAnswer(tx, call, 'setup_intent', expand, setupIntentToObject(call, changed))
}

async function wanted(
  tx: Queryable,
  call: Call,
  { row, paymentMethod, what, expand }: Asked,
  { reference, url }: AuthenticationWanted
): Promise<object> {
  const changed: SetupIntentRow = {
    ...row,
    status: 'requires_action',
    latest_attempt_id: what.attempt,
    details: {
      ...row.details,
      authentication: reference,
      last_setup_error: null,
      next_action: newNextAction(call, row.id, { return_url: what.return_url, url })
    }
  }
  await putAttempt(tx, call.account, attemptOf(changed, paymentMethod, what, 'requires_action'))
  await updateSetupIntentRow(tx, call.account, changed)
  await writeEvent(tx, call, 'setup_intent.requires_action', changed)
  return recordedAnswer(tx, call, 'setup_intent', expand, setupIntentToObject(call, changed))
}

async function refused(
  tx: Queryable,
  call: Call,
  { row, paymentMethod, what }: Asked,
  refusal: CardRefused
): Promise<WireError> {
  const { param, ...rest } = refusal.fields
  // An attach that is declined has an empty `param`; a set-up has none.
  const fields = { ...rest, ...(param !== '' && { param }) }
  const changed = await failed(tx, call, row, what.attempt, paymentMethod, fields)
  return new WireError(
    402,
    {
      ...fields,
      payment_method: paymentMethodToObject(call, paymentMethod),
      setup_intent: setupIntentToObject(call, changed)
    },
    { executed: true }
  )
}

/** Writes down that an attempt did not succeed: the intent waits for another payment method. */
export async function failed(
  tx: Queryable,
  call: Call,
  row: SetupIntentRow,
  attempt: string,
  paymentMethod: PaymentMethodRow,
  fields: WireError['fields']
): Promise<SetupIntentRow> {
  const error = lastErrorOf(fields, paymentMethod)
  const changed: SetupIntentRow = {
    ...row,
    status: 'requires_payment_method',
    payment_method_id: null,
    latest_attempt_id: attempt,
    details: { ...row.details, authentication: null, last_setup_error: error, next_action: null }
  }
  const made = attemptOf(row, paymentMethod, { attempt }, 'failed')
  await putAttempt(tx, call.account, { ...made, details: { ...made.details, setup_error: error } })
  await updateSetupIntentRow(tx, call.account, changed)
  await writeEvent(tx, call, 'setup_intent.setup_failed', changed)
  return changed
}

const attemptOf = (
  { id, customer_id, details }: SetupIntentRow,
  paymentMethod: PaymentMethodRow,
  { attempt }: Pick<ToSetUp, 'attempt'>,
  status: SetupAttemptRow['status']
): SetupAttemptRow => ({
  id: attempt,
  created: now(),
  setup_intent_id: id,
  status,
  customer_id,
  payment_method_id: paymentMethod.id,
  details: {
    card: paymentMethod.details,
    flow_directions: details.flow_directions,
    setup_error: null,
    usage: details.usage
  }
})
