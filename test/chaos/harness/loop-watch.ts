import { monitorEventLoopDelay, PerformanceObserver } from 'node:perf_hooks'

/** How a process's event loop went, in milliseconds, and its memory. */
export interface Watched {
  /** Turns of the loop that were looked at. */
  turns: number
  /** Of those the longest, and how many took over each of these: as far as the process was at work in it. */
  longest: number
  over20: number
  over50: number
  /** The longest that a timer came late, and how late one of a hundred came: the machine's part in it as well. */
  latest: number
  late99: number
  /** The longest pause of a garbage collection. */
  collection: number
  /** Bytes: the most that it had, and what is left on the heap after a collection. */
  rss: number
  heap: number
}

/**
 * Watches the process that it is called in. On a machine that is busy with others a timer comes late as well, and the
 * loop was not held up by that: what counts of a turn is no more than the CPU time that the process took in it.
 */
export function watchLoop(): { read: (collect: boolean) => Watched; reset: () => void } {
  const delays = monitorEventLoopDelay({ resolution: 1 })
  delays.enable()
  const fresh = () => ({ turns: 0, longest: 0, over20: 0, over50: 0, collection: 0, rss: 0 })
  let seen = fresh()
  let since = performance.now()
  let cpu = process.cpuUsage()
  const look = (): void => {
    const now = performance.now()
    const { user, system } = process.cpuUsage(cpu)
    const held = Math.min(now - since, (user + system) / 1000)
    seen.turns++
    seen.longest = Math.max(seen.longest, held)
    if (held > 20) seen.over20++
    if (held > 50) seen.over50++
    since = now
    cpu = process.cpuUsage()
  }
  const turn = (): void => {
    look()
    setTimeout(turn, 1).unref()
  }
  turn()
  const memory = (): void => {
    seen.rss = Math.max(seen.rss, process.memoryUsage.rss())
  }
  setInterval(memory, 100).unref()
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) seen.collection = Math.max(seen.collection, duration)
  }).observe({ entryTypes: ['gc'] })
  return {
    read: (collect) => {
      look()
      memory()
      const watched = { ...seen, latest: delays.max / 1e6, late99: delays.percentile(99) / 1e6 }
      if (collect) globalThis.gc?.()
      return { ...watched, heap: process.memoryUsage().heapUsed }
    },
    reset: () => {
      seen = fresh()
      delays.reset()
      since = performance.now()
      cpu = process.cpuUsage()
    }
  }
}
