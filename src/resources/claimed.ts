import { randomUUID } from 'node:crypto'
import { WireError } from '../../plugins/errors/errors'
import { dropClaim, takeClaim } from '../../plugins/idempotency/claims'
import { type Answer, keepingRefusals, keptAnswer } from '../../plugins/idempotency/idempotency'
import { callerKind, processorKey } from '../processor/context'
import type { Call } from './call'

/**
 * Runs work that asks the processor, with the call's idempotency key claimed before the first question. A retry of a
 * call that crashed takes over its claim, and so asks under the same processor key. The claim ends with an answer, or
 * with a refusal that leaves the key free; a failure that says to try again keeps it.
 */
export async function claimed(call: Call, work: (call: Call) => Promise<Answer>): Promise<Answer> {
  const { attempt, vault } = call
  if (!attempt || call.claim !== undefined || vault.processor.keyless) return work(call)
  const kept = await keptAnswer(vault.db, attempt)
  if (kept) return kept
  const claim = await takeClaim(vault.db, attempt, callerKind(call), randomUUID())
  const claiming = { ...call, claim }
  const drop = () => dropClaim(vault.db, attempt, claim, processorKey(claiming, 'operation'))
  const answer = await work(claiming).catch(async (error: unknown) => {
    if (error instanceof WireError && isFinal(error)) await drop().catch(() => undefined)
    throw error
  })
  // The answer is kept. A claim that stays behind expires with the key.
  await drop().catch(() => undefined)
  return answer
}

const isFinal = ({ status }: WireError): boolean => status < 500 && status !== 409 && status !== 429

/** The same for work that asks the processor before its transaction: its refusals are kept, too. */
export const claimingFirst = (call: Call, work: (call: Call) => Promise<Answer>): Promise<Answer> =>
  claimed(call, (call) => keepingRefusals(call.vault.db, call.attempt, () => work(call)))
