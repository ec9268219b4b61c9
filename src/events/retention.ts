import type { FastifyInstance } from 'fastify'
import type { Database } from '../../plugins/database'
import { oldestKey } from '../../plugins/idempotency-retention'
import { removeInBatches, sweepRegularly } from '../../plugins/sweep'
import { firstId } from '../wire/ids'
import { nextAccountWithEvents, removeEvents } from './retention-store'

const day = 24 * 3600 * 1000
/** Deliveries are tried for three days. */
const least = 4 * day

export interface Retention {
  /** Milliseconds. */
  keepFor: number
  /** Milliseconds for which idempotency keys are kept: an attach is answered again out of its event. */
  keepKeysFor: number
  every?: number
}

/**
 * Removes events that are older than `keepFor` milliseconds, with their deliveries, every `every` milliseconds (an
 * hour) or so, as long as the app runs. Throws a RangeError for less than four days, or less than keys are kept.
 */
export function removeOldEvents(
  scope: FastifyInstance,
  db: Database,
  { keepFor, keepKeysFor, ...often }: Retention
): void {
  if (!(keepFor >= least)) throw new RangeError('Events must be kept for four days at least.')
  if (!(keepFor >= keepKeysFor)) throw new RangeError('Events must be kept for as long as idempotency keys.')
  sweepRegularly(scope, {
    ...often,
    failed: 'old events were not removed',
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
    next: (account) => nextAccountWithEvents(db, account),
    remove: async (account, size) => {
      // Some seconds more, as a key is claimed before its event is written.
      const needed = ((await oldestKey(db, account)) ?? Infinity) * 1000 - 10_000
      return removeEvents(db, account, firstId('evt', Math.min(millisecond, needed)), size)
    },
    signal,
    size
  })
}
