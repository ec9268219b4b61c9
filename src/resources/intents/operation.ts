import { randomUUID } from 'node:crypto'
import { isLockTimeout, lockTimeout } from '../../../plugins/database/errors/lock-timeout'
import type { Queryable } from '../../../plugins/database/statement'
import { WireError } from '../../../plugins/errors/errors'
import {
  type Answer,
  keepingRefusals,
  keptAnswer,
  keyInUse,
  keyReused,
  once
} from '../../../plugins/idempotency/idempotency'
import { dropClaim, findClaim, insertClaim } from '../../../plugins/idempotency/claims'
import type { Call, Vault } from '../call'
import { CardRefused } from '../../processor/card-processor'
import type { ProcessorContext } from '../../processor/context'
import { callerKind, processorKey } from '../../processor/context'
import { withTimeout } from '../../processor/timeout'
import type { Expand } from '../../protocol/expand'
import {
  deleteOperation,
  findOpenOperation,
  insertOperation,
  lockOperation,
  type Operation,
  type OperationKindName,
  releaseOperation,
  takeOverOperation
} from './operation-store'
import { recordedCall, recordOf } from './recorded-call'

/** What the processor is asked in operations of a kind, and what its answer changes. */
export interface OperationKind<What, Result> {
  /**
   * Asks the processor, outside any transaction. A `CardRefused` that it throws is its answer; anything else
   * leaves open what happened, and the same is asked again under the same key.
   */
  ask: (what: What, context: ProcessorContext, call: Call) => Promise<Result>
  /**
   * Writes the answer down, in one transaction with the end of the operation, whatever else has changed. Gives the wire object to answer, or the
   * refusal (then too, what it wrote stays).
   */
  finish: (
    tx: Queryable,
    call: Call,
    operation: { intent: string; what: What; expand: Expand },
    outcome: Result | CardRefused
  ) => Promise<object>
}

/** What a call wants of the processor. All of it is written down before the processor is asked. */
export interface Wanted<What> {
  kind: OperationKindName
  intent: string
  /** The customer who must not be deleted meanwhile. */
  customer: string | null
  what: What
  expand: Expand
}

/** Thrown out of a transaction, which it undoes: something was begun on this intent, and never ended. */
export class Unfinished extends Error {
  override readonly name = 'Unfinished'
  constructor(readonly operation: Operation) {
    super('an operation must be finished first')
  }
}

/** Thrown out of a transaction, which it undoes: since its key was looked up, the first call with it has ended. */
class AnsweredMeanwhile extends Error {
  override readonly name = 'AnsweredMeanwhile'
  constructor(readonly answer: Answer) {
    super('the key has been answered')
  }
}

const kinds = new Map<OperationKindName, OperationKind<never, unknown>>()

/** Makes a kind known, so that whoever finds an unfinished operation of it can finish it. */
export function operationKind<What, Result>(
  name: OperationKindName,
  kind: OperationKind<What, Result>
): (wanted: Omit<Wanted<What>, 'kind'>) => Wanted<What> {
  kinds.set(name, kind as OperationKind<never, unknown>)
  return (wanted) => ({ kind: name, ...wanted })
}

/**
 * Does what needs the processor, in three steps: `begin` checks and changes in a transaction of its own and tells what
 * to ask, which is recorded with it; then the processor is asked; then its answer is written down, with the
 * idempotency key. Whatever dies in between, the same call again goes on from there. Where `begin` tells nothing,
 * no processor is needed and `otherwise` does it all in one transaction.
 */
export async function performing(
  call: Call,
  begin: (tx: Queryable) => Promise<Wanted<unknown> | undefined>,
  otherwise?: (tx: Queryable) => Promise<unknown>
): Promise<Answer> {
  const { db } = call.vault
  return keepingRefusals(db, call.attempt, () =>
    settlingFirst(call.vault, async () => {
      const operation = await db.transaction((tx) => begun(tx, call, begin))
      if (operation) return settle(call.vault, operation)
      if (!otherwise) throw new Error('nothing was begun, and there is nothing else to do')
      return once(db, call.attempt, otherwise)
    }).catch((error: unknown) => {
      if (error instanceof AnsweredMeanwhile) return error.answer
      throw error
    })
  )
}

/** Runs `work`; where it comes upon what was begun and never ended, ends that first and runs it again. */
export async function settlingFirst<T>(vault: Vault, work: () => Promise<T>): Promise<T> {
  for (let left = 3; ; left--) {
    try {
      return await work()
    } catch (error) {
      if (!(error instanceof Unfinished)) throw error
      if (left === 0) throw lockTimeout()
      await settleAbandoned(vault, error.operation)
    }
  }
}

/**
 * Throws where an operation is open: on an intent, whose row the transaction must hold, or for a customer, likewise.
 * A 429 while somebody is at work on it, and `Unfinished` when nobody is any more.
 */
