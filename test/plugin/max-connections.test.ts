import Fastify from 'fastify'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import t from 'tap'
import { Batcher } from '../../plugins/database/batcher'
import { Database } from '../../plugins/database/database'
import type { Queryable } from '../../plugins/database/statement'
import { databaseBusy, isDatabaseBusy } from '../../plugins/database/errors/lock-timeout'
import { Semaphore } from '../../plugins/database/semaphore'
import { paymentVault, type PaymentVaultOptions } from '../../src/index'
import { poolOf } from '../../src/storage/pool'
import { callerOf, startBeside } from '../helpers/server/beside'
import { until } from '../helpers/until'
import { newDatabase } from '../helpers/database/database'
import { fingerprintKey, newPair, startVault, typedCard } from '../helpers/vault'

t.setTimeout(120_000)

t.test('a vault that is stuck leaves the host its connections', async (t) => {
  for (const shareTransactions of [true, false]) {
    const vault = await startVault(t)
    const pairs = await Promise.all(Array.from({ length: 12 }, () => newPair(vault)))
    const pool = new pg.Pool({ connectionString: vault.db.pool.options.connectionString, max: 3 })
    const app = Fastify()
    const options: PaymentVaultOptions = { pool, fingerprintKey, maxConnections: 2, shareTransactions }
    await app.register(paymentVault, options)
    t.teardown(async () => {
      await app.close()
      await pool.end()
    })
    const caller = callerOf(t, await app.listen({ port: 0, host: '127.0.0.1' }), vault.keys.test)
    await caller.post('/v1/customers')

    const holder = await vault.db.pool.connect()
    await holder.query('begin; lock table payment_vault.payment_methods in access exclusive mode')
    const stuck = [
      ...pairs.map(({ paymentMethod, customer }) =>
        caller.post(`/v1/payment_methods/${paymentMethod}/attach`, { customer })
      ),
      ...pairs.map(() => caller.post('/v1/payment_methods', { type: 'card', card: typedCard }))
    ]
    await until(() => pool.totalCount === 2 && pool.idleCount === 0)
    const host = await Promise.all(Array.from({ length: 20 }, () => pool.query('select 1 as one')))
    t.strictSame(new Set(host.map(({ rows }) => (rows as [{ one: number }])[0].one)), new Set([1]))
    t.equal(pool.totalCount, 3, 'the third one is the host’s')
    t.ok(pool.idleCount >= 1, 'the vault takes none more')
    await holder.query('rollback')
    holder.release()
    const replies = await Promise.all(stuck)
    t.strictSame(new Set(replies.map(({ status }) => status)), new Set([200]))
  }
})

t.test('all that a vault does goes through one connection where it may use one', async (t) => {
  const vault = await startVault(t)
  const caller = await startBeside(t, vault, { pool: { max: 1 }, deliverWebhooks: true })
  const pairs = await Promise.all(Array.from({ length: 8 }, () => newPair(vault)))
  const replies = await Promise.all(
    pairs.flatMap(({ paymentMethod, customer }, i) => [
      caller.post(
        `/v1/payment_methods/${paymentMethod}/attach`,
        { customer },
        { 'idempotency-key': `k${i}` }
      ),
      caller
        .post('/v1/setup_intents', { customer, 'payment_method_data[type]': 'card' })
        .then((made) => caller.post(`/v1/setup_intents/${String(made.body.id)}/cancel`)),
      caller.post('/v1/payment_intents', {
        ...{ amount: 2000, currency: 'usd', confirm: true, payment_method: 'pm_card_visa' },
        'automatic_payment_methods[enabled]': true,
        'automatic_payment_methods[allow_redirects]': 'never'
      }),
      caller.del(`/v1/customers/${customer}`).then(() => caller.post('/v1/customers', { email: 'a@b.c' }))
    ])
  )
  t.notOk(
    replies.some(({ status }) => status === 429 || status >= 500),
    JSON.stringify(replies.map(({ status }) => status))
  )
})

