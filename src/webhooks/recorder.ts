import { setTimeout as sleep } from 'node:timers/promises'
import type { Database } from '../../plugins/database/database'
import type { Log } from './log'
import { disableEndpoint, type Outcome, type Receiver, writeOutcomes } from './store'

interface Waiting {
  outcome: Outcome
  /** The endpoint that wants nothing any more. */
  disable: Receiver | undefined
  done: () => void
}

const batch = 100
const pause = 1000

/**
 * Writes what became of deliveries, one statement after another, so that it holds one connection at most: what comes in
 * meanwhile shares the next one. While the database is away it tries again; a claim that lapsed is another's by then,
 * and stays as that one leaves it.
 */
export class Recorder {
  readonly #db: Database
  readonly #log: Log
  readonly #closing = new AbortController()
  #waiting: Waiting[] = []
  #working = false

  constructor(db: Database, log: Log) {
    this.#db = db
    this.#log = log
  }

  /** Comes back once it is written, or given up because of `close`. */
  record(outcome: Outcome, disable?: Receiver): Promise<void> {
    return new Promise((done) => {
      this.#waiting.push({ outcome, disable, done })
      if (!this.#working) void this.#work()
    })
  }

  /** From here on everything is tried once: what is not written is sent again when its lease ends. */
  close(): void {
    this.#closing.abort()
  }

  async #work(): Promise<void> {
    this.#working = true
    for (let next = this.#next(); next; next = this.#next()) {
      try {
        await this.#write(next)
      } catch (error) {
        this.#log.warn({ err: error }, 'what became of webhook deliveries was not recorded')
        if (!this.#closing.signal.aborted) {
          this.#waiting.unshift(...next)
          await sleep(pause, undefined, { signal: this.#closing.signal }).catch(() => undefined)
          continue
        }
      }
      for (const { done } of next) done()
    }
    this.#working = false
  }

  async #write(waiting: Waiting[]): Promise<void> {
    const [first] = waiting
    if (!first) return
    await writeOutcomes(
      this.#db,
      first.outcome.account,
      waiting.map(({ outcome }) => outcome)
    )
    for (const { disable } of waiting) if (disable) await disableEndpoint(this.#db, disable)
  }

  /** Those of one account. */
  #next(): Waiting[] | undefined {
    const [first] = this.#waiting
    if (!first) return undefined
    const next = this.#waiting
      .filter(({ outcome }) => outcome.account === first.outcome.account)
      .slice(0, batch)
    const taken = new Set(next)
    this.#waiting = this.#waiting.filter((waiting) => !taken.has(waiting))
    return next
  }
}
