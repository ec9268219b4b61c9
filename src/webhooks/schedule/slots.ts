interface EndpointSlots {
  taken: number
  /** Whether the delivery that ended last had failed. */
  failed: boolean
}

/**
 * Limits the concurrent deliveries, for each endpoint and in total. A failing endpoint gets one slot. When half of all
 * slots are taken, every endpoint gets one slot: slots remain free for endpoints that answer.
 */
export class Slots {
  readonly #total: number
  readonly #perEndpoint: number
  readonly #endpoints = new Map<string, EndpointSlots>()
  #taken = 0

  constructor({ total, perEndpoint }: { total: number; perEndpoint: number }) {
    this.#total = total
    this.#perEndpoint = perEndpoint
  }

  free(account: string, endpoint: string): number {
    return this.#free(this.#endpoints.get(keyOf(account, endpoint)))
  }

  #free({ taken, failed }: EndpointSlots = { taken: 0, failed: false }): number {
    const left = this.#total - this.#taken
    const share = failed || left <= this.#total / 2 ? 1 : this.#perEndpoint
    return Math.max(Math.min(left, share - taken), 0)
  }

  take(account: string, endpoint: string, count: number): void {
    const key = keyOf(account, endpoint)
    const slots = this.#endpoints.get(key) ?? { taken: 0, failed: false }
    slots.taken += count
    this.#taken += count
    this.#endpoints.set(key, slots)
  }

  /** Returns one slot after a delivery ended. */
  release(account: string, endpoint: string, failed: boolean): void {
    const key = keyOf(account, endpoint)
    const slots = this.#endpoints.get(key)
    if (!slots) return
    slots.taken--
    slots.failed = failed
    this.#taken--
    if (slots.taken === 0 && !failed) this.#endpoints.delete(key)
  }

  /** Whether all slots are taken. */
  get full(): boolean {
    return this.#taken >= this.#total
  }

  /** Returns the account's endpoints without a free slot. */
  busy(account: string): string[] {
    const prefix = keyOf(account, '')
    return [...this.#endpoints]
      .filter(([key, slots]) => key.startsWith(prefix) && this.#free(slots) === 0)
      .map(([key]) => key.slice(prefix.length))
  }
}

const keyOf = (account: string, endpoint: string): string => `${account} ${endpoint}`
