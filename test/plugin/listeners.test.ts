import Fastify, { type FastifyInstance } from 'fastify'
import { Writable } from 'node:stream'
import pg from 'pg'
import t from 'tap'
import { type EventName, paymentVault, type PaymentVault, type VaultEvent } from '../../src/index'
import { newDatabase } from '../helpers/database/database'
import { until } from '../helpers/until'
import { fingerprintKey, type Json, newPair, startVault, typedCard } from '../helpers/vault'

// What the host's own code hears of the vault in its process: `app.paymentVault`.

declare module 'fastify' {
  interface FastifyInstance {
    otherVault: PaymentVault
  }
}

t.test('tells of an event as the API would, by its name and by *', async (t) => {
  const vault = await startVault(t, { defaultVersion: '2024-06-20' })
  const { paymentMethod, customer } = await newPair(vault)
  const heard = hear(vault.app, '*')
  const attached: unknown[] = []
  vault.app.paymentVault.on('payment_method.attached', (event) => {
    // Typed by the name: the card of a payment method, and no other.
    const { id, customer, card }: { id: string; customer: string | null; card?: { last4: string } } =
      event.data.object
    attached.push([event.type, id, customer, card?.last4])
  })
  const headers = { 'idempotency-key': 'k', 'stripe-version': '2022-11-15' }
  const reply = await vault.post(`/v1/payment_methods/${paymentMethod}/attach`, { customer }, { headers })
  await vault.post(`/v1/customers/${customer}`, { name: 'Ada' })
  await vault.post(`/v1/customers`, { name: 'Live' }, { key: vault.keys.live })
  await until(() => heard.length === 3)

  t.strictSame(attached, [['payment_method.attached', paymentMethod, customer, '4242']])
  t.strictSame(
    heard.map(({ type, livemode }) => [type, livemode]),
    [
      ['payment_method.attached', false],
      ['customer.updated', false],
      ['customer.created', true]
    ]
  )
  t.strictSame(heard[0]?.request, { id: reply.headers.get('request-id'), idempotency_key: 'k' })
  t.strictSame(heard[1]?.data.previous_attributes, { name: null })
  for (const { account, ...event } of heard) {
    const key = event.livemode ? vault.keys.live : vault.keys.test
    const { body } = await vault.get(`/v1/events/${event.id}`, {}, { key })
    const { pending_webhooks, ...shown } = body
    t.equal(pending_webhooks, 0)
    t.strictSame(event, shown)
    t.match(account, /^acct_[0-9A-Za-z]+$/)
  }
})

t.test('is typed by the name of the event', async (t) => {
  const vault = await startVault(t)
  const { paymentVault } = vault.app
  // @ts-expect-error no event is called so
  t.throws(() => paymentVault.on('payment_method.atached', () => undefined), {
    name: 'TypeError',
    message: "There is no event type 'payment_method.atached'."
  })
  // @ts-expect-error this is no function
  t.throws(() => paymentVault.on('*', 'listen'), { name: 'TypeError' })
  // @ts-expect-error a payment method has no such key
  paymentVault.on('payment_method.attached', (event) => event.data.object.crad)
  // @ts-expect-error a customer has no card
  paymentVault.on('customer.created', (event) => event.data.object.card)
  paymentVault.on('*', (event) => {
    // @ts-expect-error before its type was looked at, it may be any
    const { card } = event.data.object
    return event.type === 'payment_method.detached' ? event.data.object.card?.brand : card
  })
})

