import type { Queryable } from '../../../../plugins/database/statement'
import { WireError, type WireErrorFields } from '../../../../plugins/errors/errors'
import type { Answer } from '../../../../plugins/idempotency/idempotency'
import type { Call } from '../../call'
import { performing, refuseOpen } from '../operation'
import { findPaymentMethod } from '../../payment-methods/store'
import { beginSetUp } from './confirm'
import { noSuchSetupIntent } from './errors'
import { failed } from './set-up'
import { lockSetupIntent, type SetupIntentRow } from './store'
import { setupIntentToObject } from './object'

/**
 * Goes on after an authentication, as the page says that it ended; `source` names the one that is meant. Passed, the
 * card is set up; failed, the intent waits for another one. Where it does not wait for that authentication any more,
 * it is answered as it is.
 */
export async function continueSetupIntent(
  call: Call,
  id: string,
  source: string,
  outcome: 'succeeded' | 'failed'
): Promise<Answer> {
  return performing(
    call,
    async (tx) => {
      const row = await heldRow(tx, call, id)
      const { authentication } = row.details
      const attempt = row.latest_attempt_id
      if (!waits(row, source) || outcome === 'failed' || authentication === null || attempt === null)
        return undefined
      const passed: SetupIntentRow = {
        ...row,
        status: 'requires_confirmation',
        details: { ...row.details, authentication: null, next_action: null }
      }
      const { return_url = null } = row.details.next_action ?? {}
      try {
        return await beginSetUp(tx, call, passed, { attempt, authentication, return_url, expand: [] })
      } catch (error) {
        if (!(error instanceof WireError) || error.status !== 400) throw error
        // While somebody authenticated, their payment method went elsewhere.
        await fail(tx, call, row, error.fields)
        return undefined
      }
    },
    async (tx) => {
      const row = await heldRow(tx, call, id)
      const left = waits(row, source) ? await fail(tx, call, row, notAuthenticated) : row
      return setupIntentToObject(call, left)
    }
  )
}

async function heldRow(tx: Queryable, call: Call, id: string): Promise<SetupIntentRow> {
  const row = await lockSetupIntent(tx, call.account, id)
  if (!row) throw await noSuchSetupIntent(tx, call, id)
  await refuseOpen(tx, call.account, { intent: id })
  return row
}

const waits = ({ status, details }: SetupIntentRow, source: string): boolean =>
  status === 'requires_action' && details.next_action?.source === source

const notAuthenticated: WireErrorFields = {
  code: 'setup_intent_authentication_failure',
  message: 'The latest attempt to set up the payment method has failed because authentication failed.',
  type: 'invalid_request_error'
}

async function fail(
  tx: Queryable,
  call: Call,
  row: SetupIntentRow,
  fields: WireErrorFields
): Promise<SetupIntentRow> {
  const { payment_method_id: id, latest_attempt_id: attempt } = row
  const paymentMethod = id === null ? undefined : await findPaymentMethod(tx, call.account, id)
  if (!paymentMethod || attempt === null) throw new Error('a setup intent waits without a payment method')
  return failed(tx, call, row, attempt, paymentMethod, fields)
}
