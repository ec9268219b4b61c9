import type { Ended } from './post'
import { dueAgain, retryAfterOf } from '../schedule/schedule'

export interface Verdict {
  state: 'pending' | 'delivered' | 'failed'
  due: number
  /** Whether the endpoint said that it is gone. */
  gone: boolean
}

/** What becomes of a delivery whose attempt of that number (from 1) ended so at `now`. */
export function verdictOf(
  { status, retryAfter }: Ended,
  attempt: number,
  delays: readonly number[],
  now: number
): Verdict {
  if (status !== undefined && status >= 200 && status < 300)
    return { state: 'delivered', due: now, gone: false }
  if (status === 410) return { state: 'failed', due: now, gone: true }
  const due = dueAgain(delays, attempt, now, retryAfterOf(retryAfter, now))
  return due === undefined
    ? { state: 'failed', due: now, gone: false }
    : { state: 'pending', due, gone: false }
}
