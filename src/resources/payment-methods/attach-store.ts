import type { Shareable } from '../../../plugins/database/batcher'
import { type Queryable, statement } from '../../../plugins/database/statement'
import type { Attempt } from '../../../plugins/idempotency/idempotency'
import type { CardChecks } from '../../processor/card-checks'
import { now } from '../../protocol/values/time'
import type { PaymentMethodRow } from './store'
import { storedChecks } from './stored-card'

/** One attach as the database decides it. See the function's own comment for what each outcome means. */
export interface AttachDecision {
  /** When it was decided, in seconds since 1970: the event's time. */
  created: number
  outcome:
    | 'attached'
    | 'unchanged'
    | 'no_such_payment_method'
    | 'no_such_customer'
    | 'attached_to_another'
    | 'spent'
    | 'held'
    | 'verify_first'
    | 'key_reused'
    | 'key_in_use'
    | null
  object: PaymentMethodRow | null
  token: string | null
  /** Set for a replay: the request that was answered first, and the version it was answered in. */
  replay_of: string | null
  version: string | null
  endpoint: string | null
  /** A kept answer that is not made from an outcome, such as a card's refusal. */
  status: number | null
  body: string | null
}

export interface AttachCall {
  paymentMethod: string
  customer: string
  /** The processor was asked and let the card pass; with new outcomes of its checks, if there are any. */
  verified: boolean
  checks: CardChecks | undefined
  event: string
  requestId: string
  key: string | null
  /** Claims the key as well; null where the caller's transaction has done so. */
  claim: Attempt | null
}

/** Has the rule, payment_vault.attach, decide calls of one account. */
export const attaching: Shareable<AttachCall, AttachDecision> = {
  touches: ({ paymentMethod, key }) => (key === null ? [paymentMethod] : [paymentMethod, `key ${key}`]),

  send: async (db, account, calls, wait) => {
    const sorted = calls.length === 1 ? calls : [...calls].sort(byPaymentMethod)
    const created = now()
    const rows = await db.query(sorted.length === 1 ? attachStatement : attachTogether, [
      account,
      created,
      sorted.map(({ paymentMethod }) => paymentMethod),
      sorted.map(({ customer }) => customer),
      sorted.map(({ verified }) => verified),
      sorted.map(({ checks }) => (checks ? JSON.stringify(storedChecks(checks)) : null)),
      sorted.map(({ event }) => event),
      sorted.map(({ requestId }) => requestId),
      sorted.map(({ key }) => key),
      sorted.map(({ claim }) => claim?.endpoint ?? null),
      sorted.map(({ claim }) => claim?.parameters ?? null),
      sorted.map(({ claim }) => claim?.version ?? null),
      wait
    ])
    const decided = new Map(rows.map((row) => [sorted[row.call - 1], row]))
    return calls.map((call) => {
      const decision = decided.get(call)
      if (!decision) throw new Error('payment_vault.attach left a call undecided')
      return { ...decision, created }
    })
  }
}

/** The same for one call, in a transaction of the caller's. */
export async function decideAttach(
  tx: Queryable,
  account: string,
  call: AttachCall
): Promise<AttachDecision> {
  const [decision] = await attaching.send(tx, account, [call], '5s')
  if (!decision) throw new Error('payment_vault.attach decided nothing')
  return decision
}

const byPaymentMethod = (a: AttachCall, b: AttachCall): number => (a.paymentMethod < b.paymentMethod ? -1 : 1)

const decisions = (name: string) =>
  statement<{ call: number } & Omit<AttachDecision, 'created'> & Record<string, unknown>>(
    name,
    `select call, outcome, object, token, replay_of, version, endpoint, status, body
     from payment_vault.${name}($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`
  )

const attachStatement = decisions('attach')
const attachTogether = decisions('attach_together')