export async function refuseOpen(
  tx: Queryable,
  account: string,
  of: { intent: string } | { customer: string }
): Promise<void> {
  const open = await findOpenOperation(tx, account, of)
  if (!open) return
  if (open.busy_until > Date.now()) throw lockTimeout()
  throw new Unfinished(open)
}

/** Finishes an operation that nobody is at work on. Throws a 429 where somebody else was faster. */
export async function settleAbandoned(vault: Vault, operation: Operation): Promise<void> {
  const own = await takeOverOperation(vault.db, operation, busyUntil(vault))
  if (!own) throw lockTimeout()
  await settle(vault, own)
}

async function begun(
  tx: Queryable,
  call: Call,
  begin: (tx: Queryable) => Promise<Wanted<unknown> | undefined>
): Promise<Operation | undefined> {
  const { account, attempt, vault } = call
  const held = await claimOf(tx, call)
  const own = held && (await lockOperation(tx, account, processorKey(held, 'operation')))
  if (attempt && own) {
    const first = recordedCall(vault, own).attempt
    const same = first?.endpoint === attempt.endpoint && first.parameters.equals(attempt.parameters)
    if (!same) throw keyReused(attempt, first?.endpoint ?? '')
    if (own.busy_until > Date.now()) throw keyInUse(attempt)
    return takeOverOperation(tx, own, busyUntil(vault))
  }

  const wanted = await begin(tx).catch(async (error: unknown) => {
    // It may be for what the first call with this key has done since it was looked for: for a token that it spent.
    const executed = error instanceof WireError && error.executed
    const first = attempt && executed && (await claimOf(tx, call))
    if (first && (await lockOperation(tx, account, processorKey(first, 'operation')))) throw keyInUse(attempt)
    throw error
  })
  if (!wanted) return undefined
  const claiming = held ?? (await newClaim(tx, call))
  const { kind, intent, customer, what, expand } = wanted
  const operation: Operation = {
    account_id: account,
    id: processorKey(claiming, 'operation'),
    intent_id: intent,
    kind,
    customer_id: customer,
    busy_until: busyUntil(vault),
    intended: { call: recordOf(claiming), what, expand }
  }
  if (!(await insertOperation(tx, operation))) throw attempt ? keyInUse(attempt) : lockTimeout()
  const kept = await keptAnswer(tx, attempt)
  if (kept) throw new AnsweredMeanwhile(kept)
  return operation
}

/** Returns the call with the claim of its key, if there is one. */
async function claimOf(tx: Queryable, call: Call): Promise<Call | undefined> {
  if (call.claim !== undefined) return call
  const claim = call.attempt ? await findClaim(tx, call.attempt, callerKind(call)) : undefined
  return claim === undefined ? undefined : { ...call, claim }
}

/** Returns the call with a new claim, which commits with its operation. */
async function newClaim(tx: Queryable, call: Call): Promise<Call> {
  if (!call.attempt) return call
  const claim = randomUUID()
  if (!(await insertClaim(tx, call.attempt, callerKind(call), claim))) throw keyInUse(call.attempt)
  return { ...call, claim }
}

/** Asks the processor on behalf of whoever began, and answers them: also when another call does it for them. */
async function settle(vault: Vault, operation: Operation): Promise<Answer> {
  const kind = kinds.get(operation.kind)
  if (!kind) throw new Error(`there is no operation ${operation.kind}`)
  const call = recordedCall(vault, operation)
  const { what, expand } = operation.intended
  const context = { account: call.account, livemode: call.livemode, idempotencyKey: operation.id }
  const outcome = await withTimeout(vault.processorTimeout, () =>
    kind.ask(what as never, context, call)
  ).catch(async (error: unknown) => {
    if (error instanceof CardRefused) return error
    // Nobody knows what happened there. It stays open, and the next one may ask at once.
    await releaseOperation(vault.db, operation).catch(() => undefined)
    throw error
  })
  const write = async (tx: Queryable): Promise<object> => {
    // Somebody else has written the answer down: this one comes too late.
    if (!(await deleteOperation(tx, operation))) throw lockTimeout()
    if (call.attempt && call.claim !== undefined) {
      await dropClaim(tx, call.attempt, call.claim, operation.id)
    }
    return kind.finish(tx, call, { intent: operation.intent_id, what: what as never, expand }, outcome)
  }
  const answer = await once(vault.db, call.attempt, write).catch(async (error: unknown) => {
    // While the processor was asked, the caller used the key for something else. What was begun is ended all the same.
    if (error instanceof WireError && error.fields.type === 'idempotency_error') {
      await once(vault.db, null, write)
    }
    throw error
  })
  // Likewise where the key has an answer already; as a rule it is the end of this very operation.
  if (answer.replayed) {
    await once(vault.db, null, write).catch((error: unknown) => {
      if (!isLockTimeout(error)) throw error
    })
  }
  return answer
}

/** The processor's time, and some for the database afterwards. */
const busyUntil = (vault: Vault): number => Date.now() + vault.processorTimeout + 10_000
