import type { Shareable } from '../../../plugins/database/batcher'
import { statement } from '../../../plugins/database/statement'
import {
  type Attempt,
  claimOf,
  type First,
  firstOf,
  type FirstRow
} from '../../../plugins/idempotency/idempotency'
import { now } from '../../protocol/values/time'
import type { PaymentMethodRow, PaymentMethodSecrets } from './store'

export interface NewPaymentMethodCall {
  requestId: string
  attempt: Attempt | null
  /** The answer, which is kept under the key. */
  body: string
  row: PaymentMethodRow
  secrets: PaymentMethodSecrets
}

/** Makes payment methods of one account, each with its key. Where that was used before nothing is made. */
export const creatingPaymentMethod: Shareable<NewPaymentMethodCall, { first: First }> = {
  touches: ({ attempt }) => (attempt ? [attempt.key] : []),

  send: async (db, account, calls, wait) => {
    const asked = calls.map(({ requestId, attempt, body, row, secrets: { token, verify } }) => ({
      ...{ request: requestId, row, token, verify },
      ...claimOf(attempt, body)
    }))
    const rows = await db.query(createPaymentMethods, [account, now(), JSON.stringify(asked), wait])
    return calls.map(({ requestId }) => ({ first: firstOf(rows, requestId) }))
  }
}

const createPaymentMethods = statement<FirstRow & Record<string, unknown>>(
  'create_payment_methods',
  'select * from payment_vault.create_payment_methods($1, $2, $3, $4)'
)
