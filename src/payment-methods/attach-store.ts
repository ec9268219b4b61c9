import { type Queryable, statement } from '../../plugins/database'
import type { Attempt } from '../../plugins/idempotency'
import type { CardChecks } from '../processor/card-processor'
import { storedChecks } from './checks'
import type { PaymentMethodRow } from './store'

/** One attach as the database decides it. See the function's own comment for what each outcome means. */
export interface AttachDecision {
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
  account: string
  created: number
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

/** Sends one call to the rule, payment_vault.attach: a batch of one. */
export async function decideAttach(db: Queryable, call: AttachCall): Promise<AttachDecision> {
  const { claim } = call
  const [decision] = await db.query(attachStatement, [
    call.account,
    call.created,
    [call.paymentMethod],
    [call.customer],
    [call.verified],
    [call.checks ? JSON.stringify(storedChecks(call.checks)) : null],
    [call.event],
    [call.requestId],
    [call.key],
    [claim?.endpoint ?? null],
    [claim?.parameters ?? null],
    [claim?.version ?? null]
  ])
  if (!decision) throw new Error('payment_vault.attach decided nothing')
  return decision
}

const attachStatement = statement<AttachDecision & Record<string, unknown>>(
  'attach',
  `select outcome, object, token, replay_of, version, endpoint, status, body
   from payment_vault.attach($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`
)
