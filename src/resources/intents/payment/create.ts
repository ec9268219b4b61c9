import type { Queryable } from '../../../../plugins/database/statement'
import { type Answer, once } from '../../../../plugins/idempotency/idempotency'
import type { Call } from '../../call'
import { claimingFirst } from '../../claimed'
import { writeEvent } from '../../events/store'
import { type Expand, expanded } from '../../../protocol/expand'
import { newPaymentMethod } from '../new-payment-method'
import { performing } from '../operation'
import { paymentsOf } from '../payment-processor-of'
import { refuseBadReturnUrl } from '../return-url'
import { refuseUnknownCustomer, refuseUnusable } from '../hold-payment-method'
import { mint } from '../../payment-methods/new-payment-method'
import { newId } from '../../../protocol/values/ids'
import { now } from '../../../protocol/values/time'
import { refuseUnsupported } from '../../../protocol/errors/unsupported'
import { chargeable } from './amount'
import { beginConfirm } from './confirm'
import { nothingToConfirmWith, onlyConfirmed } from './errors'
import { mergedDetails } from './params'
import { type CreatePaymentIntentParams, unsupportedParams } from './schema'
import { insertPaymentIntent, type PaymentIntentDetails, type PaymentIntentRow } from './store'
import { paymentIntentToObject } from './object'

/** The version whose default of `capture_method` is `automatic_async`. */
const automaticAsyncSince = '2025-10-29'

/** Makes a payment intent, and with `confirm` asks for the money at once. */
export async function createPaymentIntent(
  call: Call,
  params: CreatePaymentIntentParams,
  expand: Expand
): Promise<Answer> {
  refuseUnsupported(params, unsupportedParams)
  refuseBadReturnUrl(params)
  paymentsOf(call)
  const currency = chargeable(params.amount, params.currency)
  const { confirm = false, customer = null, payment_method: given } = params
  if (!confirm) {
    const stray = (['off_session', 'return_url', 'error_on_requires_action'] as const).find(
      (name) => params[name] !== undefined && params[name] !== false
    )
    if (stray !== undefined) throw onlyConfirmed(stray)
  }
  if (confirm && given === undefined && params.payment_method_data === undefined) {
    throw nothingToConfirmWith(customer)
  }
  const details = mergedDetails(blank(call, params), params)

  return claimingFirst(call, async (call) => {
    const fresh = await newPaymentMethod(call, params)
    const create = async (tx: Queryable): Promise<PaymentIntentRow> => {
      if (customer !== null) await refuseUnknownCustomer(tx, call, customer)
      const payment_method_id = fresh ? (await mint(tx, call, ...fresh)).id : (given ?? null)
      const row: PaymentIntentRow = {
        id: newId('pi'),
        created: now(),
        status: payment_method_id === null ? 'requires_payment_method' : 'requires_confirmation',
        amount: params.amount,
        amount_capturable: 0,
        amount_received: 0,
        currency,
        customer_id: customer,
        payment_method_id,
        latest_charge_id: null,
        details,
        metadata: params.metadata ?? {}
      }
      if (!confirm && payment_method_id !== null) await refuseUnusable(tx, call, payment_method_id, row)
      await insertPaymentIntent(tx, call.account, row)
      await writeEvent(tx, call, 'payment_intent.created', row)
      return row
    }

    if (confirm) {
      return performing(call, async (tx) => {
        const row = await create(tx)
        return beginConfirm(tx, call, row, row, params, expand)
      })
    }
    return once(call.vault.db, call.attempt, async (tx) =>
      expanded(call, 'payment_intent', expand, paymentIntentToObject(call, await create(tx)), tx)
    )
  })
}

const blank = (call: Call, params: CreatePaymentIntentParams): PaymentIntentDetails => ({
  authentication: null,
  automatic_payment_methods: params.automatic_payment_methods ?? null,
  canceled_at: null,
  cancellation_reason: null,
  capture_method: call.version.slice(0, 10) >= automaticAsyncSince ? 'automatic_async' : 'automatic',
  card_options: {},
  confirmation_method: params.confirmation_method ?? 'automatic',
  description: params.description ?? null,
  last_payment_error: null,
  next_action: null,
  receipt_email: null,
  setup_future_usage: null,
  shipping: null,
  statement_descriptor: params.statement_descriptor ?? null,
  statement_descriptor_suffix: params.statement_descriptor_suffix ?? null
})
