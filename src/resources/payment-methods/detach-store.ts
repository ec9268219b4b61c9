import type { Shareable } from '../../../plugins/database/batcher'
import { statement } from '../../../plugins/database/statement'
import { type Attempt, claimOf, type Kept } from '../../../plugins/idempotency/idempotency'
import { now } from '../../protocol/values/time'
import type { PaymentMethodRow } from './store'

export interface DetachCall {
  requestId: string
  attempt: Attempt | null
  paymentMethod: string
  /** The id of the event that tells of it. */
  event: string
}

/** See payment_vault.detach. */
export type DetachDecision = { created: number } & (
  | { outcome: 'detached'; object: PaymentMethodRow; customer: string }
  | { outcome: 'otherwise' }
  | ({ outcome: null; object: PaymentMethodRow | null; version: string } & Kept)
  | { outcome: null; endpoint: null }
)

/** Detaches payment methods of one account, where that is all there is to do; each with its key. */
export const detaching: Shareable<DetachCall, DetachDecision> = {
  touches: ({ paymentMethod, attempt }) =>
    attempt ? [paymentMethod, `key ${attempt.key}`] : [paymentMethod],

  send: async (db, account, calls, wait) => {
    const created = now()
    const asked = calls.map(({ requestId, attempt, paymentMethod, event }) => ({
      ...{ request: requestId, payment_method: paymentMethod, event, outcome: 'detached' },
      ...claimOf(attempt)
    }))
    const rows = await db.query(detachStatement, [account, created, JSON.stringify(asked), wait])
    const decided = new Map(rows.map((row) => [row.asked_by, row]))
    return calls.map(({ requestId }) => {
      const decision = decided.get(requestId)
      if (!decision) throw new Error('payment_vault.detach left a call undecided')
      return { ...decision, created }
    })
  }
}

const detachStatement = statement<DetachDecision & { asked_by: string } & Record<string, unknown>>(
  'detach',
  'select * from payment_vault.detach($1, $2, $3, $4)'
)
