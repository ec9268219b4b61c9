import { fork } from 'node:child_process'
import { once } from 'node:events'
import type { Watched } from './loop-watch'
import type { Ended } from './watched-server'

/** The server of watched-server.ts, in a process of its own. */
export interface WatchedServer {
  port: number
  reset: () => void
  /** What was seen of its event loop since; collects its garbage, to tell what is left of its memory. */
  read: (how?: { collect: boolean }) => Promise<Watched>
  /** SIGTERM; what it told at its end, and the code with which it ended. */
  terminate: () => Promise<{ ended: Ended | undefined; code: number | null; took: number }>
  kill: () => Promise<void>
}

export async function startWatchedServer(program: string, databaseUrl: string): Promise<WatchedServer> {
  const server = fork(program, {
    execArgv: ['--expose-gc'],
    env: {
      ...process.env,
      NODE_ENV: 'production',
      CHAOS_DATABASE_URL: databaseUrl,
      CHAOS_FINGERPRINT_KEY: 'a key for chaos, 32 characters ok'
    }
  })
  const exit = once(server, 'exit') as Promise<[number | null]>
  const told = async (): Promise<unknown> => {
    const [message] = (await Promise.race([once(server, 'message'), exit])) as [unknown]
    return message
  }
  const url = await told()
  if (typeof url !== 'string') throw new Error('a server ended before it could be called')
  return {
    port: Number(new URL(url).port),
    reset: () => server.send('reset'),
    read: ({ collect } = { collect: true }) => {
      server.send(collect ? 'collect' : 'read')
      return told() as Promise<Watched>
    },
    terminate: async () => {
      const since = performance.now()
      const last = told()
      server.kill('SIGTERM')
      const [code] = await exit
      const ended = await last
      const took = performance.now() - since
      return { ended: typeof ended === 'object' ? (ended as Ended) : undefined, code, took }
    },
    kill: async () => {
      if (server.exitCode === null && server.signalCode === null) server.kill('SIGKILL')
      await exit
    }
  }
}
