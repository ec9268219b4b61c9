import type { FastifyInstance } from 'fastify'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Database } from './database'
import { statement } from './statement'

/** Polls soon after a callback was added, and then less and less often. */
const minIntervalMs = 5
const maxIntervalMs = 250

/**
 * Runs callbacks after the commit of transactions that others began, and drops them after a rollback.
 * Postgres does not notify of a commit, so this polls while such a transaction is open, and once more when
 * the app closes.
 */
export class CommitWatch {
  readonly #db: Database
  readonly #log: FastifyInstance['log']
  readonly #waiting = new Map<string, (() => void)[]>()
  #running: Promise<void> | undefined
  #intervalMs = minIntervalMs
  readonly #closing = new AbortController()

  constructor(scope: FastifyInstance, db: Database) {
    this.#db = db
    this.#log = scope.log
    scope.addHook('onClose', async () => {
      this.#closing.abort()
      await this.#running
    })
  }

  /** Runs `work` after the commit of the transaction with this id. `work` must not throw. */
  afterCommitOf(transaction: string, work: () => void): void {
    const others = this.#waiting.get(transaction)
    if (others) others.push(work)
    else this.#waiting.set(transaction, [work])
    this.#intervalMs = minIntervalMs
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined
    })
  }

  async #run(): Promise<void> {
    let last = false
    while (this.#waiting.size > 0 && !last) {
      await this.#pause()
      last = this.#closing.signal.aborted
      await this.#poll().catch((error: unknown) => {
        this.#intervalMs = maxIntervalMs
        this.#log.warn({ err: error }, 'the state of transactions could not be read')
      })
    }
  }

  async #pause(): Promise<void> {
    const { signal } = this.#closing
    await sleep(this.#intervalMs, undefined, { ref: false, signal }).catch(() => undefined)
    this.#intervalMs = Math.min(this.#intervalMs * 2, maxIntervalMs)
  }

  async #poll(): Promise<void> {
    const rows = await this.#db.query(findStates, [[...this.#waiting.keys()]])
    for (const { id, state } of rows) {
      if (state === 'in progress') continue
      const work = this.#waiting.get(id) ?? []
      this.#waiting.delete(id)
      if (state === 'committed') for (const each of work) each()
    }
  }
}

const findStates = statement<{ id: string; state: string | null }>(
  'find_transaction_states',
  'select id::text as id, txid_status(id) as state from unnest($1::bigint[]) as given (id)'
)
