import Stripe from 'stripe'
import t from 'tap'
import { firstAccount } from '../../../src/resources/accounts/keys'
import { accountIn } from '../../../src/protocol/view'
import { insertReferenceObjects } from '../../../src/resources/accounts/reference-objects'
import { startDroppingProxy } from '../../helpers/network/dropping-proxy'
import { startVault, type TestVault, typedCard } from '../../helpers/vault'

t.setTimeout(300_000)

const host = (vault: TestVault) => ({
  host: '127.0.0.1',
  port: Number(new URL(vault.url).port),
  protocol: 'http' as const,
  telemetry: false
})

t.test("runs the reference page's snippet, with nothing changed but the host", async (t) => {
  const vault = await startVault(t)
  await insertReferenceObjects(vault.db, accountIn(await firstAccount(vault.db), false))
  const stripe = new Stripe(vault.keys.test, host(vault))

  const paymentMethod = await stripe.paymentMethods.attach('pm_1MqM05LkdIwHu7ixlDxxO6Mc', {
    customer: 'cus_NbZ8Ki3f322LNn'
  })
  t.match(paymentMethod, {
    id: 'pm_1MqM05LkdIwHu7ixlDxxO6Mc',
    object: 'payment_method',
    allow_redisplay: 'unspecified',
    card: { brand: 'visa', checks: { cvc_check: 'pass' }, fingerprint: 'mToisGZ01V71BCos', last4: '4242' },
    created: 1679946402,
    customer: 'cus_NbZ8Ki3f322LNn',
    livemode: false,
    metadata: {},
    type: 'card'
  })
  t.equal(paymentMethod.lastResponse.apiVersion, paymentMethod.lastResponse.headers['stripe-version'])
  t.match(paymentMethod.lastResponse.requestId, /^req_/)
})

t.test('goes the whole way: create, attach, list, make the default, detach, delete', async (t) => {
  const vault = await startVault(t)
  const stripe = vault.stripe()
  const customer = await stripe.customers.create({ name: 'Ada', metadata: { order: '1' } })
  const made = await stripe.paymentMethods.create({
    type: 'card',
    card: typedCard,
    billing_details: { address: { country: 'GB' } }
  })
  t.equal(made.customer, null)
  const attached = await stripe.paymentMethods.attach(made.id, {
    customer: customer.id,
    expand: ['customer']
  })
  t.match(attached.customer, { id: customer.id, metadata: { order: '1' } })

  await stripe.customers.update(customer.id, { invoice_settings: { default_payment_method: made.id } })
  const whole = await stripe.customers.retrieve(customer.id, {
    expand: ['invoice_settings.default_payment_method']
  })
  t.match(whole, { invoice_settings: { default_payment_method: { id: made.id } } })

  const changed = await stripe.paymentMethods.update(made.id, { metadata: { a: 'b' } })
  t.strictSame(changed.metadata, { a: 'b' })
  const listed = await stripe.paymentMethods.list({ customer: customer.id, type: 'card' })
  t.strictSame(listed.data, [changed])

  const detached = await stripe.paymentMethods.detach(made.id)
  t.strictSame(detached, { ...changed, customer: null })
  t.strictSame((await stripe.paymentMethods.list({ customer: customer.id })).data, [])
  t.equal((await stripe.customers.del(customer.id)).deleted, true)
  t.match(await stripe.customers.retrieve(customer.id), { id: customer.id, deleted: true })
})

t.test('walks through all pages by itself, newest first', async (t) => {
  const vault = await startVault(t)
  const stripe = vault.stripe()
  const customer = await stripe.customers.create()
  const attached: string[] = []
  for (let i = 0; i < 25; i++) {
    attached.push((await stripe.paymentMethods.attach('pm_card_visa', { customer: customer.id })).id)
  }
  const ids = async (pages: AsyncIterable<{ id: string }>) => {
    const found: string[] = []
    for await (const { id } of pages) found.push(id)
    return found
  }
  const newestFirst = [...attached].reverse()
  t.strictSame(await ids(stripe.paymentMethods.list({ customer: customer.id, limit: 10 })), newestFirst)
  t.strictSame(await ids(stripe.customers.listPaymentMethods(customer.id, { limit: 7 })), newestFirst)
  const last = String(attached[0])
  const backwards = stripe.paymentMethods.list({ customer: customer.id, limit: 10, ending_before: last })
  t.strictSame((await ids(backwards)).sort(), newestFirst.slice(0, -1).sort())
  const array = await stripe.paymentMethods.list({ customer: customer.id }).autoPagingToArray({ limit: 12 })
  t.strictSame(
    array.map(({ id }) => id),
    newestFirst.slice(0, 12)
  )
})

