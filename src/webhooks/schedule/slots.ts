interface Held {
  taken: number
  /** Whether the last one that was given back had failed. */
  failed: boolean
}

/**
 * How many deliveries may be under way, of each endpoint and in all. An endpoint that fails gets one at a time, and as
 * soon as half of all are taken everyone does: so there are some left for those that answer.
 */
export class Slots {
  readonly #total: number
  readonly #perEndpoint: number
  readonly #held = new Map<string, Held>()
  #taken = 0

  constructor({ total, perEndpoint }: { total: number; perEndpoint: number }) {
    this.#total = total
    this.#perEndpoint = perEndpoint
  }

  free(account: string, endpoint: string): number {
    return this.#free(this.#held.get(keyOf(account, endpoint)))
  }

  #free({ taken, failed }: Held = { taken: 0, failed: false }): number {
    const left = this.#total - this.#taken
    const share = failed || left <= this.#total / 2 ? 1 : this.#perEndpoint
    return Math.max(Math.min(left, share - taken), 0)
  }

  take(account: string, endpoint: string, count: number): void {
    const key = keyOf(account, endpoint)
    const held = this.#held.get(key) ?? { taken: 0, failed: false }
    held.taken += count
    this.#taken += count
    this.#held.set(key, held)
  }

  /** Gives one back. */
  giveBack(account: string, endpoint: string, failed: boolean): void {
    const key = keyOf(account, endpoint)
    const held = this.#held.get(key)
    if (!held) return
    held.taken--
    held.failed = failed
    this.#taken--
    if (held.taken === 0 && !failed) this.#held.delete(key)
  }

  /** Whether nothing more may be under way, for anyone. */
  get full(): boolean {
    return this.#taken >= this.#total
  }

  /** The account's endpoints that may have no more now. */
  busy(account: string): string[] {
    const prefix = keyOf(account, '')
    return [...this.#held]
      .filter(([key, held]) => key.startsWith(prefix) && this.#free(held) === 0)
      .map(([key]) => key.slice(prefix.length))
  }
}

const keyOf = (account: string, endpoint: string): string => `${account} ${endpoint}`
