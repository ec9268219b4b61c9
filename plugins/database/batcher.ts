import { isUnavailable } from './errors/sql-errors'
import type { Queryable } from './statement'
import { databaseBusy, isDatabaseBusy } from './errors/lock-timeout'

/** Describes calls of one kind. Any number of them can share a transaction. */
export interface Shareable<Call, Result> {
  /**
   * Returns the names of what a call changes or claims. Two calls with a name in common never share a batch.
   */
  touches(call: Call): readonly string[]
  /**
   * Sends the calls of one group as one statement, which waits at most `wait` for each lock. Returns one
   * result a call.
   */
  send(db: Queryable, group: string, calls: readonly Call[], wait: Wait): Promise<readonly Result[]>
}

/**
 * How long a statement waits for a lock of another transaction. A batch waits only briefly, so that one
 * locked object neither delays the other calls nor occupies a slot.
 */
export type Wait = '100ms' | '5s'

interface BatcherOptions {
  /** The most batches in flight at once. */
  slots: number
  /** How long calls wait for the batch before theirs when a slot is free. */
  patienceMs: number
  /** The most calls in one batch. */
  size: number
  /** The most calls that may wait. */
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
 * Lets calls that arrive while the database is busy share the next transaction. A call goes out alone and
 * immediately when no batch is in flight. Groups (accounts) take turns, and each sends the calls that waited
 * longest.
 *
 * One batch is normally in flight, because fewer and larger batches cost the least per call. A batch uses
 * another slot only when the one before it takes unusually long, because of a lock or a slow database.
 *
 * When a batch fails, its calls run again one by one, so that an error reaches only its own call. There is no
 * second run after a lost connection, whose outcome is unknown, or when the database is too busy.
 */
export class Batcher {
  readonly #db: Queryable
  readonly #options: BatcherOptions
  readonly #groups = new Map<string, Batch>()
  /** When each batch in flight was sent, the oldest first. */
  readonly #sent: number[] = []
  #waiting = 0
  #open = 0
  #onEmpty: (() => void) | undefined

  constructor(db: Queryable, options: BatcherOptions) {
    this.#db = db
    this.#options = options
  }

  /**
   * Runs a call. Rejects with the error of the call's own statement, or with a 429 when too many calls wait.
   */
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

  /** Resolves when every accepted call has its result. */
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
      // Send the next batch before rendering these answers, so that the database does not idle.
      this.#sendNext()
    }
  }

  /** Runs outside the slots, because it may wait for a lock of another call outside the slots. */
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
      // Move this group to the end of the line.
      this.#groups.delete(group)
      if (isBatch(rest)) this.#groups.set(group, rest)
      this.#waiting -= batch.length
      this.#send(group, batch)
      return
    }
  }
}

/** Returns a batcher that sends every call immediately and alone. */
export const unbatched = (db: Queryable): Batcher =>
  new Batcher(db, { slots: Infinity, patienceMs: 0, size: 1, maxWaiting: Infinity })

/** Takes the first call, and of those after it the ones that may share its batch. */
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