t.test('throws the error classes that callers catch', async (t) => {
  const vault = await startVault(t)
  const stripe = vault.stripe()
  const { id: customer } = await stripe.customers.create()
  const { id: other } = await stripe.customers.create()
  const { id: attached } = await stripe.paymentMethods.attach('pm_card_visa', { customer })

  const caught = async (sent: Promise<unknown>): Promise<Stripe.errors.StripeError> => {
    try {
      await sent
    } catch (error) {
      if (error instanceof Stripe.errors.StripeError) return error
      throw error
    }
    throw new Error('there was no error')
  }

  const unknown = await caught(stripe.paymentMethods.attach('pm_x', { customer }))
  t.ok(unknown instanceof Stripe.errors.StripeInvalidRequestError)
  t.match(unknown, {
    code: 'resource_missing',
    doc_url: 'https://stripe.com/docs/error-codes/resource-missing',
    message: "No such PaymentMethod: 'pm_x'",
    param: 'payment_method',
    requestId: /^req_/,
    statusCode: 404,
    type: 'StripeInvalidRequestError'
  })

  const taken = await caught(stripe.paymentMethods.attach(attached, { customer: other }))
  t.ok(taken instanceof Stripe.errors.StripeInvalidRequestError)
  t.equal(taken.statusCode, 400)
  t.equal(taken.code, undefined)

  const card = await caught(stripe.paymentMethods.attach('pm_card_chargeDeclined', { customer }))
  t.ok(card instanceof Stripe.errors.StripeCardError)
  t.match(card, { statusCode: 402, code: 'card_declined', decline_code: 'generic_decline', param: '' })

  const idempotencyKey = 'a key of mine'
  await stripe.customers.create({ name: 'Ada' }, { idempotencyKey })
  const again = await stripe.customers.create({ name: 'Ada' }, { idempotencyKey })
  t.equal(again.lastResponse.headers['idempotent-replayed'], 'true')
  const reused = await caught(stripe.customers.create({ name: 'Eve' }, { idempotencyKey }))
  t.ok(reused instanceof Stripe.errors.StripeIdempotencyError)

  const nobody = await caught(vault.stripe({ key: 'sk_test_nobody' }).customers.create())
  t.ok(nobody instanceof Stripe.errors.StripeAuthenticationError)
  const browser = await caught(vault.stripe({ key: vault.keys.publishable }).customers.create())
  t.ok(browser instanceof Stripe.errors.StripeAuthenticationError)
})

t.test('sends again what was cut off after it was done, and does nothing twice', async (t) => {
  const vault = await startVault(t)
  const seen = new Set<string>()
  let cut = 0
  // Every third call is cut the first time that its key is seen.
  const { port } = await startDroppingProxy(t, Number(new URL(vault.url).port), (head) => {
    const key = /^idempotency-key: (.+)$/im.exec(head)?.[1]
    if (key === undefined || seen.has(key)) return false
    seen.add(key)
    if (seen.size % 3 > 0) return false
    cut++
    return true
  })
  const stripe = new Stripe(vault.keys.test, { ...host(vault), port })

  const ways = Array.from({ length: 12 }, async (_, i) => {
    const customer = await stripe.customers.create({ name: `customer ${i}` })
    const made = await stripe.paymentMethods.create({ type: 'card', card: typedCard })
    await stripe.paymentMethods.attach(made.id, { customer: customer.id })
    await stripe.paymentMethods.attach('pm_card_visa', { customer: customer.id })
    await stripe.paymentMethods.update(made.id, { metadata: { i } })
    await stripe.paymentMethods.detach(made.id)
  })
  await Promise.all(ways)
  t.equal(cut, 24)

  const counted = await vault.db.pool.query<{ what: string; n: number }>(
    `select type as what, count(*)::int as n from payment_vault.events group by 1
     union all select 'customers', count(*)::int from payment_vault.customers
     union all select 'payment methods', count(*)::int from payment_vault.payment_methods
     order by 1`
  )
  t.strictSame(Object.fromEntries(counted.rows.map(({ what, n }) => [what, n])), {
    'customer.created': 12,
    customers: 12,
    'payment methods': 24,
    'payment_method.attached': 24,
    'payment_method.detached': 12,
    'payment_method.updated': 12
  })
})
