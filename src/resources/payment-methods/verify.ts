import { type Answer, keepingRefusals } from '../../../plugins/idempotency/idempotency'
import { claimed } from '../claimed'
import type { Call } from '../call'
import type { CardChecks } from '../../processor/card-checks'
import { processorContext } from '../../processor/context'

/** Thrown out of a transaction, which it undoes: the processor must be asked about the card before its attach. */
export class VerifyFirst extends Error {
  override readonly name = 'VerifyFirst'
  constructor(readonly token: string) {
    super('the processor must be asked first')
  }
}

/** What the processor said when it was asked. */
export interface Verification {
  checks: CardChecks | undefined
}

/**
 * Runs `attempt`; where it comes upon a card that must be verified, asks the processor, outside any transaction, and
 * runs it again with the answer. A refusal of the card is kept under the call's idempotency key.
 */
export async function verifying(
  call: Call,
  attempt: (verification: Verification | undefined) => Promise<Answer>
): Promise<Answer> {
  try {
    return await attempt(undefined)
  } catch (error) {
    if (!(error instanceof VerifyFirst)) throw error
    const { token } = error
    return claimed(call, (call) =>
      keepingRefusals(call.vault.db, call.attempt, async () =>
        // A set-up may replace the token between two tries.
        attempt({ checks: await call.vault.processor.verify(token, processorContext(call, 'verify', token)) })
      )
    )
  }
}
