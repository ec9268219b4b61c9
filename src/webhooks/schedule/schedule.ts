const minute = 60_000
const hour = 60 * minute

/** Milliseconds from each failed attempt to the next one, by mode: as many numbers as there are retries. */
export interface RetryDelays {
  test?: readonly number[] | undefined
  live?: readonly number[] | undefined
}

/**
 * In test mode three times over a few hours. In live mode twice as long each time, up to eight hours, and for the last
 * time a little less than three days after the first attempt.
 */
export const usualRetries = {
  test: [minute, 30 * minute, 2 * hour],
  live: [
    ...[1, 2, 4, 8, 16, 32].map((minutes) => minutes * minute),
    ...[1, 2, 4, 8, 8, 8, 8, 8, 8, 8, 7].map((hours) => hours * hour)
  ]
} as const satisfies RetryDelays

/** The delays of that mode. Throws a RangeError for what is no delay. */
export function delaysOf(retries: RetryDelays, mode: 'test' | 'live'): readonly number[] {
  const delays = retries[mode] ?? usualRetries[mode]
  if (!delays.every((delay) => Number.isFinite(delay) && delay >= 0))
    throw new RangeError('The delays of webhook retries must be milliseconds, 0 or more.')
  return delays
}

/**
 * When a delivery is due again after its attempt of that number (from 1) failed at `now`; undefined after the last.
 * Up to a fifth sooner than the delay says, so that what failed together does not come back together; never sooner
 * than the receiver asked for (`retryAfter`, milliseconds).
 */
export function dueAgain(
  delays: readonly number[],
  attempt: number,
  now: number,
  retryAfter = 0
): number | undefined {
  const delay = delays[attempt - 1]
  if (delay === undefined) return undefined
  return Math.round(now + Math.max(delay * (1 - Math.random() / 5), retryAfter))
}

const longest = 24 * hour

/** Milliseconds that a `Retry-After` header asks for, in seconds or as a date; a day at most, 0 for anything else. */
export function retryAfterOf(header: string | undefined, now: number): number {
  if (header === undefined) return 0
  const asked = /^\d+$/.test(header)
    ? Number(header) * 1000
    : header.endsWith('GMT')
      ? Date.parse(header) - now
      : 0
  return Math.min(Math.max(asked || 0, 0), longest)
}
