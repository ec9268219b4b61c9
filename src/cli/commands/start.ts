import { once } from 'node:events'
import { startServer } from '../../server/server'
import type { Settings } from '../../server/settings'
import { onSignals } from '../signals'

/** Runs the server until SIGINT or SIGTERM, and returns 0 after a clean stop. Throws the errors of startServer. */
export async function start(settings: Settings): Promise<number> {
  const interruption = onSignals()
  try {
    const server = await startServer(settings, say, interruption)
    if (!interruption.aborted) {
      say(server.banner)
      if (server.reloadTls) process.on('SIGHUP', () => void server.reloadTls?.())
      await once(interruption, 'abort')
    }
    await server.stop()
  } catch (error) {
    // The signal arrived during the start, and startServer has already cleaned up.
    if (error !== interruption.reason) throw error
  }
  return 0
}

const say = (line: string): void => {
  console.log(line)
}
