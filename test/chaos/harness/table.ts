import { number, table } from '../../bench/report/markdown'
import { faultsOf, type Found, type Tried } from './part'

export interface Timed {
  found: Found
  seconds: number
}

/** One row for each promise, with the mutants that it found out, and whether all is as it should be. */
export function tableOf(parts: readonly Timed[]): { text: string; kept: boolean } {
  const rows = parts.flatMap(({ found, seconds }) => {
    const caught = caughtBy(found)
    const kept = found.promises.map((tried, i) =>
      row(tried, caught.get(tried.promise) ?? [], i === 0 ? number(seconds) : '')
    )
    const missed = missedBy(found).map((name) => ['', '', '', `NOT CAUGHT: ${name}`, ''])
    return [...kept, ...missed]
  })
  return {
    text: table(['promise', 'tries', 'faults found', 'mutant caught', 'seconds'], rows),
    kept: parts.every(({ found }) => faultsOf(found.promises) === 0 && missedBy(found).length === 0)
  }
}

const row = ({ promise, tries, faults }: Tried, caught: readonly string[], seconds: string): string[] => [
  promise,
  number(tries),
  faults > 0 ? `FAULTS: ${number(faults)}` : '0',
  caught.length > 0 ? caught.join('; ') : '-',
  seconds
]

/** Each mutant stands once: first each promise gets one of those that break it, then the rest goes where most is broken. */
function caughtBy({ promises, mutants }: Found): Map<string, string[]> {
  const caught = new Map<string, string[]>(promises.map(({ promise }) => [promise, []]))
  const left = new Set(mutants)
  const faults = (of: Mutated, promise: string): number =>
    of.promises.find((tried) => tried.promise === promise)?.faults ?? 0
  const breaking = (promise: string): Mutated[] => mutants.filter((mutant) => faults(mutant, promise) > 0)
  const put = (mutant: Mutated, promise: string): void => {
    caught.get(promise)?.push(mutant.name)
    left.delete(mutant)
  }
  for (const promise of [...caught.keys()].sort((a, b) => breaking(a).length - breaking(b).length)) {
    const [mutant] = breaking(promise)
      .filter((mutant) => left.has(mutant))
      .sort((a, b) => broken(a) - broken(b))
    if (mutant) put(mutant, promise)
  }
  for (const mutant of left) {
    const [most] = [...caught.keys()].sort((a, b) => faults(mutant, b) - faults(mutant, a))
    if (most !== undefined && faults(mutant, most) > 0) put(mutant, most)
  }
  return caught
}

type Mutated = Found['mutants'][number]

const broken = ({ promises }: Mutated): number => promises.filter(({ faults }) => faults > 0).length

const missedBy = ({ mutants }: Found): string[] =>
  mutants.filter(({ promises }) => faultsOf(promises) === 0).map(({ name }) => name)
