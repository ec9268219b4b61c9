import { performance } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Database } from '../../plugins/database/database'
import { isLive } from '../protocol/view'
import { version } from '../storage/version'
import { type Sender, startAttempt } from './send/attempt'
import type { DeliveryAttempt } from './delivery-attempt'
import type { Limits } from './send/limits'
import type { Log } from './log'
import type { ExchangeResult, Exchange } from './send/post'
import { Recorder } from './recorder'
import { delaysOf, type RetryDelays } from './schedule/schedule'
import type { Claim, EventToSend, Outcome, Receiver } from './store'
import { type DeliveryOutcome, deliveryOutcome } from './send/outcome'

interface Settings {
  db: Database
  secretsKey: Buffer
  defaultVersion: string
  log: Log
  limits: Limits
  retries?: RetryDelays | undefined
  onAttempt?: ((attempt: DeliveryAttempt) => void) | undefined
}

/** The running deliveries of this process, from claim to recorded outcome. */
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

  /** Sends an event (undefined: it no longer exists) and records the outcome. Returns whether it was delivered. */
  send(receiver: Receiver, claim: Claim, event: EventToSend | undefined): Promise<boolean> {
    return this.#track(event ? this.#deliver(receiver, claim, event) : this.#giveUp(receiver, claim))
  }

  /** Makes a claimed delivery due again, for any process. */
  release(receiver: Receiver, claim: Claim, failure: string): Promise<boolean> {
    const row = outcomeRow(receiver, claim, { state: 'pending', due: Date.now(), gone: false }, { failure })
    return this.#track(this.#recorder.record(row).then(() => false))
  }

  /** Waits up to `limits.grace` for running deliveries, then aborts the others. */
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
    const result = await this.#attempt(receiver, event)
    if (result.failure === 'stopped') return this.release(receiver, claim, 'stopped')
    const delays = this.#delays[isLive(receiver.account_id) ? 'live' : 'test']
    const outcome = deliveryOutcome(result, claim.attempts, delays, Date.now())
    this.#report(receiver, claim, event, { result, outcome, milliseconds: performance.now() - started })
    await this.#recorder.record(
      outcomeRow(receiver, claim, outcome, result),
      outcome.gone ? receiver : undefined
    )
    return outcome.state === 'delivered'
  }

  async #giveUp(receiver: Receiver, claim: Claim): Promise<boolean> {
    const outcome: DeliveryOutcome = { state: 'failed', due: Date.now(), gone: false }
    await this.#recorder.record(outcomeRow(receiver, claim, outcome, { failure: 'event_gone' }))
    return false
  }

  async #attempt(receiver: Receiver, event: EventToSend): Promise<ExchangeResult> {
    let exchange: Exchange
    try {
      exchange = startAttempt(this.#sender, receiver, event)
    } catch (error) {
      const ids = { event: event.id, endpoint: receiver.id }
      this.#settings.log.warn({ err: error, ...ids }, 'cannot build a webhook request')
      return { status: undefined, retryAfter: undefined, failure: 'not_sendable' }
    }
    this.#exchanges.add(exchange)
    return exchange.ended.finally(() => this.#exchanges.delete(exchange))
  }

  #report(
    { account_id: account, id: endpointId, url }: Receiver,
    { attempts: attempt }: Claim,
    { id: eventId, type }: EventToSend,
    {
      result,
      outcome,
      milliseconds
    }: { result: ExchangeResult; outcome: DeliveryOutcome; milliseconds: number }
  ): void {
    const { log, onAttempt } = this.#settings
    const { status, failure } = result
    // The log leaves out the URL: it may contain a secret of the receiver.
    const details = { account, eventId, type, endpointId, attempt, status, failure }
    if (outcome.gone) log.warn(details, 'a webhook endpoint answered 410 Gone and is disabled')
    else if (outcome.state === 'failed') log.warn(details, 'a webhook was not delivered, no retry is left')
    else log.debug(details, 'a webhook was sent')
    onAttempt?.({ ...details, url, milliseconds, outcome: attemptOutcomes[outcome.state] })
  }
}

const attemptOutcomes = { delivered: 'delivered', pending: 'will retry', failed: 'failed' } as const

const outcomeRow = (
  { account_id: account, id: endpoint }: Receiver,
  { event_id: event, attempts: attempt }: Claim,
  { state, due }: DeliveryOutcome,
  { status, failure }: Partial<ExchangeResult>
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
