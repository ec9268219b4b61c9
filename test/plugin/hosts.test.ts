import type { FastifyInstance } from 'fastify'
import type { AddressInfo } from 'node:net'
import Stripe from 'stripe'
import t, { type Test } from 'tap'
import { Database } from '../../plugins/database/database'
import { createKey } from '../../src/resources/accounts/keys'
import { newDatabase } from '../helpers/database/database'
import { until } from '../helpers/until'
import { fingerprintKey, type Json, typedCard } from '../helpers/vault'
import { bare } from './hosts/bare'
import { multiTenant } from './hosts/multi-tenant'
import { shop } from './hosts/shop'

// The example hosts of the README, driven as their users would.

t.setTimeout(300_000)

const unauthorized = { statusCode: 401, message: /\S/ }

t.test('shop: users log in, and save cards that the shop never sees', async (t) => {
  const { pool } = await newDatabase(t)
  const { app, mails } = await shop(pool, { jwt: 'a secret of the shop alone', fingerprintKey })
  const port = await listening(t, app)
  const send = sender(port)
  const enter = async (email: string) => {
    t.equal((await send('POST', '/users', { email, password: 'correct horse' })).status, 201)
    const { body } = await send('POST', '/login', { email, password: 'correct horse' })
    const token = String(body.token)
    const stripe = sdk(port, token, '/billing')
    const newCard = async (number = typedCard.number) =>
      (await stripe.paymentMethods.create({ type: 'card', card: { ...typedCard, number } })).id
    return { token, stripe, newCard }
  }
  const count = async (table: string) =>
    Number((await pool.query<{ n: string }>(`select count(*) n from ${table}`)).rows[0]?.n)

  const ada = await enter('ada@example.com')
  const card = await ada.newCard()
  const saved = await send('POST', '/me/cards', { payment_method: card, label: 'mine' }, ada.token)
  t.strictSame([saved.status, saved.body], [201, { id: card, label: 'mine', last4: '4242' }])
  await until(() => mails.length === 1)
  t.strictSame(mails, ['A card was saved: visa …4242'])
  t.strictSame((await send('GET', '/me/cards', undefined, ada.token)).body, [saved.body])

  await t.test('a user hands cards in, and nothing more', async (t) => {
    await t.rejects(ada.stripe.customers.list(), { statusCode: 401, code: 'secret_key_required' })
    await t.rejects(ada.stripe.paymentMethods.attach(card, { customer: 'cus_1' }), unauthorized)
    await t.rejects(sdk(port, 'nobody', '/billing').paymentMethods.create({ type: 'card' }), unauthorized)
    t.equal((await send('GET', '/me/cards')).status, 401)
    t.equal((await send('POST', '/login', { email: 'ada@example.com', password: 'wrong horse' })).status, 401)
  })

  await t.test('what is refused leaves nothing in the shop either', async (t) => {
    const bob = await enter('bob@example.com')
    const refused = async (payment_method: string, status: number, code: string | undefined) => {
      const { status: got, body } = await send('POST', '/me/cards', { payment_method, label: 'x' }, bob.token)
      t.strictSame([got, body.code], [status, code], String(body.message))
    }
    await refused('pm_none', 404, 'resource_missing')
    await refused(card, 400, undefined)
    await refused(await bob.newCard('4000000000000002'), 402, 'card_declined')
    t.strictSame((await send('GET', '/me/cards', undefined, bob.token)).body, [])
    t.equal((await send('DELETE', `/me/cards/${card}`, undefined, bob.token)).status, 404)
    t.equal(await count('public.cards'), 1)

    const customers = await count('payment_vault.customers')
    const again = await send('POST', '/users', { email: 'bob@example.com', password: 'correct horse' })
    t.equal(again.status, 409)
    t.equal(await count('payment_vault.customers'), customers, 'and no customer without a user')
  })

  await t.test('five cards are enough, also when six come at once', async (t) => {
    const eve = await enter('eve@example.com')
    const cards = await Promise.all(Array.from({ length: 8 }, () => eve.newCard()))
    const replies = await Promise.all(
      cards.map((payment_method) => send('POST', '/me/cards', { payment_method, label: 'x' }, eve.token))
    )
    t.strictSame(replies.map(({ status }) => status).sort(), [201, 201, 201, 201, 201, 403, 403, 403])
    const late = replies.find(({ status }) => status === 403)
    t.strictSame(late?.body, { message: 'You can save 5 cards.', code: 'too_many_cards' })
    const { body } = await send('GET', '/me/cards', undefined, eve.token)
    t.equal(body.length, 5)

    t.equal(
      (await send('DELETE', `/me/cards/${String((body as Json[])[0]?.id)}`, undefined, eve.token)).status,
      204
    )
    const next = { payment_method: await eve.newCard(), label: 'again' }
    t.equal((await send('POST', '/me/cards', next, eve.token)).status, 201)
  })
})

