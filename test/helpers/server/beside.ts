import Fastify from 'fastify'
import { Agent, request } from 'node:http'
import pg from 'pg'
import { stringify } from 'qs'
import type { Test } from 'tap'
import { paymentVault, type PaymentVaultOptions } from '../../../src/index'
import { judgeAnswers } from '../document/document'
import { fingerprintKey, type Json, type Reply, sharing, type TestVault } from '../vault'

/** Sends calls to one of several apps on one database. */
export interface Caller {
  url: string
  post: (path: string, params?: object | string, headers?: Record<string, string>) => Promise<Reply>
  del: (path: string, headers?: Record<string, string>) => Promise<Reply>
}

/** What another process would be: an app and a pool of its own on the database of `vault`. Closes with `t`. */
export async function startBeside(
  t: Test,
  vault: TestVault,
  {
    pool: poolConfig = {},
    ...options
  }: Partial<Omit<PaymentVaultOptions, 'pool'>> & { pool?: pg.PoolConfig } = {}
): Promise<Caller> {
  const pool = new pg.Pool({ connectionString: vault.db.pool.options.connectionString, ...poolConfig })
  pool.on('error', () => undefined)
  const app = Fastify({ routerOptions: { maxParamLength: 5000 } })
  judgeAnswers(app)
  // The pool is its own, down to the last connection.
  const usual = { maxConnections: pool.options.max, migrate: 'off', ...sharing } as const
  await app.register(paymentVault, { pool, fingerprintKey, ...usual, ...options })
  t.teardown(async () => {
    await app.close()
    await pool.end()
  })
  return callerOf(t, await app.listen({ port: 0, host: '127.0.0.1' }), vault.keys.test)
}

/** Sends calls to a URL with a key. By node's own client and unjudged, since races send thousands. */
export function callerOf(t: Test, url: string, key: string): Caller {
  const agent = new Agent({ keepAlive: true })
  t.teardown(() => {
    agent.destroy()
  })
  const send = (method: string, path: string, given: Record<string, string>, body = '') =>
    new Promise<Reply>((resolve, reject) => {
      const headers = {
        authorization: `Bearer ${key}`,
        'content-type': 'application/x-www-form-urlencoded',
        'content-length': String(Buffer.byteLength(body)),
        ...given
      }
      const sent = request(`${url}${path}`, { agent, method, headers }, (response) => {
        let text = ''
        response.setEncoding('utf8')
        response.on('data', (chunk: string) => (text += chunk))
        response.on('error', reject)
        response.on('end', () => {
          const { statusCode: status = 0 } = response
          const all = Object.entries(response.headers).map(([name, value]): [string, string] => [
            name,
            String(value)
          ])
          const body = JSON.parse(text) as Json
          resolve({ status, headers: new Headers(all), text, body })
        })
      })
      sent.on('error', reject)
      sent.end(body)
    })
  return {
    url,
    post: (path, params = {}, headers = {}) =>
      send('POST', path, headers, typeof params === 'string' ? params : stringify(params)),
    del: (path, headers = {}) => send('DELETE', path, headers)
  }
}
