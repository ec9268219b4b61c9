import type { FastifyInstance } from 'fastify'
import { isLockTimeout } from '../../../plugins/database/errors/lock-timeout'
import { sweepRegularly } from '../../../plugins/database/sweep'
import type { Vault } from '../call'
import { settleAbandoned } from './operation'
import { findAbandoned } from './operation-store'

/**
 * Every `every` milliseconds (30 s) or so, ends what was begun with the processor and left by whoever began it: by a
 * process that died, or a caller who did not come back. So nothing stays reserved, and no payment method held, for long.
 */
export function finishAbandonedRegularly(
  scope: FastifyInstance,
  vault: Vault,
  { every = 30_000 }: { every?: number } = {}
): void {
  sweepRegularly(scope, {
    intervalMs: every,
    failureMessage: 'what was begun with the processor could not be finished',
    sweep: (signal) => finishAbandoned(vault, signal)
  })
}

/** Ends what nobody is at work on, and gives back how many. What fails is left for the next time. */
export async function finishAbandoned(vault: Vault, signal?: AbortSignal): Promise<number> {
  let finished = 0
  const failures: unknown[] = []
  for (const operation of await findAbandoned(vault.db, Date.now(), 100)) {
    if (signal?.aborted) break
    try {
      await settleAbandoned(vault, operation)
      finished++
    } catch (error) {
      // Another process was faster.
      if (!isLockTimeout(error)) failures.push(error)
    }
  }
  if (failures.length > 0) throw new AggregateError(failures, `${failures.length} could not be finished`)
  return finished
}
