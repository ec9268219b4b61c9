import { isUnavailable } from './errors/sql-errors'
import type { Queryable } from './statement'
import { databaseBusy, isDatabaseBusy } from './errors/lock-timeout'

/** Calls of one kind, any number of which can share a transaction. */
export interface Shareable<Call, Result> {
  /** Names of what it changes or claims: two calls with a name in common are not sent together. */
  touches(call: Call): readonly string[]
  /** Sends calls of one group as one statement, which waits no longer than `wait` for any lock. One result each. */
  send(db: Queryable, group: string, calls: readonly Call[], wait: Wait): Promise<readonly Result[]>
}

/**
 * How long a statement waits for a lock that another transaction holds. Together the calls wait for a moment only, so
 * that none is kept for long by what another one needs, and no slot either.
 */
export type Wait = '100ms' | '5s'

export interface BatcherOptions {
  /** How many batches may be on their way at once. */
  slots: number
  /** Milliseconds for which calls wait for the batch before theirs, though a slot is free. */
  patienceMs: number
  /** The most calls in one. */
  size: number
  /** The most calls that wait. */
  maxWaiting: number
}

interface Waiting {
  kind: Shareable<unknown, unknown>
  call: unknown
  touches: readonly string[]
  resolve: (result: unknown) => void
  reject: (error: unknown) => void
}

type Batch = [Waiting, ...Waiting[]]

const isBatch = (waiting: Waiting[]): waiting is Batch => waiting.length > 0

/**
 * Has calls that arrive while the database is busy share the next transaction. One that finds nothing on its way goes
 * at once and alone. Groups (accounts) take turns, each with the calls that waited longest.
 *
 * There is one batch on its way at a time, as fewer and larger ones are what a call costs least in; another slot is used
 * where a batch takes unusually long, because a lock keeps it or the database is slow.
 *
 * A batch that fails as a whole is sent again one by one, so that an error reaches only the call that it belongs to;
 * not so when the database was lost, as then nobody knows whether it was done, or when it is too busy for any.
 */
export class Batcher {
  readonly #db: Queryable
  readonly #options: BatcherOptions
  readonly #groups = new Map<string, Batch>()
  /** When the batches that are on their way left, the oldest first. */
  readonly #sent: number[] = []
  #waiting = 0
  #open = 0
  #onEmpty: (() => void) | undefined

  constructor(db: Queryable, options: BatcherOptions) {
    this.#db = db
    this.#options = options
  }

  /** Rejects with what the call's own statement failed with, or with a 429 when too many wait. */
  run<Call, Result>(kind: Shareable<Call, Result>, group: string, call: Call): Promise<Result> {
    return new Promise<Result>((resolve, reject) => {
      const waiting = { kind, call, touches: kind.touches(call), resolve, reject } as Waiting
      if (this.#waiting >= this.#options.maxWaiting) {
        reject(databaseBusy())
        return
      }
      this.#open++
      this.#enqueue(group, waiting)
      this.#sendNext()
    })
  }

  /** Waits until every call that was taken has its result. */
  async drained(): Promise<void> {
    while (this.#open > 0) await new Promise<void>((resolve) => (this.#onEmpty = resolve))
  }

  #enqueue(group: string, waiting: Waiting): void {
    const queue = this.#groups.get(group)
    if (queue) queue.push(waiting)
    else this.#groups.set(group, [waiting])
    this.#waiting++
  }

  #send(group: string, batch: Batch): void {
    void this.#settle(group, batch).finally(() => {
      this.#open -= batch.length
      if (this.#open === 0) this.#onEmpty?.()
    })
  }

  async #settle(group: string, batch: Batch): Promise<void> {
    try {
      const results = await this.#sendTogether(group, batch)
      for (const [i, { resolve }] of batch.entries()) resolve(results[i])
    } catch (error) {
      if (isUnavailable(error) || isDatabaseBusy(error)) for (const { reject } of batch) reject(error)
      else await Promise.all(batch.map((waiting) => this.#sendAlone(group, waiting)))
    }
  }

  async #sendTogether(group: string, batch: Batch): Promise<readonly unknown[]> {
    const calls = batch.map(({ call }) => call)
    const left = performance.now()
    this.#sent.push(left)
    try {
      return await batch[0].kind.send(this.#db, group, calls, '100ms')
    } finally {
      this.#sent.splice(this.#sent.indexOf(left), 1)
      // Before the answers are made of this one: the database is not to wait for that.
      this.#sendNext()
    }
  }

  /** In no slot: it may have to wait for somebody who is in none either. */
  async #sendAlone(group: string, { kind, call, resolve, reject }: Waiting): Promise<void> {
    try {
      const [result] = await kind.send(this.#db, group, [call], '5s')
      resolve(result)
    } catch (error) {
      reject(error)
    }
  }

  #slotIsFree(): boolean {
    const [oldest] = this.#sent
    if (oldest === undefined) return true
    const { slots, patienceMs } = this.#options
    return this.#sent.length < slots && performance.now() - oldest >= patienceMs
  }

  #sendNext(): void {
    if (!this.#slotIsFree()) return
    for (const [group, queue] of this.#groups) {
      const { batch, rest } = split(queue, this.#options.size)
      // It goes behind all others.
      this.#groups.delete(group)
      if (isBatch(rest)) this.#groups.set(group, rest)
      this.#waiting -= batch.length
      this.#send(group, batch)
      return
    }
  }
}

/** Sends every call at once and alone. */
export const unbatched = (db: Queryable): Batcher =>
  new Batcher(db, { slots: Infinity, patienceMs: 0, size: 1, maxWaiting: Infinity })

/** The first call, and of those behind it what may go with it. */
function split([first, ...others]: Batch, size: number): { batch: Batch; rest: Waiting[] } {
  const batch: Batch = [first]
  const rest: Waiting[] = []
  const touched = new Set(first.touches)
  for (const waiting of others) {
    const { kind, touches } = waiting
    if (batch.length === size || kind !== first.kind || touches.some((name) => touched.has(name))) {
      rest.push(waiting)
    } else {
      for (const name of touches) touched.add(name)
      batch.push(waiting)
    }
  }
  return { batch, rest }
}
