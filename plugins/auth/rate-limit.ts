import type { FastifyReply, FastifyRequest } from 'fastify'
import { WireError } from '../errors/errors'
import { TokenBuckets } from './token-buckets'

/** How many calls a second an account may make in one mode; without a number, any. */
export interface RateLimit {
  /** Calls that only read: GET and HEAD. */
  reads?: number | undefined
  /** All others. */
  writes?: number | undefined
}

/** Lets a call of an account pass, or throws the 429. */
export type RateLimiter = (
  request: FastifyRequest,
  reply: FastifyReply,
  account: string,
  livemode: boolean
) => void

/** More accounts than this are never busy at once in one process. */
const maxBuckets = 100_000

/**
 * Limits each account's calls in this process: a second's worth at once, and from then on as many as the limit says.
 * What is kept in memory alone costs a call less than a microsecond; a count shared by all processes would cost it a
 * trip to the database.
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

/** 429, not kept under the caller's idempotency key. */
export const rateLimited = (livemode: boolean): WireError =>
  new WireError(429, {
    type: 'invalid_request_error',
    code: 'rate_limit',
    message: livemode
      ? 'Request rate limit exceeded. Learn more about rate limits here https://stripe.com/docs/rate-limits.'
      : 'Testmode request rate limit exceeded, the rate limits in testmode are lower than livemode. You can learn more about rate limits here https://stripe.com/docs/rate-limits.'
  })
