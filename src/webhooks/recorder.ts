import { setTimeout as sleep } from 'node:timers/promises'
import type { Database } from '../../plugins/database/database'
import type { Log } from './log'
import { disableEndpoint, type Outcome, type Receiver, writeOutcomes } from './store'

interface Waiting {
  outcome: Outcome
  /** The endpoint to disable: it answered 410. */
  disable: Receiver | undefined
  done: () => void
}

const batchSize = 100
const retryMs = 1000

/**
 * Writes the outcomes of deliveries, one statement at a time, so that it holds at most one connection. Outcomes that
 * arrive during a statement share the next one. Retries while the database is down. A claim whose lease has ended by
 * then belongs to another process, and its row stays unchanged.
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

  /** Resolves when the outcome is written, or dropped because of `close`. */
  record(outcome: Outcome, disable?: Receiver): Promise<void> {
    return new Promise((done) => {
      this.#waiting.push({ outcome, disable, done })
      if (!this.#working) void this.#work()
    })
  }

  /** Stops retrying. A delivery whose outcome is not written is sent again when its lease ends. */
  close(): void {
    this.#closing.abort()
  }

  async #work(): Promise<void> {
    this.#working = true
    for (let next = this.#next(); next; next = this.#next()) {
      try {
        await this.#write(next)
      } catch (error) {
        this.#log.warn({ err: error }, 'cannot record the outcome of webhook deliveries')
        if (!this.#closing.signal.aborted) {
          this.#waiting.unshift(...next)
          await sleep(retryMs, undefined, { signal: this.#closing.signal }).catch(() => undefined)
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

  /** Takes the next batch of one account. */
  #next(): Waiting[] | undefined {
    const [first] = this.#waiting
    if (!first) return undefined
    const next = this.#waiting
      .filter(({ outcome }) => outcome.account === first.outcome.account)
      .slice(0, batchSize)
    const taken = new Set(next)
    this.#waiting = this.#waiting.filter((waiting) => !taken.has(waiting))
    return next
  }
}
