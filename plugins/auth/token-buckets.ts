interface BucketOptions {
  /** The size of a bucket, which starts full. */
  size: number
  /** How many tokens a bucket regains per second. */
  perSecond: number
  /** The most buckets in memory. Default: 10,000. */
  maxBuckets?: number
}

interface Bucket {
  tokens: number
  /** Milliseconds of the monotonic clock. */
  at: number
}

/**
 * A token bucket for each name, in this process. It forgets a full bucket, which changes nothing. Beyond
 * `maxBuckets` it forgets the least recently used one, so memory stays bounded; that name then starts full
 * again.
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

  /** The number of buckets in memory. */
  get count(): number {
    return this.#buckets.size
  }

  /** Takes a token from a name's bucket. Returns false when the bucket is empty. */
  take(name: string): boolean {
    const now = this.#now()
    const bucket = this.#buckets.get(name) ?? { tokens: this.#size, at: now }
    bucket.tokens = this.#tokensOf(bucket, now)
    bucket.at = now
    const taken = bucket.tokens >= 1
    if (taken) bucket.tokens--
    // Insertion order is the order of use: the first bucket is the least recently used.
    this.#buckets.delete(name)
    this.#buckets.set(name, bucket)
    this.#evict(now)
    return taken
  }

  /** Returns a token to a bucket. */
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
