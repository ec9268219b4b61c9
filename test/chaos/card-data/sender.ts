import type { Random } from '../fuzz/random'
import type { Operation } from '../isolation/operations'
import type { World } from '../isolation/world'
import { type Client, jsonType } from './client'
import type { Mark, Marks } from './marks'

/** Whoever sends marks to a server: what it knows there, and how it picks. */
export class Sender {
  readonly client: Client
  readonly marks: Marks
  readonly random: Random
  readonly world: World

  constructor(client: Client, marks: Marks, random: Random, world: World) {
    this.client = client
    this.marks = marks
    this.random = random
    this.world = world
  }

  /** Makes something, by a form or by JSON; its id, where it was made. */
  async make(
    path: string,
    params: Record<string, string>,
    headers: Record<string, string> = {}
  ): Promise<string | undefined> {
    const { status, text } = this.random.chance(0.4)
      ? await this.client.raw(
          'POST',
          path,
          { 'content-type': jsonType, ...headers },
          JSON.stringify(nested(params))
        )
      : await this.client.send(this.world.secret, 'POST', path, params, headers)
    return status === 200 ? (JSON.parse(text) as { id: string }).id : undefined
  }

  /** With ids of what there is. */
  pathOf({ path }: Operation): string {
    const { ids } = this.world
    return path.replace(/\{(\w+)\}/g, (_braces, name: string) => ids[name] ?? ids.payment_intent ?? '')
  }

  card(): string {
    return this.random.pick(this.marks.cards).text
  }

  cvc(): string {
    return this.random.pick(this.marks.cvcs).text
  }

  /** What fits there, or at times what doesn't. */
  anyFor(place: string): string {
    const { cards, accounts, cvcs } = this.marks
    const groups: Mark[][] = [cards, cvcs, ...Object.values(accounts)]
    if (this.random.chance(0.2)) return this.random.pick(this.random.pick(groups)).text
    if (place.includes('cvc')) return this.cvc()
    const type =
      Object.keys(accounts).find((each) => place.includes(each)) ??
      (/account|iban/.test(place) ? 'us_bank_account' : '')
    return this.random.pick(accounts[type] ?? cards).text
  }

  /** As people type it. */
  typed(text: string): string {
    const gap = this.random.pick(['', '', ' ', '-'])
    return /^\d{12,}$/.test(text) ? (text.match(/.{1,4}/g) ?? []).join(gap) : text
  }
}

/** As JSON has what a form says with brackets. */
function nested(params: Record<string, string>): unknown {
  const whole: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(params)) {
    const path = name.split(/[[\]]+/).filter((part) => part !== '')
    let at = whole
    for (const part of path.slice(0, -1)) at = (at[part] ??= {}) as Record<string, unknown>
    at[path.at(-1) ?? ''] = value
  }
  return whole
}
