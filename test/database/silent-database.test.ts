import Fastify from 'fastify'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import t, { type Test } from 'tap'
import { Database } from '../../plugins/database/database'
import { statement } from '../../plugins/database/statement'
import { paymentVault, type PaymentVaultOptions } from '../../src/index'
import { health } from '../../src/server/http/health'
import { Proxy } from '../helpers/network/proxy'
import { until } from '../helpers/until'
import { fingerprintKey, newPair, sharing, startVault, type TestVault } from '../helpers/vault'

t.setTimeout(60_000)

/** A pool on the vault's database, and the line that it goes through. */
async function poolBehindProxy(t: Test, vault: TestVault): Promise<{ pool: pg.Pool; proxy: Proxy }> {
  const direct = new pg.Client(vault.db.pool.options)
  const { host, port, user, password, database } = direct
  const proxy = new Proxy(host.startsWith('/') ? { path: `${host}/.s.PGSQL.${port}` } : { host, port })
  const pool = new pg.Pool({
    ...{ host: '127.0.0.1', port: await proxy.listen() },
    ...{ user, password, database, max: 5 }
  })
  pool.on('error', () => undefined)
  t.teardown(async () => {
    proxy.end()
    await pool.end()
  })
  return { pool, proxy }
}

t.test('a database that falls silent', async (t) => {
  const vault = await startVault(t)
  const pairs = [await newPair(vault), await newPair(vault)]
  const { pool, proxy } = await poolBehindProxy(t, vault)
  const app = Fastify()
  const options: PaymentVaultOptions = { pool, fingerprintKey, maxConnections: 5, migrate: 'off', ...sharing }
  await app.register(paymentVault, { ...options, databaseTimeout: 500 })
  t.teardown(() => app.close())
  const url = await app.listen({ port: 0, host: '127.0.0.1' })
  const ask = (path: string, more: { key?: string; body?: URLSearchParams } = {}): Promise<Response> =>
    fetch(`${url}${path}`, {
      headers: {
        authorization: `Bearer ${vault.keys.test}`,
        ...(more.key !== undefined && { 'idempotency-key': more.key })
      },
      ...(more.body && { method: 'POST', body: more.body })
    })
  const attach = (i: number, key: string): Promise<Response> =>
    ask(`/v1/payment_methods/${pairs[i]?.paymentMethod ?? ''}/attach`, {
      key,
      body: new URLSearchParams({ customer: pairs[i]?.customer ?? '', ...(i && { 'expand[]': 'customer' }) })
    })
  const read = (): Promise<Response> => ask(`/v1/customers/${pairs[0]?.customer ?? ''}`)
  const busy = await Promise.all(Array.from({ length: 20 }, read))
  t.ok(busy.every(({ status }) => status === 200))
  t.equal(pool.totalCount, 5)

  await t.test('is given up, for a 503 that says to try again', async (t) => {
    proxy.become('silent')
    for (const reply of await Promise.all([attach(0, 'a'), attach(1, 'b'), read()])) {
      t.equal(reply.status, 503)
      t.equal(reply.headers.get('stripe-should-retry'), 'true')
      t.match(await reply.json(), { error: { type: 'api_error', message: /database cannot be reached/ } })
    }
  })
  await t.test('and nobody is led to what was open meanwhile', async (t) => {
    proxy.become('sound')
    const replies = await Promise.all([attach(0, 'a'), attach(1, 'b'), ...Array.from({ length: 20 }, read)])
    t.strictSame(new Set(replies.map(({ status }) => status)), new Set([200]))
    const { rows } = await vault.db.pool.query(
      "select 1 from payment_vault.events where type = 'payment_method.attached'"
    )
    t.equal(rows.length, 2, 'once each')
  })
})

t.test('the database lets go of what a silent server has locked', async (t) => {
  const vault = await startVault(t)
  const { customer } = await newPair(vault)
  const { pool, proxy } = await poolBehindProxy(t, vault)
  const silent = new Database(pool, {
    schema: 'payment_vault',
    prepared: false,
    idleTimeoutMs: 300,
    timeoutMs: 1000
  })
  const lock = statement('lock_it', 'select id from payment_vault.customers where id = $1 for update')
  const locked = silent.transaction(async (tx) => {
    await tx.query(lock, [customer])
    proxy.become('silent')
    await tx.query(lock, [customer])
  })
  t.match(await locked.catch((error: unknown) => error), { status: 503, shouldRetry: true })
  t.equal((await vault.post(`/v1/customers/${customer}`, { name: 'free' })).status, 200)

  proxy.become('sound')
  const slow = silent.transaction(async (tx) => {
    await tx.query(lock, [customer])
    await sleep(600)
    await tx.query(lock, [customer])
  })
  t.match(await slow.catch((error: unknown) => error), { status: 503 }, 'also where the line is sound')
})

t.test('GET /health tells of it, and of its end', async (t) => {
  const vault = await startVault(t)
  const { pool, proxy } = await poolBehindProxy(t, vault)
  const app = Fastify()
  health(app, pool)
  t.teardown(() => app.close())
  const status = async (): Promise<number> => (await app.inject('/health')).statusCode
  t.equal(await status(), 200)
  proxy.become('silent')
  t.equal(await status(), 503)
  proxy.become('sound')
  await until(async () => (await status()) === 200)
})
