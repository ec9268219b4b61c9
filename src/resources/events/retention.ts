import type { FastifyInstance } from 'fastify'
import type { Database } from '../../../plugins/database/database'
import { oldestKey } from '../../../plugins/idempotency/expiry'
import { removeInBatches, sweepRegularly } from '../../../plugins/database/sweep'
import { firstId } from '../../protocol/values/ids'
import { nextAccountWithEvents, removeEvents } from './retention-store'

export interface Retention {
  /**
   * Milliseconds: four days at least, as deliveries are tried for three, and as long as idempotency keys, since an
   * attach is answered again out of its event.
   */
  keepFor: number
  intervalMs?: number
}

/**
 * Removes events that are older than `keepFor` milliseconds, with their deliveries, every `every` milliseconds (an
 * hour) or so, as long as the app runs.
 */
export function removeOldEvents(
  scope: FastifyInstance,
  db: Database,
  { keepFor, ...often }: Retention
): void {
  sweepRegularly(scope, {
    ...often,
    failureMessage: 'old events were not removed',
    sweep: (signal) => removeEventsBefore(db, Date.now() - keepFor, signal)
  })
}

/**
 * Removes the events that were written before that millisecond since 1970, with their deliveries, account by account in
 * small transactions, and gives back how many events. What a key that is still there may need stays, however old. It
 * waits for nobody's events, so that any number of processes may do it at once.
 */
export async function removeEventsBefore(
  db: Database,
  millisecond: number,
  signal?: AbortSignal,
  size?: number
): Promise<number> {
  return removeInBatches({
    nextAccount: (account) => nextAccountWithEvents(db, account),
    remove: async (account, size) => {
      // Some seconds more, as a key is claimed before its event is written.
      const needed = ((await oldestKey(db, account)) ?? Infinity) * 1000 - 10_000
      return removeEvents(db, account, firstId('evt', Math.min(millisecond, needed)), size)
    },
    signal,
    size
  })
}
