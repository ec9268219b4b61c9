import type { ExchangeResult } from './post'
import { dueAgain, retryAfterOf } from '../schedule/schedule'

export interface DeliveryOutcome {
  state: 'pending' | 'delivered' | 'failed'
  due: number
  /** Whether the endpoint answered 410. */
  gone: boolean
}

/** Returns the new state of a delivery whose attempt number `attempt` (from 1) ended at `now`. */
export function deliveryOutcome(
  { status, retryAfter }: ExchangeResult,
  attempt: number,
  delays: readonly number[],
  now: number
): DeliveryOutcome {
  if (status !== undefined && status >= 200 && status < 300)
    return { state: 'delivered', due: now, gone: false }
  if (status === 410) return { state: 'failed', due: now, gone: true }
  const due = dueAgain(delays, attempt, now, retryAfterOf(retryAfter, now))
  return due === undefined
    ? { state: 'failed', due: now, gone: false }
    : { state: 'pending', due, gone: false }
}
