import { performance } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Database } from '../../plugins/database/database'
import { isLive } from '../protocol/view'
import { version } from '../storage/version'
import { type Sender, startAttempt } from './send/attempt'
import type { DeliveryAttempt } from './delivery-attempt'
import type { Limits } from './send/limits'
import type { Log } from './log'
import type { Ended, Exchange } from './send/post'
import { Recorder } from './recorder'
import { delaysOf, type RetryDelays } from './schedule/schedule'
import type { Claim, EventToSend, Outcome, Receiver } from './store'
import { type Verdict, verdictOf } from './send/outcome'

interface Settings {
  db: Database
  secretsKey: Buffer
  defaultVersion: string
  log: Log
  limits: Limits
  retries?: RetryDelays | undefined
  onAttempt?: ((attempt: DeliveryAttempt) => void) | undefined
}

/** The deliveries of this process that are under way: from when they are claimed to when it is recorded how they went. */
export class Deliveries {
  readonly #settings: Settings
  readonly #sender: Sender
  readonly #delays: Record<'test' | 'live', readonly number[]>
  readonly #recorder: Recorder
  readonly #exchanges = new Set<Exchange>()
  readonly #all = new Set<Promise<unknown>>()

  constructor(settings: Settings) {
    const { db, log, retries = {} } = settings
    this.#settings = settings
    this.#sender = { ...settings, userAgent: `fastify-payment-vault/${version()}` }
    this.#delays = { test: delaysOf(retries, 'test'), live: delaysOf(retries, 'live') }
    this.#recorder = new Recorder(db, log)
  }

  /** Sends an event, undefined if it is there no more, and records what came of it. Gives back whether it arrived. */
  send(receiver: Receiver, claim: Claim, event: EventToSend | undefined): Promise<boolean> {
    return this.#track(event ? this.#deliver(receiver, claim, event) : this.#giveUp(receiver, claim))
  }

  /** Leaves what was claimed to whoever comes next. */
  release(receiver: Receiver, claim: Claim, failure: string): Promise<boolean> {
    const outcome = outcomeOf(
      receiver,
      claim,
      { state: 'pending', due: Date.now(), gone: false },
      { failure }
    )
    return this.#track(this.#recorder.record(outcome).then(() => false))
  }

  /** Waits a moment for them to end, and cuts off the others. */
  async stop(): Promise<void> {
    const waited = new AbortController()
    await Promise.race([
      Promise.all(this.#all),
      sleep(this.#settings.limits.grace, undefined, { signal: waited.signal }).catch(() => undefined)
    ])
    waited.abort()
    this.#recorder.close()
    for (const exchange of this.#exchanges) exchange.abort()
    await Promise.all(this.#all)
  }

  #track<T>(delivery: Promise<T>): Promise<T> {
    const tracked = delivery.finally(() => this.#all.delete(tracked))
    this.#all.add(tracked)
    return tracked
  }

  async #deliver(receiver: Receiver, claim: Claim, event: EventToSend): Promise<boolean> {
    const started = performance.now()
    const ended = await this.#attempt(receiver, event)
    if (ended.failure === 'stopped') return this.release(receiver, claim, 'stopped')
    const delays = this.#delays[isLive(receiver.account_id) ? 'live' : 'test']
    const verdict = verdictOf(ended, claim.attempts, delays, Date.now())
    this.#tell(receiver, claim, event, { ended, verdict, milliseconds: performance.now() - started })
    await this.#recorder.record(
      outcomeOf(receiver, claim, verdict, ended),
      verdict.gone ? receiver : undefined
    )
    return verdict.state === 'delivered'
  }

  async #giveUp(receiver: Receiver, claim: Claim): Promise<boolean> {
    const verdict: Verdict = { state: 'failed', due: Date.now(), gone: false }
    await this.#recorder.record(outcomeOf(receiver, claim, verdict, { failure: 'event_gone' }))
    return false
  }

  async #attempt(receiver: Receiver, event: EventToSend): Promise<Ended> {
    let exchange: Exchange
    try {
      exchange = startAttempt(this.#sender, receiver, event)
    } catch (error) {
      const of = { event: event.id, endpoint: receiver.id }
      this.#settings.log.warn({ err: error, ...of }, 'a webhook could not be made')
      return { status: undefined, retryAfter: undefined, failure: 'not_sendable' }
    }
    this.#exchanges.add(exchange)
    return exchange.ended.finally(() => this.#exchanges.delete(exchange))
  }

  #tell(
    { account_id: account, id: endpointId, url }: Receiver,
    { attempts: attempt }: Claim,
    { id: eventId, type }: EventToSend,
    { ended, verdict, milliseconds }: { ended: Ended; verdict: Verdict; milliseconds: number }
  ): void {
    const { log, onAttempt } = this.#settings
    const { status, failure } = ended
    // Not the URL: it may hold a secret of the receiver's.
    const details = { account, eventId, type, endpointId, attempt, status, failure }
    if (verdict.gone) log.warn(details, 'a webhook endpoint answered that it is gone, and is disabled')
    else if (verdict.state === 'failed') log.warn(details, 'a webhook was not delivered and is given up')
    else log.debug(details, 'a webhook was sent')
    onAttempt?.({ ...details, url, milliseconds, outcome: outcomes[verdict.state] })
  }
}

const outcomes = { delivered: 'delivered', pending: 'will retry', failed: 'failed' } as const

const outcomeOf = (
  { account_id: account, id: endpoint }: Receiver,
  { event_id: event, attempts: attempt }: Claim,
  { state, due }: Verdict,
  { status, failure }: Partial<Ended>
): Outcome => ({
  account,
  event,
  endpoint,
  attempt,
  state,
  due,
  status: status ?? null,
  failure: failure ?? null
})
