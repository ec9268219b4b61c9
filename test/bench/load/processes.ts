import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'

let tick: number | undefined

/** Microseconds of CPU that these processes have used so far, user and system, with all that they have started. */
export function cpuOf(pids: readonly number[]): number {
  tick ??= 1e6 / Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }))
  let ticks = 0
  for (const pid of family(pids)) ticks += statOf(pid)?.ticks ?? 0
  return ticks * tick
}

/** Bytes of memory of these processes and their children; what several of them share is counted once. */
export function memoryOf(pids: readonly number[]): number {
  let kilobytes = 0
  for (const pid of family(pids)) {
    kilobytes += Number(/^Pss: +(\d+) kB/m.exec(read(`/proc/${pid}/smaps_rollup`))?.[1] ?? 0)
  }
  return kilobytes * 1024
}

/** Bytes of memory of one process as `ps` tells it. */
export const residentOf = (pid: number): number =>
  Number(/^VmRSS:\s+(\d+) kB/m.exec(read(`/proc/${pid}/status`))?.[1]) * 1024

/** The processes and all below them. */
export function family(pids: readonly number[]): number[] {
  const parents = new Map<number, number>()
  for (const pid of readdirSync('/proc').map(Number)) {
    const parent = pid > 0 ? statOf(pid)?.parent : undefined
    if (parent !== undefined) parents.set(pid, parent)
  }
  const found = new Set(pids)
  for (let size = 0; size < found.size;) {
    size = found.size
    for (const [pid, parent] of parents) if (found.has(parent)) found.add(pid)
  }
  return [...found]
}

/** Children that have ended are counted with their parent: backends come and go during a run. */
function statOf(pid: number): { parent: number; ticks: number } | undefined {
  const text = read(`/proc/${pid}/stat`)
  // The name may hold anything; the fields behind it are numbered from the third on.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  if (fields.length < 15) return undefined
  const field = (n: number) => Number(fields[n - 3])
  return { parent: field(4), ticks: field(14) + field(15) + field(16) + field(17) }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    // It ended in the meantime.
    return ''
  }
}
