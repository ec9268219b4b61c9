import { once } from 'node:events'
import { startServer } from '../../server/server'
import type { Settings } from '../../server/settings'
import { onSignals } from '../signals'

/** Runs the server until SIGINT or SIGTERM; 0 once it has stopped as it should. Throws what startServer throws. */
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
    // It came while the server was starting, and whatever was up is down again.
    if (error !== interruption.reason) throw error
  }
  return 0
}

const say = (line: string): void => {
  console.log(line)
}
