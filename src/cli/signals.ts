import { once } from 'node:events'
import { parentExitCheck } from './parent-process'

/**
 * Returns a signal that aborts on SIGINT and SIGTERM, and when the npm or npx that started the program exits. The
 * process exits nine seconds after the first signal even if something hangs, and immediately on a second signal.
 */
export function onSignals(): AbortSignal {
  const interruption = new AbortController()
  let first: number | undefined
  const interrupt = (): void => {
    first = performance.now()
    setTimeout(() => process.exit(1), 9000).unref()
    interruption.abort()
  }
  const onSignal = (number: number): void => {
    if (first === undefined) interrupt()
    // Under npm, Ctrl-C arrives twice: from the terminal and from npm, which forwards it.
    else if (performance.now() - first > 500) process.exit(128 + number)
  }
  process.on('SIGINT', () => {
    onSignal(2)
  })
  process.on('SIGTERM', () => {
    onSignal(15)
  })
  const parentExited = parentExitCheck()
  if (parentExited)
    setInterval(() => {
      if (first === undefined && parentExited()) interrupt()
    }, 250).unref()
  return interruption.signal
}

/** Waits for the abort. Its timer keeps Node running while the database is down and nothing else is pending. */
export async function untilAborted(interruption: AbortSignal): Promise<void> {
  const alive = setInterval(() => undefined, 60_000)
  if (!interruption.aborted) await once(interruption, 'abort')
  clearInterval(alive)
}
