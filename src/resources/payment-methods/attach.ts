import { lockTimeout } from '../../../plugins/database/errors/lock-timeout'
import type { Queryable } from '../../../plugins/database/statement'
import { errorBody, WireError } from '../../../plugins/errors/errors'
import {
  Answer,
  type Attempt,
  keyInUse,
  keyReused,
  once,
  orKeyInUse
} from '../../../plugins/idempotency/idempotency'
import { toBody } from '../../../plugins/json/json'
import type { Call } from '../call'
import { claimed } from '../claimed'
import { noSuchCustomer } from '../customers/errors'
import { announceWritten } from '../events/store'
import { type Expand, expanded } from '../../protocol/expand'
import { newId } from '../../protocol/values/ids'
import { type AttachCall, type AttachDecision, attaching, decideAttach } from './attach-store'
import { alreadyAttached, noSuchPaymentMethod, spent } from './errors'
import type { NewPaymentMethod } from './draft'
import { isSharedId, mint, sharedCard } from './new-payment-method'
import type { PaymentMethodRow } from './store'
import { type Verification, VerifyFirst, verifying } from './verify'
import { paymentMethodToObject } from './object'

/**
 * Ties a payment method to a customer, for good: one payment method, one customer. Attaching it again to the same
 * customer changes nothing; to another, or after a detach, it is refused. An id such as `pm_card_visa` makes a new
 * payment method, which is attached.
 */
export async function attach(call: Call, id: string, customer: string, expand: Expand): Promise<Answer> {
  if (isSharedId(id)) {
    return claimed(call, async (call) => attachCardOf(call, id, await sharedCard(call, id), customer, expand))
  }
  return attachCardOf(call, id, undefined, customer, expand)
}

async function attachCardOf(
  call: Call,
  id: string,
  shared: NewPaymentMethod | undefined,
  customer: string,
  expand: Expand
): Promise<Answer> {
  if (!shared && expand.length === 0) {
    return verifying(call, (verification) => attachAlone(call, id, customer, verification))
  }
  return verifying(call, (verification) =>
    once(call.vault.db, call.attempt, async (tx) => {
      const paymentMethod = shared ? (await mint(tx, call, shared)).id : id
      const row = await attachWithin(tx, call, paymentMethod, customer, verification)
      return expanded(call, 'payment_method', expand, paymentMethodToObject(call, row), tx)
    })
  )
}

/** The hot path: key, change and event in one statement, shared with others unless the host has a hook. */
async function attachAlone(
  call: Call,
  id: string,
  customer: string,
  verification: Verification | undefined
): Promise<Answer> {
  const { db } = call.vault
  const attempted = attachCall(call, id, customer, verification, call.attempt)
  let decision: AttachDecision
  try {
    // A hook of the host's needs a transaction around it. The rule claims the key all the same, so that whoever asks
    // again is answered whether there was a hook at the time or not.
    decision = await orKeyInUse(db, call.attempt, () =>
      call.vault.beforeAttach
        ? db.transaction((tx) => decideWithin(tx, call, attempted))
        : decideShared(call, attempted)
    )
  } catch (error) {
    // The hook's refusal: the claim was undone with everything else.
    if (call.attempt && error instanceof WireError && error.executed)
      return once(db, call.attempt, async () => error)
    throw error
  }
  const of = {
    originalRequest: call.attempt ? (decision.replay_of ?? call.requestId) : undefined,
    replayed: decision.replay_of !== null
  }
  if (decision.status !== null && decision.body !== null)
    return new Answer(decision.status, decision.body, of)
  try {
    const row = await attachedOr(db, decision, call, id, customer)
    return new Answer(
      200,
      toBody(paymentMethodToObject({ ...call, version: decision.version ?? call.version }, row)),
      of
    )
  } catch (error) {
    if (error instanceof WireError && error.executed) return new Answer(error.status, errorBody(error), of)
    throw error
  }
}

/**
 * The same rule inside a transaction of the caller's, for whatever attaches on the way (a customer's create). Throws
 * the refusal, or `VerifyFirst`; `param` names the parameter that the payment method's id came from.
 */
export async function attachWithin(
  tx: Queryable,
  call: Call,
  id: string,
  customer: string,
  verification: Verification | undefined,
  param?: string
): Promise<PaymentMethodRow> {
  const attempted = attachCall(call, id, customer, verification, null)
  const decision = await decideWithin(tx, call, attempted)
  return attachedOr(tx, decision, call, id, customer, param)
}

const attachCall = (
  call: Call,
  id: string,
  customer: string,
  verification: Verification | undefined,
  claim: Attempt | null
): AttachCall => ({
  paymentMethod: id,
  customer,
  verified: verification !== undefined,
  checks: verification?.checks,
  event: newId('evt'),
  requestId: call.requestId,
  key: call.attempt?.key ?? null,
  claim
})

async function decideShared(call: Call, attempted: AttachCall): Promise<AttachDecision> {
  const decision = await call.vault.batcher.run(attaching, call.account, attempted)
  if (isNew(decision)) announce(call, attempted, decision)
  return decision
}

/** In the caller's transaction; of what is attached by it the host's hook is asked. */
async function decideWithin(tx: Queryable, call: Call, attempted: AttachCall): Promise<AttachDecision> {
  const decision = await decideAttach(tx, call.account, attempted)
  if (!isNew(decision)) return decision
  await call.vault.beforeAttach?.(tx, call, attempted.customer, decision.object)
  tx.afterCommit(() => {
    announce(call, attempted, decision)
  })
  return decision
}

/** The rule wrote the event itself. */
const announce = (call: Call, { event }: AttachCall, { created, object }: Attached): void => {
  announceWritten(call, { id: event, created }, 'payment_method.attached', object)
}

type Attached = AttachDecision & { object: PaymentMethodRow }

const isNew = (decision: AttachDecision): decision is Attached =>
  decision.outcome === 'attached' && decision.object !== null && decision.replay_of === null

/** The payment method as it is now attached, or the refusal that the outcome stands for. */
async function attachedOr(
  db: Queryable,
  { outcome, object, token, endpoint }: AttachDecision,
  call: Call,
  id: string,
  customer: string,
  param?: string
): Promise<PaymentMethodRow> {
  switch (outcome) {
    case 'attached':
    case 'unchanged':
      if (object) return object
      break
    case 'no_such_payment_method':
      throw await noSuchPaymentMethod(db, call, id, param)
    case 'no_such_customer':
      throw await noSuchCustomer(db, call, customer, 'customer')
    case 'attached_to_another':
      throw alreadyAttached()
    case 'spent':
      throw spent()
    case 'held':
      throw lockTimeout()
    case 'verify_first':
      if (token !== null) throw new VerifyFirst(token)
      break
    case 'key_reused':
      if (call.attempt && endpoint !== null) throw keyReused(call.attempt, endpoint)
      break
    case 'key_in_use':
      if (call.attempt) throw keyInUse(call.attempt)
  }
  throw new Error(`payment_vault.attach gave no answer to its outcome ${String(outcome)}`)
}