t.test('is half of a pool that is given, all of one of its own, and never more than there are', async (t) => {
  const app = Fastify()
  t.teardown(() => app.close())
  const of = (max: number | undefined, maxConnections?: number) =>
    poolOf(app, { pool: new pg.Pool({ max }), maxConnections }).maxConnections
  t.strictSame(
    [undefined, 20, 10, 5, 3, 2, 1].map((max) => of(max)),
    [5, 10, 5, 3, 2, 1, 1]
  )
  t.equal(of(10, 8), 8)
  t.equal(of(3, 8), 3)
  const own = (maxConnections?: number) => poolOf(app, { connectionString: 'postgresql://', maxConnections })
  t.equal(own().maxConnections, 10)
  t.equal(own(4).pool.options.max, 4)
})

t.test('two vaults on one pool count together', async (t) => {
  const { pool } = await newDatabase(t)
  const databases = [1, 2].map(
    () => new Database(pool, { schema: 'payment_vault', prepared: false, maxConnections: 2 })
  )
  let most = 0
  let now = 0
  pool.on('acquire', () => (most = Math.max(most, ++now)))
  pool.on('release', () => now--)
  const sleeping = { text: 'select pg_sleep(0.01)' }
  await Promise.all(
    databases.flatMap((db) =>
      Array.from({ length: 10 }, (_, i) =>
        i % 2 ? db.query(sleeping) : db.transaction((tx) => tx.query(sleeping))
      )
    )
  )
  t.equal(most, 2)
})

t.test('calls that share a transaction are refused together where there is no turn for it', async (t) => {
  const sent: number[] = []
  const kind = {
    touches: () => [],
    send: async (_db: unknown, _group: string, calls: readonly number[]) => {
      sent.push(calls.length)
      throw databaseBusy()
    }
  }
  const batcher = new Batcher({} as Queryable, { slots: 1, patienceMs: 0, size: 32, maxWaiting: 100 })
  const calls = Array.from({ length: 9 }, (_, i) => batcher.run(kind, 'acct_1', i))
  const refused = await Promise.all(calls.map((call) => call.catch((error: unknown) => error)))
  t.ok(refused.every(isDatabaseBusy))
  t.strictSame(sent, [1, 8], 'nothing is sent again')
})

t.test('turns', async (t) => {
  const later = () => {
    let end!: () => void
    const ended = new Promise<void>((resolve) => (end = resolve))
    return { end, work: () => ended }
  }

  await t.test('are taken in the order of coming, by whoever may', async (t) => {
    const turns = new Semaphore()
    const first = later()
    const order: string[] = []
    const does = (name: string) => async () => order.push(name)
    const all = [turns.run(2, first.work), turns.run(1, does('one alone')), turns.run(2, does('behind it'))]
    await sleep(5)
    t.strictSame(order, [], 'nobody overtakes one who may only be alone')
    first.end()
    await Promise.all(all)
    t.strictSame(order, ['one alone', 'behind it'])
  })

  await t.test('are given back by what fails', async (t) => {
    const turns = new Semaphore()
    for (let i = 0; i < 3; i++) {
      await t.rejects(
        turns.run(1, async () => {
          throw new Error('no')
        }),
        { message: 'no' }
      )
    }
    t.equal(await turns.run(1, async () => 'yes'), 'yes')
  })

  await t.test('are waited for no longer than a moment', async (t) => {
    const turns = new Semaphore({ timeoutMs: 30 })
    const first = later()
    const held = turns.run(1, first.work)
    let begun = 0
    const late = await Promise.all(
      Array.from({ length: 3 }, async (_, i) => {
        await sleep(i * 10)
        return turns.run(1, async () => begun++).catch((error: unknown) => error)
      })
    )
    t.ok(late.every(isDatabaseBusy))
    t.match(late[0], { status: 429, fields: { code: 'lock_timeout' }, shouldRetry: true })
    t.equal(begun, 0)
    first.end()
    await held
    t.equal(await turns.run(1, async () => 'yes'), 'yes')
  })

  await t.test('are waited for by no more than there is room for', async (t) => {
    const turns = new Semaphore({ maxWaiting: 1 })
    const first = later()
    const held = turns.run(1, first.work)
    const waits = turns.run(1, async () => 'yes')
    const refused = await turns.run(1, async () => 'no').catch((error: unknown) => error)
    t.ok(isDatabaseBusy(refused))
    first.end()
    await held
    t.equal(await waits, 'yes')
  })
})
