import { makeRows } from '../stand/rows'
import type { VaultDatabase } from '../stand/stand'

/** The unattached payment methods: each run begins where the one before it ended, and more are made in time. */
export class Numbers {
  readonly #database: VaultDatabase
  #made = 0
  #next = 0

  constructor(database: VaultDatabase) {
    this.#database = database
  }

  /** Makes sure that there are so many. */
  async have(count: number): Promise<void> {
    const missing = Math.ceil(this.#next + count - this.#made)
    if (missing <= 0) return
    const { pool, account } = this.#database
    await makeRows(pool, account, this.#made, missing)
    this.#made += missing
  }

  /** Lets `run` use up to `most` of them, from the number it is given on. */
  async use<T extends { next: number }>(most: number, run: (first: number) => Promise<T>): Promise<T> {
    await this.have(most)
    const used = await run(this.#next)
    this.#next = used.next
    return used
  }
}
