import type { DeliveryAttempt } from './delivery-attempt'
import type { Database } from '../../plugins/database/database'
import { Deliveries } from './deliveries'
import { DueAccounts } from './schedule/due-accounts'
import { type Limits, usualLimits } from './send/limits'
import type { Log } from './log'
import type { RetryDelays } from './schedule/schedule'
import { Slots } from './schedule/slots'
import { claimDeliveries, failDue, findReceivers, readEvents, type Receiver } from './store'
import { Waker } from './schedule/waker'

export interface DelivererOptions {
  db: Database
  /** What signing secrets follow from. */
  secretsKey: Buffer
  /** The API version for endpoints that have none of their own. */
  defaultVersion: string
  log: Log
  retries?: RetryDelays | undefined
  /** Serves this endpoint alone, which may be a listener's; without it, every endpoint that is none. */
  only?: { account: string; endpoint: string } | undefined
  /** Is told of every attempt as soon as it ended, before that is recorded. It must not throw. */
  onAttempt?: ((attempt: DeliveryAttempt) => void) | undefined
  limits?: Partial<Limits> | undefined
}

/** How many deliveries are given up in one statement. */
const bulk = 1000

/**
 * Sends webhooks out of the database. Any number of processes may do so at once: a delivery belongs to whoever claimed
 * it until its lease ends, and is sent again when nobody recorded what became of it. At any time it uses two
 * connections of the pool at most, one to claim and one to record.
 */
export class Deliverer {
  readonly #options: DelivererOptions
  readonly #limits: Limits
  readonly #slots: Slots
  readonly #due: DueAccounts
  readonly #waker: Waker
  readonly #deliveries: Deliveries
  #stopping = false

  /** Throws a RangeError for retry delays that are none. */
  constructor(options: DelivererOptions) {
    const { db, log } = options
    this.#options = options
    this.#limits = { ...usualLimits, ...options.limits }
    this.#slots = new Slots(this.#limits)
    this.#due = new DueAccounts(db, options.only?.account)
    this.#waker = new Waker({ every: this.#limits.every, log, turn: (look) => this.#turn(look) })
    this.#deliveries = new Deliveries({ ...options, limits: this.#limits })
  }

  /** Delivers from now on, until `stop`. */
  start(): void {
    this.#waker.start()
  }

  /** Says that something was just committed, of that account if it is told: it is looked at without waiting. */
  wake(account?: string): void {
    this.#due.hint(account)
    this.#waker.wake()
  }

  /** Claims nothing more, waits a moment for what is being sent, and leaves the rest to be sent again at once. */
  async stop(): Promise<void> {
    this.#stopping = true
    await this.#waker.stop()
    await this.#deliveries.stop()
  }

  /** Claims what may be sent now. Gives back whether there was anything. */
  async #turn(look: boolean): Promise<boolean> {
    await this.#due.look(look)
    let found = false
    for (const account of this.#due.all()) {
      // What is left is for when something has ended.
      if (this.#stopping || this.#slots.full) break
      this.#due.forget(account)
      if (await this.#claimOf(account)) found = true
    }
    return found
  }

  async #claimOf(account: string): Promise<boolean> {
    const { db, only } = this.#options
    const now = Date.now()
    const busy = this.#slots.busy(account)
    const receivers = await findReceivers(db, account, busy, now, only?.endpoint)
    if (busy.length > 0) this.#due.leave(account)
    let found = false
    for (const receiver of receivers) {
      if (this.#stopping) break
      if (receiver.status === 'disabled') {
        const failure = { failure: 'endpoint_disabled', now, limit: bulk }
        if ((await failDue(db, account, receiver.id, failure)) === bulk) this.#due.add(account)
      } else if (await this.#claimFor(receiver)) found = true
    }
    await this.#due.giveUpGone(account, [...busy, ...receivers.map(({ id }) => id)], now)
    return found
  }

  async #claimFor(receiver: Receiver): Promise<boolean> {
    const { db } = this.#options
    const { account_id: account, id } = receiver
    const count = this.#slots.free(account, id)
    if (count === 0) return false
    const now = Date.now()
    const until = now + this.#limits.lease
    const claims = await claimDeliveries(db, account, id, { now, until, count })
    if (claims.length === count) this.#due.leave(account)
    if (claims.length === 0) return false
    this.#slots.take(account, id, claims.length)
    try {
      const ids = claims.map(({ event_id }) => event_id)
      const events = new Map((await readEvents(db, account, ids)).map((event) => [event.id, event]))
      // Where the database took that long, they will be another's before they would have ended.
      if (Date.now() + this.#limits.timeout > until) throw new Error('it took too long to read events')
      for (const claim of claims) {
        this.#follow(receiver, this.#deliveries.send(receiver, claim, events.get(claim.event_id)))
      }
    } catch (error) {
      for (const claim of claims) {
        this.#follow(receiver, this.#deliveries.release(receiver, claim, 'event_not_read'))
      }
      throw error
    }
    return true
  }

  #follow(receiver: Receiver, delivery: Promise<boolean>): void {
    void delivery.then((delivered) => {
      this.#ended(receiver, !delivered)
    })
  }

  #ended({ account_id: account, id }: Receiver, failed: boolean): void {
    this.#slots.giveBack(account, id, failed)
    this.#due.ended(account)
    if (this.#due.any) this.#waker.soon()
  }
}
