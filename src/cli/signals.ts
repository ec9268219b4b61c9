import { once } from 'node:events'
import { starterGone } from './parent-process'

/**
 * Aborted by SIGINT or SIGTERM, and when npm or npx, which started the program, is gone. Nine seconds after the first
 * signal, whatever hangs is left behind; a second signal does not wait for that.
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
    // Ctrl-C under npm comes twice: from the terminal, and from npm, which passes it on.
    else if (performance.now() - first > 500) process.exit(128 + number)
  }
  process.on('SIGINT', () => {
    onSignal(2)
  })
  process.on('SIGTERM', () => {
    onSignal(15)
  })
  const gone = starterGone()
  if (gone)
    setInterval(() => {
      if (first === undefined && gone()) interrupt()
    }, 250).unref()
  return interruption.signal
}

/** Waits for that, whatever else there is to do: while the database is away, nothing would keep Node from ending. */
export async function interruptedBy(interruption: AbortSignal): Promise<void> {
  const alive = setInterval(() => undefined, 60_000)
  if (!interruption.aborted) await once(interruption, 'abort')
  clearInterval(alive)
}
