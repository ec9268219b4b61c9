import { setTimeout as sleep } from 'node:timers/promises'
import type { Caller } from '../harness/caller'
import type { CrashCall } from '../crashes/calls'

const readers = 4

/** Read what was acknowledged before, again and again, while others go on writing. */
export class Readers {
  reads = 0
  /** What was shown otherwise, each in a line. */
  readonly stale: string[] = []
  readonly #lanes: Promise<unknown>
  #over = false

  constructor(caller: Caller, calls: readonly CrashCall[]) {
    const lane = async (): Promise<void> => {
      while (!this.#over) {
        await sleep(20)
        const call = calls[Math.floor(Math.random() * calls.length)]
        if (call && call.heard?.status === 200 && staysAttached(call)) await this.#read(caller, call)
      }
    }
    this.#lanes = Promise.all(Array.from({ length: readers }, lane))
  }

  async end(): Promise<void> {
    this.#over = true
    await this.#lanes
  }

  async #read(caller: Caller, { path, body }: CrashCall): Promise<void> {
    const heard = await caller
      .send({ method: 'GET', path: path.replace('/attach', '') })
      .catch(() => undefined)
    if (heard?.status !== 200) return
    this.reads++
    const { customer } = JSON.parse(heard.text) as { customer: string | null }
    if (customer !== new URLSearchParams(body).get('customer'))
      this.stale.push(`${path} ${body}: ${heard.text}`)
  }
}

/** Some are detached afterwards. */
const staysAttached = ({ key, path }: CrashCall): boolean =>
  path.endsWith('/attach') && Number.parseInt(key) % 16 >= 10
