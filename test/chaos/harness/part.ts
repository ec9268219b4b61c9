import type { TestCluster } from '../../helpers/database/cluster'

/** What one part of the run is given. */
export interface Stand {
  /** A server for databases that are thrown away. It keeps nothing through a crash. */
  cluster: TestCluster
  /** A folder for files of the run. */
  folder: string
  /** How many of so many to try. */
  share: (whole: number) => number
  /** Tells in a line how it goes, and of each fault what it was. */
  say: (line: string) => void
}

/** One promise, how often it was tried, and how often it was not kept. */
export interface Tried {
  promise: string
  tries: number
  faults: number
}

/** What a part found: of the vault as it is, and of each broken one, in which the same promises are looked at. */
export interface Found {
  promises: Tried[]
  mutants: { name: string; promises: Tried[] }[]
}

export type Part = (stand: Stand) => Promise<Found>

/**
 * Runs the same on the vault as it is and on each of its mutants; where it takes chance to notice one, up to so many
 * `times`, until it is noticed.
 */
export async function withMutants<Mutant extends { name: string }>(
  { say }: Stand,
  mutants: readonly Mutant[],
  run: (mutant?: Mutant) => Promise<Tried[]>,
  { times = 1 }: { times?: number } = {}
): Promise<Found> {
  const found: Found = { promises: await run(), mutants: [] }
  for (const mutant of mutants) {
    let promises: Tried[] = []
    for (let left = times; left > 0 && faultsOf(promises) === 0; left--) promises = await run(mutant)
    found.mutants.push({ name: mutant.name, promises })
    say(`${faultsOf(promises)} faults where ${mutant.name}`)
  }
  return found
}

export const faultsOf = (promises: readonly Tried[]): number =>
  promises.reduce((sum, { faults }) => sum + faults, 0)
