import { fork } from 'node:child_process'
import { once } from 'node:events'
import { Agent, request } from 'node:http'
import { join } from 'node:path'

/** What came back for one call, as far as it is judged. */
export interface Heard {
  status: number
  text: string
  originalRequest: string | undefined
  replayed: boolean
}

/** Sends one POST as a form, with its idempotency key. */
export type Send = (path: string, body: string, key: string) => Promise<Heard>

/** A server in a process of its own, and how to send it calls. */
export async function startSender(
  databaseUrl: string,
  secretKey: string
): Promise<{ send: Send; stop: () => Promise<void> }> {
  const server = fork(join(__dirname, 'server.ts'), {
    execArgv: ['--import', 'tsx'],
    env: {
      ...process.env,
      NODE_ENV: 'production',
      CHAOS_DATABASE_URL: databaseUrl,
      CHAOS_FINGERPRINT_KEY: 'a key for chaos, 32 characters ok'
    }
  })
  const exit = once(server, 'exit')
  const [url] = (await Promise.race([once(server, 'message'), exit])) as [unknown]
  if (typeof url !== 'string') throw new Error('a server ended before it could be called')
  const agent = new Agent({ keepAlive: true })
  const stop = async (): Promise<void> => {
    agent.destroy()
    if (server.connected) server.disconnect()
    await exit
  }
  return { send: (path, body, key) => post(agent, `${url}${path}`, body, { secretKey, key }), stop }
}

const post = (agent: Agent, url: string, body: string, by: { secretKey: string; key: string }) =>
  new Promise<Heard>((resolve, reject) => {
    const headers = {
      authorization: `Bearer ${by.secretKey}`,
      'content-type': 'application/x-www-form-urlencoded',
      'content-length': String(Buffer.byteLength(body)),
      'idempotency-key': by.key
    }
    const sent = request(url, { agent, method: 'POST', headers }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
      response.on('error', reject)
      response.on('end', () => {
        resolve({
          status: response.statusCode ?? 0,
          text,
          originalRequest: response.headers['original-request']?.toString(),
          replayed: response.headers['idempotent-replayed'] === 'true'
        })
      })
    })
    sent.on('error', reject)
    sent.end(body)
  })
