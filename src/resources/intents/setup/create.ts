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
import { beginConfirm } from './confirm'
import { nothingToConfirmWith, onlyConfirmed } from './errors'
import { refuseImpossible } from './params'
import type { CreateSetupIntentParams } from './schema'
import { insertSetupIntent, type SetupIntentRow } from './store'
import { setupIntentToObject } from './object'

/** Makes a setup intent, and with `confirm` sets the card up at once. */
export async function createSetupIntent(
  call: Call,
  params: CreateSetupIntentParams,
  expand: Expand
): Promise<Answer> {
  refuseImpossible(params)
  refuseBadReturnUrl(params)
  paymentsOf(call)
  const { confirm = false, customer = null, payment_method: given } = params
  if (!confirm) {
    const stray = (['mandate_data', 'return_url'] as const).find((name) => params[name] != null)
    if (stray !== undefined) throw onlyConfirmed(stray)
  }
  if (confirm && given === undefined && params.payment_method_data === undefined) throw nothingToConfirmWith()

  return claimingFirst(call, async (call) => {
    const fresh = await newPaymentMethod(call, params)
    const create = async (tx: Queryable): Promise<SetupIntentRow> => {
      if (customer !== null) await refuseUnknownCustomer(tx, call, customer)
      const payment_method_id = fresh ? (await mint(tx, call, ...fresh)).id : (given ?? null)
      const row: SetupIntentRow = {
        id: newId('seti'),
        created: now(),
        status: payment_method_id === null ? 'requires_payment_method' : 'requires_confirmation',
        customer_id: customer,
        payment_method_id,
        latest_attempt_id: null,
        details: {
          authentication: null,
          automatic_payment_methods: params.automatic_payment_methods ?? null,
          cancellation_reason: null,
          description: params.description ?? null,
          flow_directions: params.flow_directions ?? null,
          last_setup_error: null,
          next_action: null,
          usage: params.usage ?? 'off_session'
        },
        metadata: params.metadata ?? {}
      }
      if (!confirm && payment_method_id !== null) await refuseUnusable(tx, call, payment_method_id, row)
      await insertSetupIntent(tx, call.account, row)
      await writeEvent(tx, call, 'setup_intent.created', row)
      return row
    }

    if (confirm) {
      return performing(call, async (tx) => {
        const row = await create(tx)
        return beginConfirm(tx, call, row, row, params, expand)
      })
    }
    return once(call.vault.db, call.attempt, async (tx) =>
      expanded(call, 'setup_intent', expand, setupIntentToObject(call, await create(tx)), tx)
    )
  })
}
