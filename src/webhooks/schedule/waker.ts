import type { Log } from '../log'

export interface Waking {
  /** Milliseconds between looks when nobody wakes it. */
  every: number
  log: Log
  /** Does what there is to do, and gives back whether there was anything. `look`: not only what is known already. */
  turn: (look: boolean) => Promise<boolean>
}

const shortestGap = 50
const longestGap = 500

/**
 * Takes turns, one after another: every so often with a look at what is due, and at once when it is woken or when
 * something ended. What comes while a turn is taken shares the next one. The more often it was woken for nothing, the
 * longer it takes its time, so that a busy server without anyone to send to hardly looks.
 */
export class Waker {
  readonly #options: Waking
  #timer: NodeJS.Timeout | undefined
  #wakeTimer: NodeJS.Timeout | undefined
  #running: Promise<void> | undefined
  #asked = false
  #look = false
  #woken = false
  #gap = 0
  #notBefore = 0
  #troubled = false

  constructor(options: Waking) {
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

  /** A turn for what is known already. */
  soon(): void {
    this.#ask(false)
  }

  /** No more turns; comes back when the present one has ended. */
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
        this.#troubled = false
        if (found) this.#rest(0)
        else if (woken) this.#rest(Math.min(Math.max(this.#gap * 2, shortestGap), longestGap))
      } catch (error) {
        this.#warn(error)
        this.#rest(longestGap)
      }
    }
    this.#running = undefined
  }

  #rest(gap: number): void {
    this.#gap = gap
    this.#notBefore = gap === 0 ? 0 : Date.now() + gap
  }

  /** Once, and not with every turn that meets the same trouble. */
  #warn(error: unknown): void {
    const { log } = this.#options
    if (this.#troubled) log.debug({ err: error }, 'webhooks still cannot be delivered')
    else log.warn({ err: error }, 'webhooks cannot be delivered at the moment')
    this.#troubled = true
  }
}