t.test('tells of what was committed, once, in that order', async (t) => {
  const vault = await startVault(t)
  const heard = hear(vault.app, '*')
  const { customer } = await newPair(vault)
  const ids = await Promise.all(
    Array.from({ length: 20 }, async (_, i) => {
      const { body } = await vault.post('/v1/payment_methods', { type: 'card', card: typedCard })
      const path = `/v1/payment_methods/${String(body.id)}/attach`
      const headers = { 'idempotency-key': `attach ${i}` }
      await vault.post(path, { customer }, { headers })
      t.equal((await vault.post(path, { customer }, { headers })).headers.get('idempotent-replayed'), 'true')
      t.equal((await vault.post(path, { customer })).status, 200, 'changes nothing')
      t.equal((await vault.post(path, { customer: 'cus_none' })).status, 400)
      return String(body.id)
    })
  )
  // Attaches the payment method in its transaction, and is undone by the wrong default.
  const { body: fresh } = await vault.post('/v1/payment_methods', { type: 'card', card: typedCard })
  const undone = await vault.post('/v1/customers', {
    payment_method: String(fresh.id),
    invoice_settings: { default_payment_method: 'pm_none' }
  })
  t.equal(undone.status, 400)
  await vault.post('/v1/customers', { name: 'last' })
  await until(() => heard.at(-1)?.type === 'customer.created' && heard.length > 21)

  const told = heard.map(({ data }) => (data.object as Json).id as string)
  t.strictSame(told.slice(1, -1).sort(), ids.sort())
  t.equal(new Set(heard.map(({ id }) => id)).size, 22)
  for (const id of ids) {
    const [path, params] = [`/v1/customers/${customer}`, { metadata: { id } }]
    await vault.post(path, params)
  }
  await until(() => heard.length === 42)
  t.strictSame(
    heard.slice(22).map(({ data }) => ((data.object as Json).metadata as Json).id as string),
    ids
  )
})

t.test('stops when it is told to', async (t) => {
  const vault = await startVault(t)
  const { paymentVault } = vault.app
  const heard: string[] = []
  const twice = () => heard.push('off')
  const stop = paymentVault.on('customer.created', () => heard.push('stop'))
  paymentVault.on('customer.created', twice)
  paymentVault.on('customer.created', twice)
  const all = hear(vault.app, '*')
  await vault.post('/v1/customers')
  await until(() => all.length === 1)
  t.strictSame(heard, ['stop', 'off', 'off'])
  stop()
  stop()
  paymentVault.off('customer.updated', twice)
  await vault.post('/v1/customers')
  await until(() => all.length === 2)
  t.strictSame(heard.slice(3), ['off', 'off'])
  paymentVault.off('customer.created', twice)
  await vault.post('/v1/customers')
  await until(() => all.length === 3)
  t.equal(heard.length, 5)
})

t.test('keeps from everybody else what goes wrong or takes its time', async (t) => {
  const log: Json[] = []
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      log.push(JSON.parse(chunk.toString()) as Json)
      done()
    }
  })
  const vault = await startVault(t, {}, { logger: { level: 'error', stream } })
  const { paymentVault } = vault.app
  let go: () => void = () => undefined
  const gate = new Promise<void>((resolve) => (go = resolve))
  const ended: string[] = []
  const stacks: string[] = []
  paymentVault.on('*', () => {
    throw new Error('thrown')
  })
  paymentVault.on('*', async (event) => {
    ;(event.data.object as Json).id = 'mine'
    throw new Error('rejected')
  })
  paymentVault.on('*', async ({ id }) => {
    await gate
    ended.push(id)
  })
  paymentVault.on('*', () => {
    stacks.push(String(new Error('here').stack))
  })
  const heard = hear(vault.app, '*')
  const replies = [await vault.post('/v1/customers'), await vault.post('/v1/customers')]
  await until(() => heard.length === 2 && log.length === 4)
  t.strictSame(
    heard.map(({ data }) => (data.object as Json).id as string),
    replies.map(({ body }) => body.id as string)
  )
  for (const stack of stacks) t.notMatch(stack, /committed|database|customers/, 'not within the request')
  const [first, second] = heard.map(({ id }) => id)
  t.strictSame(
    log.map(({ msg, event, err }): unknown[] => [msg, event, (err as Json).message]),
    [
      ['a listener failed', first, 'thrown'],
      ['a listener failed', first, 'rejected'],
      ['a listener failed', second, 'thrown'],
      ['a listener failed', second, 'rejected']
    ]
  )
  t.strictSame(ended, [])
  setTimeout(go, 200)
  await vault.app.close()
  t.strictSame(ended, [first, second], 'an app that closes waits for those that run')
})

