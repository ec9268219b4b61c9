import type { FastifyReply, FastifyRequest } from 'fastify'
import { WireError } from '../errors/errors'
import { TokenBuckets } from './token-buckets'

/** How many calls an account may make per second in one mode. Default: no limit. */
export interface RateLimit {
  /** GET and HEAD. */
  reads?: number | undefined
  /** All other methods. */
  writes?: number | undefined
}

/** Counts a call of an account. Throws the 429 when the account has used up its limit. */
export type RateLimiter = (
  request: FastifyRequest,
  reply: FastifyReply,
  account: string,
  livemode: boolean
) => void

/** More accounts than one process serves at once. */
const maxBuckets = 100_000

/**
 * Returns a rate limiter for this process: each account may make one second's calls in a burst. Counting in
 * memory costs a call less than a microsecond; a counter shared by all processes would cost a database round
 * trip.
 */
export function rateLimiter({ reads, writes }: RateLimit): RateLimiter {
  const readers = bucketsFor(reads)
  const writers = bucketsFor(writes)
  return ({ method }, reply, account, livemode) => {
    const buckets = method === 'GET' || method === 'HEAD' ? readers : writers
    if (!buckets || buckets.take(account)) return
    void reply.header('stripe-rate-limited-reason', 'global-rate')
    throw rateLimited(livemode)
  }
}

function bucketsFor(perSecond: number | undefined): TokenBuckets | undefined {
  if (perSecond === undefined) return undefined
  if (!(perSecond > 0 && Number.isFinite(perSecond))) throw new TypeError('A rate limit is a number above 0')
  return new TokenBuckets({ size: Math.max(1, perSecond), perSecond, maxBuckets })
}

/** Returns the 429, which the idempotency key does not keep. */
export const rateLimited = (livemode: boolean): WireError =>
  new WireError(429, {
    type: 'invalid_request_error',
    code: 'rate_limit',
    message: livemode
      ? 'Request rate limit exceeded. Learn more about rate limits here https://stripe.com/docs/rate-limits.'
      : 'Testmode request rate limit exceeded, the rate limits in testmode are lower than livemode. You can learn more about rate limits here https://stripe.com/docs/rate-limits.'
  })
