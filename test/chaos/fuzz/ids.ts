import type { Random } from './random'
import type { Known } from './values'

const kept = 200

/** Ids that calls gave back, for the calls that come: so that these find something. */
export class Ids {
  readonly #random: Random
  readonly #known = new Map<string, string[]>()

  constructor(random: Random) {
    this.#random = random
    this.#add('payment_methods', 'pm_card_visa')
    this.#add('payment_method', 'pm_card_visa')
  }

  get known(): Known {
    return this.#known
  }

  /** From an object, or from a list of them. */
  learn(body: unknown): void {
    if (typeof body !== 'object' || body === null) return
    const { id, object, data, client_secret } = body as Record<string, unknown>
    if (Array.isArray(data)) for (const each of data.slice(0, 3)) this.learn(each)
    if (typeof id !== 'string' || typeof object !== 'string') return
    for (const name of namesOf(object)) this.#add(name, id)
    if (typeof client_secret === 'string') this.#add('client_secret', client_secret)
  }

  #add(name: string, id: string): void {
    const ids = this.#known.get(name) ?? []
    if (ids.length < kept) ids.push(id)
    else ids[this.#random.below(kept)] = id
    this.#known.set(name, ids)
  }
}

/** What a parameter is called that names such an object, and the folder of its path. */
const namesOf = (object: string): string[] => {
  const cursors = ['starting_after', 'ending_before']
  return [
    object,
    `${object}s`,
    ...(object === 'payment_method' ? ['default_payment_method'] : []),
    ...cursors
  ]
}
