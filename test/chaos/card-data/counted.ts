import type { Hit } from './search'

const mostTold = 20

/** Counts what was found by the promise that it breaks, and tells what it was: of what looks alike, once. */
export class Counted {
  readonly #counts = new Map<string, number>()
  readonly #told = new Set<string>()
  readonly #say: (line: string) => void

  constructor(say: (line: string) => void) {
    this.#say = say
  }

  add(promise: string, where: string, hits: readonly Hit[]): void {
    this.#counts.set(promise, this.of(promise) + hits.length)
    for (const { form, around } of hits) {
      const alike = `${form.mark.kind} ${form.name} ${where} ${around}`.replace(/\d+/g, '#')
      if (this.#told.has(alike) || this.#told.size >= mostTold) continue
      this.#told.add(alike)
      this.#say(`${form.mark.kind} ${form.mark.text} ${form.name} in ${where}: ${around}`)
    }
  }

  of(promise: string): number {
    return this.#counts.get(promise) ?? 0
  }
}