t.test('multi-tenant: each tenant has a vault of its own in one vault', async (t) => {
  const { pool } = await newDatabase(t)
  const app = await multiTenant(pool, fingerprintKey)
  const port = await listening(t, app)
  const send = sender(port)
  const [red, blue] = await Promise.all(
    ['Red', 'Blue'].map(async (name) => {
      const { status, body } = await send('POST', '/tenants', { name })
      t.equal(status, 201)
      const { id, keys } = body as { id: string; keys: { test: string; live: string } }
      return { id, test: sdk(port, keys.test, '/billing'), live: sdk(port, keys.live, '/billing') }
    })
  )
  if (!red || !blue) throw new Error('there are no tenants')

  // The same key for idempotency belongs to each of them by itself.
  const once = { idempotencyKey: 'first customer' }
  const hers = await red.test.customers.create({ name: 'Ruby' }, once)
  const his = await blue.test.customers.create({ name: 'Bill' }, once)
  t.not(hers.id, his.id)
  const card = await red.test.paymentMethods.attach('pm_card_visa', { customer: hers.id })

  t.strictSame(await namesIn(red.test), ['Ruby'])
  t.strictSame(await namesIn(blue.test), ['Bill'])
  t.strictSame(await namesIn(red.live), [], "nor does a tenant's live mode see its test mode")
  const missing = { statusCode: 404, code: 'resource_missing' }
  for (const stranger of [blue.test, blue.live, red.live]) {
    await t.rejects(stranger.customers.retrieve(hers.id), missing)
    await t.rejects(stranger.paymentMethods.retrieve(card.id), missing)
    await t.rejects(stranger.paymentMethods.detach(card.id), missing)
    t.strictSame((await stranger.events.list({ type: 'payment_method.attached' })).data, [])
  }
  await t.rejects(blue.test.paymentMethods.attach(card.id, { customer: his.id }), missing)
  await t.rejects(sdk(port, 'nobody', '/billing').customers.list(), unauthorized)

  t.strictSame((await send('GET', `/tenants/${red.id}`)).body, { id: red.id, customers: ['Ruby'] })
  t.strictSame((await send('GET', `/tenants/${blue.id}`)).body, { id: blue.id, customers: ['Bill'] })
})

t.test('bare: the vault and nothing else', async (t) => {
  const { url, pool } = await newDatabase(t)
  const app = await bare(url, fingerprintKey)
  const port = await listening(t, app)
  const db = new Database(pool, { schema: 'payment_vault', prepared: false })
  const stripe = sdk(port, await createKey(db, { livemode: false, kind: 'secret' }))
  const { id: customer } = await stripe.customers.create({ name: 'Ada' })
  const attached = await stripe.paymentMethods.attach('pm_card_visa', { customer })
  t.strictSame([attached.customer, attached.card?.last4], [customer, '4242'])
  await t.rejects(sdk(port, 'sk_test_nobody').customers.list(), unauthorized)
  t.equal((await sender(port)('GET', '/')).status, 404)
})

async function listening(t: Test, app: FastifyInstance): Promise<number> {
  await app.listen({ port: 0, host: '127.0.0.1' })
  t.teardown(() => app.close())
  return (app.server.address() as AddressInfo).port
}

const sender =
  (port: number) =>
  async (
    method: string,
    path: string,
    body?: object,
    token?: string
  ): Promise<{ status: number; body: Json }> => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      method,
      headers: {
        ...(body && { 'content-type': 'application/json' }),
        ...(token !== undefined && { authorization: `Bearer ${token}` })
      },
      ...(body && { body: JSON.stringify(body) })
    })
    const text = await response.text()
    return { status: response.status, body: text === '' ? {} : (JSON.parse(text) as Json) }
  }

/** The official SDK, whose calls all begin with the prefix of the vault. */
function sdk(port: number, key: string, prefix = ''): Stripe {
  const httpClient = Stripe.createFetchHttpClient((input, init) => {
    const url = new URL(input instanceof Request ? input.url : input)
    return fetch(`${url.origin}${prefix}${url.pathname}${url.search}`, init)
  })
  return new Stripe(key, {
    host: '127.0.0.1',
    port,
    protocol: 'http',
    maxNetworkRetries: 0,
    telemetry: false,
    httpClient
  })
}

const namesIn = async (stripe: Stripe) => (await stripe.customers.list()).data.map(({ name }) => name)
