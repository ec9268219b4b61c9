import type { DeliveryAttempt } from './delivery-attempt'
import type { Database } from '../../plugins/database/database'
import { Deliveries } from './deliveries'
import { DueAccounts } from './schedule/due-accounts'
import { type Limits, defaultLimits } from './send/limits'
import type { Log } from './log'
import type { RetryDelays } from './schedule/schedule'
import { Slots } from './schedule/slots'
import { claimDeliveries, failDue, findReceivers, readEvents, type Receiver } from './store'
import { Waker } from './schedule/waker'

export interface DelivererOptions {
  db: Database
  /** The key that signing secrets are derived from. */
  secretsKey: Buffer
  /** The API version for endpoints without a version of their own. */
  defaultVersion: string
  log: Log
  retries?: RetryDelays | undefined
  /** Serves only this endpoint, which may be a listener. Unset: every endpoint except listeners. */
  only?: { account: string; endpoint: string } | undefined
  /** Called when an attempt ends, before the attempt is recorded. It must not throw. */
  onAttempt?: ((attempt: DeliveryAttempt) => void) | undefined
  limits?: Partial<Limits> | undefined
}

/** The number of deliveries that one statement marks as failed. */
const failBatch = 1000

/**
 * Sends webhooks from the database. Any number of processes may run one at the same time. The process that claims a
 * delivery holds a lease on it. When the lease ends without a recorded outcome, another process sends the delivery
 * again. Uses at most two connections of the pool: one to claim and one to record.
 */
export class Deliverer {
  readonly #options: DelivererOptions
  readonly #limits: Limits
  readonly #slots: Slots
  readonly #due: DueAccounts
  readonly #waker: Waker
  readonly #deliveries: Deliveries
  #stopping = false

  /** Throws a RangeError for invalid retry delays. */
  constructor(options: DelivererOptions) {
    const { db, log } = options
    this.#options = options
    this.#limits = { ...defaultLimits, ...options.limits }
    this.#slots = new Slots(this.#limits)
    this.#due = new DueAccounts(db, options.only?.account)
    this.#waker = new Waker({ every: this.#limits.every, log, turn: (look) => this.#turn(look) })
    this.#deliveries = new Deliveries({ ...options, limits: this.#limits })
  }

  /** Starts delivering, until `stop`. */
  start(): void {
    this.#waker.start()
  }

  /** Looks for due deliveries without waiting for the next poll: in one account, or in all. */
  wake(account?: string): void {
    this.#due.hint(account)
    this.#waker.wake()
  }

  /** Stops claiming, waits up to `limits.grace` for running deliveries, and releases the rest for immediate retry. */
  async stop(): Promise<void> {
    this.#stopping = true
    await this.#waker.stop()
    await this.#deliveries.stop()
  }

  /** Claims the deliveries that can be sent now. Returns whether it found any. */
  async #turn(look: boolean): Promise<boolean> {
    await this.#due.look(look)
    let found = false
    for (const account of this.#due.all()) {
      // The rest waits until a delivery ends and frees a slot.
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
        const failure = { failure: 'endpoint_disabled', now, limit: failBatch }
        if ((await failDue(db, account, receiver.id, failure)) === failBatch) this.#due.add(account)
      } else if (await this.#claimFor(receiver)) found = true
    }
    await this.#due.failForGoneEndpoints(account, [...busy, ...receivers.map(({ id }) => id)], now)
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
      // After a read this slow, the lease would end before the delivery does.
      if (Date.now() + this.#limits.timeout > until) throw new Error('reading the events took too long')
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
    this.#slots.release(account, id, failed)
    this.#due.ended(account)
    if (this.#due.any) this.#waker.soon()
  }
}
