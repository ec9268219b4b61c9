import { fork } from 'node:child_process'
import { once } from 'node:events'
import { open } from 'node:fs/promises'
import type { Told } from './server'

/** The servers of server.ts, in a process of their own. */
export interface Process extends Told {
  pid: number
  /** Collects its garbage; and writes its heap into a file, where one is named. */
  collect: (snapshot?: string) => Promise<void>
  /** Stops it as it stands, while something is done. */
  frozen: <T>(work: () => Promise<T>) => Promise<T>
  kill: () => Promise<void>
}

/** `log` is the file of all that it says. */
export async function startProcess(program: string, databaseUrl: string, log: string): Promise<Process> {
  const file = await open(log, 'w')
  const server = fork(program, {
    execArgv: ['--expose-gc'],
    stdio: ['ignore', file.fd, file.fd, 'ipc'],
    env: {
      ...process.env,
      NODE_ENV: 'production',
      CHAOS_DATABASE_URL: databaseUrl,
      CHAOS_FINGERPRINT_KEY: 'a key for chaos, 32 characters ok'
    }
  })
  await file.close()
  const exit = once(server, 'exit')
  const told = async (): Promise<unknown> => {
    const [message] = (await Promise.race([once(server, 'message'), exit])) as [unknown]
    if (typeof message === 'number') throw new Error('a server ended, and should not have')
    return message
  }
  return {
    ...((await told()) as Told),
    pid: server.pid ?? 0,
    collect: async (snapshot) => {
      const done = told()
      server.send({ snapshot })
      await done
    },
    frozen: async (work) => {
      server.kill('SIGSTOP')
      try {
        return await work()
      } finally {
        server.kill('SIGCONT')
      }
    },
    kill: async () => {
      if (server.exitCode === null && server.signalCode === null) server.kill('SIGKILL')
      await exit
    }
  }
}
