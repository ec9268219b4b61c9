import { fork } from 'node:child_process'
import { once } from 'node:events'

/** A process of its own. */
export interface Server {
  url: string
  /** As by kill -9; waits until it is gone. */
  kill: () => Promise<void>
  /** Lets it end what it does. */
  stop: () => Promise<void>
}

/** Starts the program, compiled from server.ts. `options` are the plugin's. */
export async function startServer(
  program: string,
  databaseUrl: string,
  options: object = {}
): Promise<Server> {
  const server = fork(program, {
    execArgv: [],
    env: {
      ...process.env,
      NODE_ENV: 'production',
      CHAOS_DATABASE_URL: databaseUrl,
      CHAOS_FINGERPRINT_KEY: 'a key for chaos, 32 characters ok',
      CHAOS_OPTIONS: JSON.stringify(options)
    }
  })
  const exit = once(server, 'exit')
  const [url] = (await Promise.race([once(server, 'message'), exit])) as [unknown]
  if (typeof url !== 'string') throw new Error('a server ended before it could be called')
  return {
    url,
    kill: async () => {
      server.kill('SIGKILL')
      await exit
    },
    stop: async () => {
      if (server.connected) server.disconnect()
      await exit
    }
  }
}
