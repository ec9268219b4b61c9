import Fastify from 'fastify'
import { Agent, request } from 'node:http'
import pg from 'pg'
import { paymentVault, type PaymentVaultOptions } from '../../../src/index'
import { testProcessor } from '../../../src/processor/test/processor'
import { type IsolationMutant, mutated } from './mutants'
import type { Send } from './world'

/** One vault, which lets the test processor serve live mode too; with a `role`, behind row-level security. */
export async function startVault(
  url: string,
  mutant: IsolationMutant | undefined,
  role?: pg.PoolConfig
): Promise<{ send: Send; stop: () => Promise<void> }> {
  const pool = new pg.Pool({
    ...(role ?? { connectionString: url }),
    max: 4,
    ...(mutant?.text && { Client: mutated(mutant.text) })
  })
  pool.on('error', () => undefined)
  const app = Fastify({ routerOptions: { maxParamLength: 5000 } })
  const fingerprintKey = 'a key for chaos, 32 characters ok'
  const processor = asInTestMode(testProcessor({ fingerprintKey }))
  const options: PaymentVaultOptions = {
    pool,
    fingerprintKey,
    processor,
    rememberKeysFor: 60_000,
    deliverWebhooks: false,
    limitKeyGuesses: false,
    rowLevelSecurity: role !== undefined
  }
  await app.register(paymentVault, options)
  const at = new URL(await app.listen({ port: 0, host: '127.0.0.1' }))
  const agent = new Agent({ keepAlive: true })
  const send: Send = (key, method, path, params = {}, headers = {}) =>
    new Promise((resolve, reject) => {
      const form = new URLSearchParams(params).toString()
      const inQuery = method !== 'POST' && form !== ''
      const asked = request(
        {
          ...{ agent, host: at.hostname, port: at.port, method },
          path: inQuery ? `${path}?${form}` : path,
          headers: {
            authorization: `Bearer ${key}`,
            ...(method === 'POST' && { 'content-type': 'application/x-www-form-urlencoded' }),
            ...headers
          }
        },
        (response) => {
          let text = ''
          response.setEncoding('utf8')
          response.on('data', (more: string) => (text += more))
          response.on('error', reject)
          response.on('end', () => {
            const replayed = response.headers['idempotent-replayed'] !== undefined
            resolve({ status: response.statusCode ?? 0, text, replayed })
          })
        }
      )
      asked.on('error', reject)
      asked.end(method === 'POST' ? form : undefined)
    })
  const stop = async () => {
    agent.destroy()
    await app.close()
    await pool.end()
  }
  return { send, stop }
}

/** The same, told of live mode that it is test mode. */
function asInTestMode<T extends object>(part: T): T {
  return new Proxy(part, {
    get(of, name) {
      const value: unknown = Reflect.get(of, name)
      if (typeof value === 'function')
        return (...given: unknown[]): unknown => Reflect.apply(value, of, given.map(inTestMode))
      return typeof value === 'object' && value !== null ? asInTestMode(value) : value
    }
  })
}

const inTestMode = (given: unknown): unknown =>
  typeof given === 'object' && given !== null && 'livemode' in given ? { ...given, livemode: false } : given
