import Fastify, { type FastifyInstance, type FastifyServerOptions } from 'fastify'
import { stringify } from 'qs'
import Stripe from 'stripe'
import type { Test } from 'tap'
import { Database } from '../../plugins/database/database'
import { createKey } from '../../src/resources/accounts/keys'
import { paymentVault, type PaymentVaultOptions } from '../../src/index'
import { newDatabase } from './database/database'
import { judgeAnswers } from './document/document'
import { boundPool } from './database/bound-role'

// Bodies are looked into deeply, and a test that looks wrongly fails.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type Json = Record<string, any>

export interface Reply {
  status: number
  headers: Headers
  text: string
  body: Json
}

export interface Ask {
  /** Sent as a form, nested in brackets; in the query for GET and DELETE. */
  params?: object | string
  headers?: Record<string, string>
  key?: string | null
}

/** A vault that listens, with a database and keys of its own. */
export interface TestVault {
  app: FastifyInstance
  url: string
  db: Database
  /** Keys of one account: secret and publishable, test mode and live. */
  keys: { test: string; live: string; publishable: string }
  /**
   * Sends one request, with the test mode's secret key unless `key` says otherwise (null: none). Throws where the
   * answer is not as documented.
   */
  ask: (method: string, path: string, ask?: Ask) => Promise<Reply>
  post: (path: string, params?: object | string, more?: Ask) => Promise<Reply>
  get: (path: string, params?: object | string, more?: Ask) => Promise<Reply>
  del: (path: string, more?: Ask) => Promise<Reply>
  /** The official SDK, speaking the version that it was made for unless told another. */
  stripe: (options?: { apiVersion?: string; key?: string; maxNetworkRetries?: number }) => Stripe
}

export const fingerprintKey = 'a key for tests, 32 characters ok'

/** Everything has to hold with transactions of its own for each call as well: PAYMENT_VAULT_TEST_SHARED=off. */
export const sharing = { shareTransactions: process.env.PAYMENT_VAULT_TEST_SHARED !== 'off' }

/** And where the database keeps accounts apart as well: PAYMENT_VAULT_TEST_ROW_LEVEL_SECURITY=on. */
const walling = process.env.PAYMENT_VAULT_TEST_ROW_LEVEL_SECURITY === 'on'

/** Boots the plugin in a bare app on a database of the test's own; everything closes with `t`. */
export async function startVault(
  t: Test,
  options: Partial<PaymentVaultOptions> = {},
  server: FastifyServerOptions = {}
): Promise<TestVault> {
  const { pool, url: database } = await newDatabase(t)
  const app = Fastify({ routerOptions: { maxParamLength: 5000 }, ...server })
  judgeAnswers(app, { hostRefuses: Boolean(options.authenticate ?? options.beforeAttach) })
  // Nothing is to change but by a test's own calls, unless it says so.
  const usual = { rememberKeysFor: 0, deliverWebhooks: false, ...sharing }
  const walled = walling && !options.pool && !options.connectionString && !options.schema
  const stands = walled
    ? { pool: await boundPool(t, pool, database), rowLevelSecurity: true, migrate: 'check' as const }
    : { pool }
  await app.register(paymentVault, { ...stands, fingerprintKey, ...usual, ...options })
  const db = new Database(pool, { schema: options.schema ?? 'payment_vault', prepared: false })
  const keys = {
    test: await createKey(db, { livemode: false, kind: 'secret' }),
    live: await createKey(db, { livemode: true, kind: 'secret' }),
    publishable: await createKey(db, { livemode: false, kind: 'publishable' })
  }
  const url = await app.listen({ port: 0, host: '127.0.0.1' })
  t.teardown(() => app.close())

  const ask: TestVault['ask'] = async (method, path, { params = {}, headers = {}, key = keys.test } = {}) => {
    const encoded = typeof params === 'string' ? params : stringify(params)
    const inQuery = method === 'GET' || method === 'DELETE'
    const response = await fetch(`${url}${path}${inQuery && encoded ? `?${encoded}` : ''}`, {
      method,
      headers: {
        ...(key === null ? {} : { authorization: `Bearer ${key}` }),
        ...(inQuery ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
        ...headers
      },
      ...(inQuery ? {} : { body: encoded })
    })
    const text = await response.text()
    return { status: response.status, headers: response.headers, text, body: JSON.parse(text) as Json }
  }

  const port = Number(new URL(url).port)
  return {
    app,
    url,
    db,
    keys,
    ask,
    post: (path, params = {}, more = {}) => ask('POST', path, { params, ...more }),
    get: (path, params = {}, more = {}) => ask('GET', path, { params, ...more }),
    del: (path, more = {}) => ask('DELETE', path, more),
    stripe: ({ apiVersion, key = keys.test, maxNetworkRetries = 0 } = {}) =>
      new Stripe(key, {
        host: '127.0.0.1',
        port,
        protocol: 'http',
        telemetry: false,
        maxNetworkRetries,
        ...(apiVersion === undefined ? {} : { apiVersion: apiVersion as never })
      })
  }
}

/** A card that is typed in: 4242, with a CVC, years ahead. */
export const typedCard = { number: '4242424242424242', exp_month: 8, exp_year: 2033, cvc: '123' }

/** A new payment method and a new customer, as their ids. */
export async function newPair(vault: TestVault): Promise<{ paymentMethod: string; customer: string }> {
  const paymentMethod = await vault.post('/v1/payment_methods', { type: 'card', card: typedCard })
  const customer = await vault.post('/v1/customers')
  return { paymentMethod: String(paymentMethod.body.id), customer: String(customer.body.id) }
}
