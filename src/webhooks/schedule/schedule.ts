const minute = 60_000
const hour = 60 * minute

/** The delay before each retry in milliseconds, by mode: one number for each retry. */
export interface RetryDelays {
  test?: readonly number[] | undefined
  live?: readonly number[] | undefined
}

/**
 * Test mode retries three times within a few hours. Live mode doubles the delay up to eight hours. Its last retry is a
 * little less than three days after the first attempt.
 */
export const defaultRetries = {
  test: [minute, 30 * minute, 2 * hour],
  live: [
    ...[1, 2, 4, 8, 16, 32].map((minutes) => minutes * minute),
    ...[1, 2, 4, 8, 8, 8, 8, 8, 8, 8, 7].map((hours) => hours * hour)
  ]
} as const satisfies RetryDelays

/** Returns the delays of a mode in milliseconds. Throws a RangeError for an invalid delay. */
export function delaysOf(retries: RetryDelays, mode: 'test' | 'live'): readonly number[] {
  const delays = retries[mode] ?? defaultRetries[mode]
  if (!delays.every((delay) => Number.isFinite(delay) && delay >= 0))
    throw new RangeError('Webhook retry delays must be milliseconds, 0 or more.')
  return delays
}

/**
 * Returns the time of the next attempt after attempt number `attempt` (from 1) failed at `now`; undefined after the
 * last attempt. Shortens the delay at random by up to a fifth, which spreads deliveries that failed together. Never
 * returns a time before `retryAfter` milliseconds, which the receiver asked for.
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

/** Returns the milliseconds of a `Retry-After` header (seconds or a date): at most one day, 0 if invalid. */
export function retryAfterOf(header: string | undefined, now: number): number {
  if (header === undefined) return 0
  const asked = /^\d+$/.test(header)
    ? Number(header) * 1000
    : header.endsWith('GMT')
      ? Date.parse(header) - now
      : 0
  return Math.min(Math.max(asked || 0, 0), longest)
}
