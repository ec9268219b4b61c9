import { databaseBusy } from './lock-timeout'

interface Waiting {
  most: number
  until: number
  enter: () => void
  refuse: (error: Error) => void
}

export interface Patience {
  /** Milliseconds for which a turn is waited for. */
  patience: number
  /** The most that wait. */
  room: number
}

// As long as a statement waits for a lock: what held the others up for longer has let go by then.
const usual: Patience = { patience: 5000, room: 2000 }

/**
 * Bounds how much goes on at once: first come, first served. What finds a turn free begins at once; what waits for
 * too long, or comes when too many wait, is refused with a 429.
 */
export class Turns {
  readonly #limits: Patience
  readonly #waiting: Waiting[] = []
  #taken = 0
  #timer: NodeJS.Timeout | undefined

  constructor(limits: Partial<Patience> = {}) {
    this.#limits = { ...usual, ...limits }
  }

  /** Does `work` when less than `most` goes on. It must not take a second turn: both could wait for each other. */
  async run<T>(most: number, work: () => Promise<T>): Promise<T> {
    if (this.#taken < most && this.#waiting.length === 0) this.#taken++
    else await this.#turn(most)
    try {
      return await work()
    } finally {
      this.#taken--
      this.#next()
    }
  }

  #turn(most: number): Promise<void> {
    const { patience, room } = this.#limits
    if (this.#waiting.length >= room) throw databaseBusy()
    return new Promise((enter, refuse) => {
      this.#waiting.push({ most, until: Date.now() + patience, enter, refuse })
      if (!this.#timer) this.#timer = this.#refuseLate(patience)
    })
  }

  #next(): void {
    for (let [first] = this.#waiting; first && this.#taken < first.most; [first] = this.#waiting) {
      this.#waiting.shift()
      this.#taken++
      first.enter()
    }
  }

  /** One timer for all, which goes off once in a while: nearly nobody waits for so long. */
  #refuseLate(milliseconds: number): NodeJS.Timeout {
    return setTimeout(() => {
      const now = Date.now()
      for (let [first] = this.#waiting; first && first.until <= now; [first] = this.#waiting) {
        this.#waiting.shift()
        first.refuse(databaseBusy())
      }
      const [first] = this.#waiting
      this.#timer = first && this.#refuseLate(first.until - now)
      // The first one may wait for more to end than those behind it.
      this.#next()
    }, milliseconds)
  }
}
