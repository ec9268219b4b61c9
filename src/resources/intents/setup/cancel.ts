import { type Answer, once } from '../../../../plugins/idempotency/idempotency'
import type { Queryable } from '../../../../plugins/database/statement'
import type { Call } from '../../call'
import { writeEvent } from '../../events/store'
import { type Expand, expanded } from '../../../protocol/expand'
import { refuseOpen, settlingFirst } from '../operation'
import { abandonAttempt } from '../attempts/store'
import { noSuchSetupIntent, notCancelable, open } from './errors'
import type { CancelSetupIntentParams } from './schema'
import { lockSetupIntent, type SetupIntentRow, updateSetupIntentRow } from './store'
import { setupIntentToObject } from './object'

/** Gives a set-up up for good. */
export async function cancelSetupIntent(
  call: Call,
  id: string,
  params: CancelSetupIntentParams,
  expand: Expand
): Promise<Answer> {
  const cancel = async (tx: Queryable) => {
    const row = await lockSetupIntent(tx, call.account, id)
    if (!row) throw await noSuchSetupIntent(tx, call, id)
    await refuseOpen(tx, call.account, { intent: id })
    if (!open.includes(row.status)) throw notCancelable(call, row)
    if (row.latest_attempt_id !== null) await abandonAttempt(tx, call.account, row.latest_attempt_id)
    const changed: SetupIntentRow = {
      ...row,
      status: 'canceled',
      details: {
        ...row.details,
        authentication: null,
        cancellation_reason: params.cancellation_reason ?? null,
        next_action: null
      }
    }
    await updateSetupIntentRow(tx, call.account, changed)
    await writeEvent(tx, call, 'setup_intent.canceled', changed)
    return expanded(call, 'setup_intent', expand, setupIntentToObject(call, changed), tx)
  }
  return settlingFirst(call.vault, () => once(call.vault.db, call.attempt, cancel))
}
