/** What one run measured. Latencies in milliseconds, CPU in microseconds a call, log (WAL) in bytes a call. */
export interface Figures {
  rate: number
  p50: number
  p99: number
  max: number
  node: number
  postgres: number
  wal: number
}

export interface Turn {
  name: string
  run: () => Promise<Figures>
}

/** All that was measured, by the names of the turns: one entry a round. */
export type Measured = Map<string, Figures[]>

/**
 * Runs everything in turns, round after round and every second one backwards, so that what else the machine does falls
 * on all alike.
 */
export async function inTurns(
  turns: readonly Turn[],
  rounds: number,
  beforeRound: () => Promise<void>
): Promise<Measured> {
  const measured: Measured = new Map(turns.map(({ name }) => [name, []]))
  for (let round = 0; round < rounds; round++) {
    await beforeRound()
    for (const { name, run } of round % 2 === 0 ? turns : [...turns].reverse()) {
      const figures = await run()
      measured.get(name)?.push(figures)
      note(`${round + 1}/${rounds} ${name}: ${figures.rate.toFixed(0)}/s, p99 ${figures.p99.toFixed(1)} ms`)
    }
  }
  return measured
}

/** Beside the output, which holds nothing but the tables. */
export const note = (line: string): void => {
  console.error(line)
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const half = Math.floor(sorted.length / 2)
  const upper = sorted[half] ?? NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[half - 1] ?? NaN) + upper) / 2
}

/** The median of one figure over all rounds; NaN for what was not measured. */
export const medianOf = (measured: Measured, name: string, figure: keyof Figures): number =>
  median((measured.get(name) ?? []).map((each) => each[figure]))

export const worstOf = (measured: Measured, name: string, figure: keyof Figures): number =>
  Math.max(...(measured.get(name) ?? [{ [figure]: NaN } as unknown as Figures]).map((each) => each[figure]))

/** The median of the rounds' ratios: what changed between the rounds is in neither of the two. */
export function ratioOf(measured: Measured, one: string, other: string, figure: keyof Figures): number {
  const others = measured.get(other) ?? []
  return median(
    (measured.get(one) ?? []).map((each, round) => each[figure] / (others[round]?.[figure] ?? NaN))
  )
}
