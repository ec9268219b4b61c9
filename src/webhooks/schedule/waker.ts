import type { Log } from '../log'

interface WakerOptions {
  /** The poll interval in milliseconds. */
  every: number
  log: Log
  /** Claims due deliveries and returns whether it found any. `look`: query for due accounts first. */
  turn: (look: boolean) => Promise<boolean>
}

const minGapMs = 50
const maxGapMs = 500

/**
 * Runs turns, one at a time: at each poll, after `wake`, and after a delivery ended. Requests during a turn share the
 * next one. Each `wake` that finds nothing doubles the gap to the next, so that a busy server without subscribed
 * endpoints queries rarely.
 */
export class Waker {
  readonly #options: WakerOptions
  #timer: NodeJS.Timeout | undefined
  #wakeTimer: NodeJS.Timeout | undefined
  #running: Promise<void> | undefined
  #asked = false
  #look = false
  #woken = false
  #gap = 0
  #notBefore = 0
  #failing = false

  constructor(options: WakerOptions) {
    this.#options = options
  }

  start(): void {
    if (this.#timer) return
    this.#timer = setInterval(() => {
      this.#ask(true)
    }, this.#options.every).unref()
    this.#ask(true)
  }

  wake(): void {
    if (this.#wakeTimer) return
    const wait = this.#notBefore - Date.now()
    const ask = () => {
      this.#wakeTimer = undefined
      this.#woken = true
      this.#ask(false)
    }
    if (wait <= 0) ask()
    else this.#wakeTimer = setTimeout(ask, wait).unref()
  }

  /** Requests a turn for the accounts already known. */
  soon(): void {
    this.#ask(false)
  }

  /** Stops. Resolves when the running turn has ended. */
  async stop(): Promise<void> {
    clearInterval(this.#timer)
    clearTimeout(this.#wakeTimer)
    this.#timer = undefined
    await this.#running
  }

  #ask(look: boolean): void {
    this.#asked = true
    this.#look ||= look
    if (this.#timer && !this.#running) this.#running = this.#run()
  }

  async #run(): Promise<void> {
    while (this.#asked && this.#timer) {
      const [look, woken] = [this.#look, this.#woken]
      this.#asked = this.#look = this.#woken = false
      try {
        const found = await this.#options.turn(look)
        this.#failing = false
        if (found) this.#rest(0)
        else if (woken) this.#rest(Math.min(Math.max(this.#gap * 2, minGapMs), maxGapMs))
      } catch (error) {
        this.#warn(error)
        this.#rest(maxGapMs)
      }
    }
    this.#running = undefined
  }

  #rest(gap: number): void {
    this.#gap = gap
    this.#notBefore = gap === 0 ? 0 : Date.now() + gap
  }

  /** Warns of the first failure in a row only. */
  #warn(error: unknown): void {
    const { log } = this.#options
    if (this.#failing) log.debug({ err: error }, 'webhooks still cannot be delivered')
    else log.warn({ err: error }, 'webhooks cannot be delivered at the moment')
    this.#failing = true
  }
}
