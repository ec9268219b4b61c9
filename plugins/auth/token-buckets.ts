export interface BucketOptions {
  /** How many tokens a bucket holds, and has at first. */
  size: number
  /** How many of them come back in a second. */
  perSecond: number
  /** How many buckets are remembered at most; 10,000 by default. */
  maxBuckets?: number
}

interface Bucket {
  tokens: number
  /** Milliseconds, by a clock that is never set. */
  at: number
}

/**
 * A token bucket for each name, in this process alone. A bucket that is full again is forgotten, which changes nothing;
 * where more names than there is room for are busy at once, so is the one that waited longest: memory stays bounded
 * whoever calls, and what is forgotten is forgiven.
 */
export class TokenBuckets {
  readonly #buckets = new Map<string, Bucket>()
  readonly #size: number
  readonly #perMillisecond: number
  readonly #maxBuckets: number
  readonly #now: () => number

  constructor({ size, perSecond, maxBuckets = 10_000 }: BucketOptions, now = () => performance.now()) {
    this.#size = size
    this.#perMillisecond = perSecond / 1000
    this.#maxBuckets = maxBuckets
    this.#now = now
  }

  /** How many buckets are remembered. */
  get count(): number {
    return this.#buckets.size
  }

  /** Takes a token from the bucket of that name; false where it has none. */
  take(name: string): boolean {
    const now = this.#now()
    const bucket = this.#buckets.get(name) ?? { tokens: this.#size, at: now }
    bucket.tokens = this.#tokensOf(bucket, now)
    bucket.at = now
    const taken = bucket.tokens >= 1
    if (taken) bucket.tokens--
    // Behind all others: so the first one is always the one that was asked longest ago.
    this.#buckets.delete(name)
    this.#buckets.set(name, bucket)
    this.#evict(now)
    return taken
  }

  /** Puts a token back that was taken for nothing. */
  putBack(name: string): void {
    const bucket = this.#buckets.get(name)
    if (bucket) bucket.tokens = Math.min(this.#size, bucket.tokens + 1)
  }

  #tokensOf({ tokens, at }: Bucket, now: number): number {
    return Math.min(this.#size, tokens + (now - at) * this.#perMillisecond)
  }

  #evict(now: number): void {
    for (const [name, bucket] of this.#buckets) {
      if (this.#buckets.size <= this.#maxBuckets && this.#tokensOf(bucket, now) < this.#size) return
      this.#buckets.delete(name)
    }
  }
}