t.test('is there where it is registered, for each mount under a name of its own', async (t) => {
  const { pool } = await newDatabase(t)
  const app = Fastify()
  t.teardown(() => app.close())
  const options = { pool, fingerprintKey, authenticate: () => ({ account: 'acct_1', livemode: false }) }
  const heard = { one: [], two: [], inner: [] } as Record<'one' | 'two' | 'inner', VaultEvent[]>
  await app.register(paymentVault, { ...options, prefix: '/one' })
  await app.register(paymentVault, { ...options, prefix: '/two', decorateAs: 'otherVault' })
  await app.register(
    async (child) => {
      t.equal(child.paymentVault, app.paymentVault)
      await child.register(paymentVault, { ...options, prefix: '/' })
      t.not(child.paymentVault, app.paymentVault, 'the one further in')
      hear(child, 'customer.created', heard.inner)
    },
    { prefix: '/inner' }
  )
  hear(app, 'customer.created', heard.one)
  app.otherVault.on('customer.created', (event) => heard.two.push(event))
  await app.ready()

  const made: string[] = []
  for (const path of ['/one', '/two', '/inner']) {
    const reply = await app.inject({ method: 'POST', url: `${path}/v1/customers` })
    t.equal(reply.statusCode, 200, path)
    made.push(reply.json<{ id: string }>().id)
  }
  t.equal((await app.inject({ method: 'POST', url: '/v1/customers' })).statusCode, 404)
  await until(() => heard.inner.length === 1)
  t.strictSame(
    [heard.one, heard.two, heard.inner].map((events) =>
      events.map(({ data }) => (data.object as Json).id as string)
    ),
    made.map((id) => [id])
  )
  t.equal(heard.one[0]?.account, 'acct_1')
})

t.test('refuses a name that is taken', async (t) => {
  const pool = new pg.Pool()
  t.teardown(() => pool.end())
  const options = { pool, fingerprintKey, migrate: 'off' } as const
  const refuses = async (name: string, prepare: (app: FastifyInstance) => unknown, more: object = {}) => {
    const app = Fastify()
    await prepare(app)
    await t.rejects(Promise.resolve(app.register(paymentVault, { ...options, ...more })), {
      message: `fastify-payment-vault: this app already has a property '${name}'; pass another name as \`decorateAs\`.`
    })
    t.notOk(app.hasRoute({ method: 'POST', url: '/v1/customers' }))
    await app.close()
  }
  const mine = (app: FastifyInstance) => app.decorate('otherVault', null as never)
  await refuses('otherVault', mine, { decorateAs: 'otherVault' })
  await refuses('log', () => undefined, { decorateAs: 'log' })
  await refuses('paymentVault', (app) => app.register(paymentVault, { ...options, prefix: '/one' }))
})

t.test('adds nothing else to the app, and keeps to the level of its log', async (t) => {
  const pool = new pg.Pool()
  const app = Fastify({ logger: { level: 'silent' } })
  t.teardown(() => app.close().then(() => pool.end()))
  const before = Object.getOwnPropertyNames(app)
  const logger = { prefix: '/billing', logLevel: 'error' } as const
  await app.register(paymentVault, { pool, fingerprintKey, migrate: 'off', ...logger })
  t.strictSame(
    Object.getOwnPropertyNames(app).filter((name) => !before.includes(name)),
    ['paymentVault']
  )
  t.strictSame(app.getSchemas(), {})
  t.notOk(app.hasContentTypeParser('application/x-www-form-urlencoded'))
  t.ok(app.hasRoute({ method: 'POST', url: '/billing/v1/customers' }))
  t.equal((await app.inject('/nowhere')).json<Json>().message, 'Route GET:/nowhere not found')
})

/** Collects what is heard under this name. */
function hear(app: FastifyInstance, name: EventName, heard: VaultEvent[] = []): VaultEvent[] {
  app.paymentVault.on(name, (event: VaultEvent) => heard.push(event))
  return heard
}
