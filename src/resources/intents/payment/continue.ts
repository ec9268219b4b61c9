import type { Queryable } from '../../../../plugins/database/statement'
import { WireError, type WireErrorFields } from '../../../../plugins/errors/errors'
import type { Answer } from '../../../../plugins/idempotency/idempotency'
import type { Call } from '../../call'
import { writeEvent } from '../../events/store'
import { lastErrorOf } from '../last-error'
import { performing, refuseOpen } from '../operation'
import { findPaymentMethod } from '../../payment-methods/store'
import { beginConfirm } from './confirm'
import { noSuchPaymentIntent } from './errors'
import { lockPaymentIntent, type PaymentIntentRow, updatePaymentIntentRow } from './store'
import { paymentIntentToObject } from './object'

/**
 * Goes on after an authentication, as the page says that it ended; `source` names the one that is meant. Passed, the
 * money is asked for at once, or, with `confirmation_method=manual`, at the next confirm. Failed, the intent waits for
 * another payment method. Where it does not wait for that authentication any more, it is answered as it is.
 */
export async function continuePaymentIntent(
  call: Call,
  id: string,
  source: string,
  outcome: 'succeeded' | 'failed'
): Promise<Answer> {
  return performing(
    call,
    async (tx) => {
      const row = await heldRow(tx, call, id)
      if (!waits(row, source) || outcome === 'failed') return undefined
      const passed = passedRow(row)
      if (passed.details.confirmation_method === 'manual') return undefined
      try {
        return await beginConfirm(tx, call, passed, passed, {}, [])
      } catch (error) {
        if (!(error instanceof WireError) || error.status !== 400) throw error
        // While somebody authenticated, their payment method went elsewhere.
        await fail(tx, call, row, error.fields)
        return undefined
      }
    },
    async (tx) => {
      const row = await heldRow(tx, call, id)
      if (!waits(row, source)) return paymentIntentToObject(call, row)
      if (outcome === 'failed')
        return paymentIntentToObject(call, await fail(tx, call, row, notAuthenticated))
      const passed = passedRow(row)
      await updatePaymentIntentRow(tx, call.account, passed)
      return paymentIntentToObject(call, passed)
    }
  )
}

async function heldRow(tx: Queryable, call: Call, id: string): Promise<PaymentIntentRow> {
  const row = await lockPaymentIntent(tx, call.account, id)
  if (!row) throw await noSuchPaymentIntent(tx, call, id)
  await refuseOpen(tx, call.account, { intent: id })
  return row
}

const waits = ({ status, details }: PaymentIntentRow, source: string): boolean =>
  status === 'requires_action' && details.next_action?.source === source

function passedRow(row: PaymentIntentRow): PaymentIntentRow {
  const { authentication } = row.details
  return {
    ...row,
    status: 'requires_confirmation',
    details: {
      ...row.details,
      authentication: authentication && { ...authentication, passed: true },
      next_action: null
    }
  }
}

const notAuthenticated: WireErrorFields = {
  code: 'payment_intent_authentication_failure',
  message:
    'The provided PaymentMethod has failed authentication. You can provide payment_method_data or a new PaymentMethod to attempt to fulfill this PaymentIntent again.',
  type: 'invalid_request_error'
}

async function fail(
  tx: Queryable,
  call: Call,
  row: PaymentIntentRow,
  fields: WireErrorFields
): Promise<PaymentIntentRow> {
  const { payment_method_id: id } = row
  const paymentMethod = id === null ? undefined : await findPaymentMethod(tx, call.account, id)
  const changed: PaymentIntentRow = {
    ...row,
    status: 'requires_payment_method',
    payment_method_id: null,
    details: {
      ...row.details,
      authentication: null,
      last_payment_error: lastErrorOf(fields, paymentMethod),
      next_action: null
    }
  }
  await updatePaymentIntentRow(tx, call.account, changed)
  await writeEvent(tx, call, 'payment_intent.payment_failed', changed)
  return changed
}
