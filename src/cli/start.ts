import { once } from 'node:events'
import { startServer } from '../server'
import type { Settings } from '../settings'

/** Runs the server until SIGINT or SIGTERM; 0 once it has stopped as it should. Throws what startServer throws. */
export async function start(settings: Settings): Promise<number> {
  const interruption = onSignals()
  try {
    const server = await startServer(settings, say, interruption)
    if (!interruption.aborted) {
      say(server.banner)
      await once(interruption, 'abort')
    }
    await server.stop()
  } catch (error) {
    // It came while the server was starting, and whatever was up is down again.
    if (error !== interruption.reason) throw error
  }
  return 0
}

const say = (line: string): void => {
  console.log(line)
}

/** Nine seconds after the first signal, whatever hangs is left behind; a second signal does not wait for that. */
function onSignals(): AbortSignal {
  const interruption = new AbortController()
  let first: number | undefined
  const onSignal = (number: number): void => {
    if (first === undefined) {
      first = performance.now()
      setTimeout(() => process.exit(1), 9000).unref()
      interruption.abort()
      // Ctrl-C under npm comes twice: from the terminal, and from npm, which passes it on.
    } else if (performance.now() - first > 500) process.exit(128 + number)
  }
  process.on('SIGINT', () => {
    onSignal(2)
  })
  process.on('SIGTERM', () => {
    onSignal(15)
  })
  return interruption.signal
}
