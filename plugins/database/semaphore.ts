import { databaseBusy } from './errors/lock-timeout'

interface Waiting {
  limit: number
  /** Milliseconds since 1970. */
  deadline: number
  acquire: () => void
  reject: (error: Error) => void
}

interface SemaphoreOptions {
  /** How long work waits for a permit. */
  timeoutMs: number
  maxWaiting: number
}

// A statement waits as long for a lock: a longer wait for a permit helps no caller.
const defaults: SemaphoreOptions = { timeoutMs: 5000, maxWaiting: 2000 }

/**
 * Limits concurrent work, first come, first served. Work that waits longer than `timeoutMs`, or that finds `maxWaiting`
 * others waiting, is rejected with the 429 of `databaseBusy`.
 */
export class Semaphore {
  readonly #options: SemaphoreOptions
  readonly #waiting: Waiting[] = []
  #permits = 0
  #timer: NodeJS.Timeout | undefined

  constructor(options: Partial<SemaphoreOptions> = {}) {
    this.#options = { ...defaults, ...options }
  }

  /**
   * Runs `work` while it holds one of `limit` permits. `work` must not ask for a second permit: two holders could then
   * wait for each other.
   */
  async run<T>(limit: number, work: () => Promise<T>): Promise<T> {
    if (this.#permits < limit && this.#waiting.length === 0) this.#permits++
    else await this.#acquire(limit)
    try {
      return await work()
    } finally {
      this.#permits--
      this.#admitNext()
    }
  }

  #acquire(limit: number): Promise<void> {
    const { timeoutMs, maxWaiting } = this.#options
    if (this.#waiting.length >= maxWaiting) throw databaseBusy()
    return new Promise((acquire, reject) => {
      this.#waiting.push({ limit, deadline: Date.now() + timeoutMs, acquire, reject })
      if (!this.#timer) this.#timer = this.#rejectExpired(timeoutMs)
    })
  }

  #admitNext(): void {
    for (let [first] = this.#waiting; first && this.#permits < first.limit; [first] = this.#waiting) {
      this.#waiting.shift()
      this.#permits++
      first.acquire()
    }
  }

  /** Rejects expired waiters. One timer serves all of them, because few wait that long. */
  #rejectExpired(delayMs: number): NodeJS.Timeout {
    return setTimeout(() => {
      const now = Date.now()
      for (let [first] = this.#waiting; first && first.deadline <= now; [first] = this.#waiting) {
        this.#waiting.shift()
        first.reject(databaseBusy())
      }
      const [first] = this.#waiting
      this.#timer = first && this.#rejectExpired(first.deadline - now)
      // The next in line may have a higher limit than the one just rejected.
      this.#admitNext()
    }, delayMs)
  }
}
