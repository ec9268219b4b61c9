import { setTimeout as sleep } from 'node:timers/promises'
import type { Caller, Heard } from '../harness/caller'
import { type CrashCall, type Script, scriptOf } from './calls'

const connections = 64

/** Clients that retry under their keys until they are told, whatever happens behind. */
export class CrashClients {
  /** All that was ever sent. */
  readonly calls: CrashCall[] = []
  /** How many of them have been acknowledged. */
  acknowledged = 0
  /** How many of those were done before, by a call whose answer never came. */
  lost = 0
  readonly #caller: () => Caller
  /** Whether setup intents are among it. */
  setsUp: boolean
  readonly #pause: number
  readonly #aside: Promise<unknown>[] = []
  readonly #lanes: Promise<unknown>
  #next = 0
  #over = false
  #abandoned = false

  /**
   * They send to whatever `caller` gives at the time, do no more than `room` things, and after each of them each client
   * is silent for so many milliseconds (`pause`).
   */
  constructor(
    caller: () => Caller,
    { setsUp, room, pause = 0 }: { setsUp: boolean; room: number; pause?: number }
  ) {
    this.#caller = caller
    this.setsUp = setsUp
    this.#pause = pause
    this.#lanes = Promise.all(Array.from({ length: connections }, () => this.#lane(room)))
  }

  /** Begins nothing new, and brings to an end what is left. */
  async finish(): Promise<void> {
    this.#over = true
    await this.#lanes
    await Promise.all(this.#aside)
  }

  /** Has them leave as they are, whatever they wait for. */
  async abandon(): Promise<void> {
    this.#abandoned = true
    await this.finish()
  }

  /** Sends every call once more, and gives those back that are not answered with the same bytes. */
  async replay(): Promise<CrashCall[]> {
    const others: CrashCall[] = []
    const left = this.calls.values()
    const lane = async (): Promise<void> => {
      for (const call of left) {
        const again = await this.#caller().send(call)
        const same = again.replayed && again.status === call.heard?.status && again.text === call.heard.text
        if (!same) others.push(call)
      }
    }
    await Promise.all(Array.from({ length: connections }, lane))
    return others
  }

  async #lane(room: number): Promise<void> {
    while (!this.#over && this.#next < room) {
      const script = scriptOf(this.#next++, this.setsUp)
      this.calls.push(...script)
      for (const [i, call] of script.entries()) {
        if (await this.#acknowledged(call, 20, 50)) continue
        // Somebody who died had begun it with the processor: for some seconds nobody else may.
        this.#aside.push(this.#later(script.slice(i)))
        break
      }
      if (this.#pause > 0) await sleep(this.#pause)
    }
  }

  async #later(script: Script): Promise<void> {
    for (const call of script) if (!(await this.#acknowledged(call, 60, 500))) return
  }

  /** False when it has been told to come again so often, so many milliseconds after each other. */
  async #acknowledged(call: CrashCall, times: number, after: number): Promise<boolean> {
    for (let told = 0; told < times && !this.#abandoned;) {
      const heard = await this.#heard(call)
      const again = heard?.status === 409 || heard?.status === 429
      if (heard && !again && heard.status < 500) {
        call.heard = heard
        this.acknowledged++
        if (call.lost && heard.replayed) this.lost++
        return true
      }
      if (heard && !again) call.lost = true
      if (again) told++
      // Where nobody is there to tell, for half a minute.
      else told += (50 / 30_000) * times
      await sleep(again ? after : 50)
    }
    return false
  }

  async #heard(call: CrashCall): Promise<Heard | undefined> {
    try {
      return await this.#caller().send(call)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ECONNREFUSED') call.lost = true
      return undefined
    }
  }
}
