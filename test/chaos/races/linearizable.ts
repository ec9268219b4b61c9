/** One call and what came of it, between two moments of one clock. */
export interface Recorded {
  start: number
  /** Infinity where nobody knows whether it was done: it may be so at any time later, or never. */
  end: number
}

/**
 * Whether there is an order of these operations, each at some moment between its start and its end, in which all of
 * them could have happened one after the other. `after` gives the state that an operation leaves, or undefined where
 * it could not have come to its outcome in that state. States are compared as text.
 *
 * The search is Wing and Gong's, which remembers where it has been (Lowe). It is meant for short histories: 50 at most.
 */
export function linearizable<Operation extends Recorded>(
  history: readonly Operation[],
  initial: string,
  after: (state: string, operation: Operation) => string | undefined
): boolean {
  if (history.length > 50) throw new Error('this history is too long to be searched')
  const bits = history.map((_, i) => 2 ** i)
  const needed = history.reduce((sum, { end }, i) => (end === Infinity ? sum : sum + (bits[i] ?? 0)), 0)
  const been = new Set<string>()

  const search = (done: number, left: number, state: string): boolean => {
    if (left === 0) return true
    const here = `${done} ${state}`
    if (been.has(here)) return false
    been.add(here)
    const open = history.filter((_, i) => !has(done, i))
    // Whatever began after another had ended came after it.
    const firstEnd = Math.min(...open.map(({ end }) => end))
    const next: [done: number, left: number, state: string][] = []
    for (const [i, operation] of history.entries()) {
      if (has(done, i) || operation.start > firstEnd) continue
      const then = after(state, operation)
      if (then === undefined) continue
      const bit = bits[i] ?? 0
      if (operation.end === Infinity) next.push([done + bit, left, then])
      // What changes nothing may as well come first: that leaves every other order open.
      else if (then === state) return search(done + bit, left - bit, then)
      else next.push([done + bit, left - bit, then])
    }
    return next.some((way) => search(...way))
  }
  return search(0, needed, initial)
}

/** Numbers hold more bits than their operators take. */
const has = (set: number, i: number): boolean => Math.floor(set / 2 ** i) % 2 === 1
