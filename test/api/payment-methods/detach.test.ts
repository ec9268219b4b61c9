import t, { type Test } from 'tap'
import { part } from '../../helpers/document/bodies'
import { eventsOf, everyRow, setState } from '../../helpers/database/rows'
import { type Json, newPair, type Reply, startVault, type TestVault, typedCard } from '../../helpers/vault'

const newest = { headers: { 'stripe-version': '2026-07-29.dahlia' } }

t.setTimeout(300_000)

/** The vault that all of these share: each has payment methods and customers of its own. */
let vault: Promise<TestVault> | undefined
const one = () => (vault ??= startVault(t))

t.test('takes a payment method from its customer and tells so, with whose it was', async (t) => {
  const vault = await one()
  const { paymentMethod, customer, attached } = await attachedPair(vault)
  const customerBefore = (await vault.get(`/v1/customers/${customer}`)).text

  const reply = await vault.post(`/v1/payment_methods/${paymentMethod}/detach`, {}, key('detach-1'))
  t.equal(reply.status, 200)
  t.equal(reply.text, JSON.stringify({ ...attached, customer: null }, null, 2), 'all else is as before')
  t.equal((await vault.get(`/v1/payment_methods/${paymentMethod}`)).text, reply.text)

  t.match(await eventsOf(vault, paymentMethod), [
    { type: 'payment_method.attached' },
    {
      type: 'payment_method.detached',
      object: { id: paymentMethod, customer_id: null, state: 'detached' },
      previous_attributes: { customer },
      request_id: reply.headers.get('request-id'),
      idempotency_key: 'detach-1'
    }
  ])
  t.equal((await eventsOf(vault, paymentMethod)).length, 2)
  t.equal((await vault.get(`/v1/customers/${customer}`)).text, customerBefore)
  t.strictSame(
    (await eventsOf(vault, customer)).map(({ type }) => type),
    ['customer.created']
  )
})

t.test("clears the customer's default with it, and no other default", async (t) => {
  const vault = await one()
  const { paymentMethod, customer } = await attachedPair(vault)
  const { paymentMethod: other } = await newPair(vault)
  await attach(vault, other, customer)
  const makeDefault = (id: string) =>
    vault.post(`/v1/customers/${customer}`, { invoice_settings: { default_payment_method: id } })
  const theDefault = async () =>
    part((await vault.get(`/v1/customers/${customer}`)).body, 'invoice_settings.default_payment_method')
  await makeDefault(paymentMethod)

  await vault.post(`/v1/payment_methods/${other}/detach`)
  t.equal(await theDefault(), paymentMethod)

  const reply = await vault.post(`/v1/payment_methods/${paymentMethod}/detach`)
  t.equal(await theDefault(), null)
  t.match((await eventsOf(vault, customer)).at(-1), {
    type: 'customer.updated',
    object: { id: customer, default_payment_method: null },
    previous_attributes: { invoice_settings: { default_payment_method: paymentMethod } },
    request_id: reply.headers.get('request-id')
  })
  const rows = await vault.db.pool.query(
    `select distinct xmin::text from payment_vault.events
     where request_id = $1
     union select xmin::text from payment_vault.customers where id = $2
     union select xmin::text from payment_vault.payment_methods where id = $3`,
    [reply.headers.get('request-id'), customer, paymentMethod]
  )
  t.equal(rows.rows.length, 1, 'payment method, customer and both events were written by one transaction')

  const again = await makeDefault(paymentMethod)
  t.equal(again.status, 400)
  t.equal(await theDefault(), null, 'what is detached is no default any more')
})

t.test('is for good: nothing brings a payment method back that was detached or used up', async (t) => {
  const vault = await one()
  const spent =
    'This PaymentMethod was previously used without being attached to a Customer or was detached from a Customer, and may not be used again.'
  const impossible =
    'The payment method you provided is not attached to a customer so detachment is impossible.'
  const unsaved = 'You must save this PaymentMethod to a customer before you can update it.'

  const { paymentMethod: detached, customer } = await attachedPair(vault)
  await vault.post(`/v1/payment_methods/${detached}/detach`)
  const { paymentMethod: consumed } = await newPair(vault)
  await setState(vault, consumed, 'consumed')
  const orphan = await attachedPair(vault)
  await vault.del(`/v1/customers/${orphan.customer}`)

  for (const id of [detached, consumed, orphan.paymentMethod]) {
    const before = await everyRow(vault)
    const path = `/v1/payment_methods/${id}`
    isRefusal(t, await attach(vault, id, customer), spent)
    isRefusal(t, await attach(vault, id, customer, { expand: ['customer'] }), spent)
    isRefusal(t, await vault.post('/v1/customers', { payment_method: id }), spent)
    isRefusal(t, await vault.post(`${path}/detach`), impossible)
    isRefusal(t, await vault.post(path, { metadata: { a: '1' } }), unsaved)
    const asDefault = await vault.post(`/v1/customers/${customer}`, {
      invoice_settings: { default_payment_method: id }
    })
    t.equal(asDefault.status, 400)
    t.equal(await everyRow(vault), before)
    t.equal((await vault.get(path)).body.customer, null, 'it can still be looked at')
  }

  const { paymentMethod: fresh } = await newPair(vault)
  const before = await everyRow(vault)
  for (const id of [fresh, 'pm_card_visa']) {
    isRefusal(t, await vault.post(`/v1/payment_methods/${id}/detach`), impossible)
    isRefusal(t, await vault.post(`/v1/payment_methods/${id}`, { metadata: { a: '1' } }), unsaved)
  }
  t.equal(await everyRow(vault), before)
  t.equal((await attach(vault, fresh, customer)).status, 200, 'refusals do not use it up')
})

t.test('knows no other payment method than those that there are', async (t) => {
  const vault = await one()
  const { paymentMethod, customer } = await attachedPair(vault)
  const live = { key: vault.keys.live }
  const before = await everyRow(vault)
  const unknown = (id: string, hint = '') => ({
    code: 'resource_missing',
    doc_url: 'https://stripe.com/docs/error-codes/resource-missing',
    message: `No such PaymentMethod: '${id}'${hint}`,
    param: 'payment_method',
    type: 'invalid_request_error'
  })
  const otherMode =
    '; a similar object exists in test mode, but a live mode key was used to make this request.'
  const replies: [reply: Reply, error: Json][] = [
    [await vault.get('/v1/payment_methods/pm_x'), unknown('pm_x')],
    [await vault.post('/v1/payment_methods/pm_x'), unknown('pm_x')],
    [await vault.post('/v1/payment_methods/pm_x/detach'), unknown('pm_x')],
    [await vault.get(`/v1/payment_methods/${customer}`), unknown(customer)],
    [await vault.get(`/v1/payment_methods/${paymentMethod}`, {}, live), unknown(paymentMethod, otherMode)],
    [await vault.post(`/v1/payment_methods/${paymentMethod}`, {}, live), unknown(paymentMethod, otherMode)],
    [
      await vault.post(`/v1/payment_methods/${paymentMethod}/detach`, {}, live),
      unknown(paymentMethod, otherMode)
    ]
  ]
  for (const [reply, error] of replies) {
    t.equal(reply.status, 404)
    t.equal(reply.text, `${JSON.stringify({ error }, null, 2)}\n`)
  }
  t.equal(await everyRow(vault), before)

  const { customer: other } = await newPair(vault)
  const elsewhere = await vault.get(`/v1/customers/${other}/payment_methods/${paymentMethod}`)
  t.equal(elsewhere.status, 404, "under another customer it isn't there")
  t.strictSame(elsewhere.body.error, unknown(paymentMethod))
  const theirs = await vault.get(`/v1/customers/${customer}/payment_methods/${paymentMethod}`)
  t.equal(theirs.text, (await vault.get(`/v1/payment_methods/${paymentMethod}`)).text)
})

t.test('refuses parameters that a call does not have', async (t) => {
  const vault = await one()
  const { paymentMethod, customer } = await attachedPair(vault)
  const before = await everyRow(vault)
  const path = `/v1/payment_methods/${paymentMethod}`
  const rows: [path: string, params: object, message: string][] = [
    [`${path}/detach`, { customer }, 'Received unknown parameter: customer'],
    [`${path}/detach`, { expand: ['bogus'] }, 'This property cannot be expanded (bogus).'],
    [path, { card: { number: '4242424242424242' } }, 'Received unknown parameter: card[number]'],
    [path, { customer }, 'Received unknown parameter: customer'],
    [path, { type: 'card' }, 'Received unknown parameter: type'],
    [
      path,
      { card: { exp_yaer: '2030' } },
      'Received unknown parameter: card[exp_yaer]. Did you mean card[exp_year]?'
    ],
    [path, { card: { exp_month: 'x' } }, 'Invalid integer: x'],
    [
      path,
      { allow_redisplay: 'never' },
      'Invalid allow_redisplay: must be one of always, limited, or unspecified'
    ],
    [path, { link: { a: '1' } }, "This vault does not support the parameter 'link'."]
  ]
  for (const [to, params, message] of rows) {
    const reply = await vault.post(to, params)
    t.equal(reply.status, 400)
    t.equal(part(reply.body, 'error.message'), message)
  }
  for (const [card, code, param] of [
    [{ exp_month: 13 }, 'invalid_expiry_month', 'exp_month'],
    [{ exp_year: 2001 }, 'invalid_expiry_year', 'exp_year']
  ] as const) {
    const reply = await vault.post(path, { card })
    t.equal(reply.status, 402)
    t.match(reply.body.error, { type: 'card_error', code, param })
  }
  t.equal(await everyRow(vault), before)
})

t.test('changes what is known of an attached one, leaf by leaf', async (t) => {
  const vault = await one()
  const { paymentMethod, attached } = await attachedPair(vault)
  const path = `/v1/payment_methods/${paymentMethod}`
  let before = attached
  /** Sends an update, and compares the object and the event with what is expected of them. */
  const updates = async (what: string, params: object, after: Json, previous: Json | null) => {
    await t.test(what, async (t) => {
      const events = (await eventsOf(vault, paymentMethod)).length
      const reply = await vault.post(path, params)
      t.equal(reply.status, 200)
      const expected = { ...before, ...after }
      t.equal(reply.text, JSON.stringify(expected, null, 2))
      t.equal((await vault.get(path)).text, reply.text)
      before = expected
      const [event, ...more] = (await eventsOf(vault, paymentMethod)).slice(events)
      t.strictSame(more, [])
      t.equal(event?.type, previous === null ? undefined : 'payment_method.updated')
      if (previous !== null) {
        t.strictSame(event?.previous_attributes, previous)
        t.equal(event?.request_id, reply.headers.get('request-id'))
      }
    })
  }
  const nowhere = { city: null, country: null, line1: null, line2: null, postal_code: null, state: null }
  const nobody = { address: nowhere, email: null, name: null, phone: null }

  await updates('nothing given', {}, {}, null)
  await updates('what is so already', { metadata: {}, card: { exp_month: 8 } }, {}, null)
  await updates(
    'billing details',
    { billing_details: { name: 'Ada', address: { city: 'London', line1: '1 Main Street' } } },
    {
      billing_details: {
        ...nobody,
        address: { ...nowhere, city: 'London', line1: '1 Main Street' },
        name: 'Ada'
      }
    },
    { billing_details: { address: { city: null, line1: null }, name: null } }
  )
  await updates(
    'one leaf, and one unset',
    { billing_details: { email: 'ada@example.com', address: { city: '', country: 'GB' } } },
    {
      billing_details: {
        ...nobody,
        address: { ...nowhere, country: 'GB', line1: '1 Main Street' },
        email: 'ada@example.com',
        name: 'Ada'
      }
    },
    { billing_details: { address: { city: 'London', country: null }, email: null } }
  )
  await updates(
    'the whole address unset',
    { billing_details: { address: '', name: '' } },
    { billing_details: { ...nobody, email: 'ada@example.com' } },
    { billing_details: { address: { country: 'GB', line1: '1 Main Street' }, name: 'Ada' } }
  )
  await updates(
    'metadata',
    { metadata: { order: '1', colour: 'red' } },
    { metadata: { colour: 'red', order: '1' } },
    { metadata: { colour: null, order: null } }
  )
  await updates(
    'metadata merged, one key unset',
    { metadata: { order: '2', colour: '', size: 'L' } },
    { metadata: { order: '2', size: 'L' } },
    { metadata: { colour: 'red', order: '1', size: null } }
  )
  await updates(
    'all metadata unset',
    { metadata: '' },
    { metadata: {} },
    { metadata: { order: '2', size: 'L' } }
  )
  await updates(
    'the expiry',
    { card: { exp_month: 12, exp_year: 2040 } },
    { card: { ...(before.card as Json), exp_month: 12, exp_year: 2040 } },
    { card: { exp_month: 8, exp_year: 2033 } }
  )
  await updates(
    'a year of two digits',
    { card: { exp_year: 41 } },
    { card: { ...(before.card as Json), exp_year: 2041 } },
    { card: { exp_year: 2040 } }
  )

  const shown = await vault.post(
    path,
    { allow_redisplay: 'always', billing_details: { tax_id: '123' }, expand: ['customer'] },
    newest
  )
  t.match(shown.body, {
    allow_redisplay: 'always',
    billing_details: { tax_id: '123' },
    customer: { object: 'customer' }
  })
  t.strictSame((await eventsOf(vault, paymentMethod)).at(-1)?.previous_attributes, {
    allow_redisplay: 'unspecified',
    billing_details: { tax_id: null }
  })
})

t.test('lets the holder of a card of two networks prefer one', async (t) => {
  const vault = await one()
  const { customer } = await newPair(vault)
  const made = await attach(vault, 'pm_card_visa_cartesBancaires', customer)
  const path = `/v1/payment_methods/${String(made.body.id)}`
  const prefer = async (preferred: string) =>
    (await vault.post(path, { card: { networks: { preferred } } }, newest)).body.card as Json
  const own = (await vault.get(path, {}, newest)).body.card as Json

  t.match(await prefer('visa'), { display_brand: 'visa', networks: { preferred: 'visa' } })
  t.match(await prefer('cartes_bancaires'), {
    display_brand: 'cartes_bancaires',
    networks: { available: part(own, 'networks.available'), preferred: 'cartes_bancaires' }
  })
  t.match(await prefer('mastercard'), {
    display_brand: own.brand as string,
    networks: { preferred: 'invalid_preference' }
  })
  t.strictSame(await prefer(''), own)
})

t.test('keeps an expiry that is over, and takes no new one that is', async (t) => {
  const vault = await one()
  const { paymentMethod } = await attachedPair(vault)
  await vault.db.pool.query(
    `update payment_vault.payment_methods set details = details || '{"exp_month": 1, "exp_year": 2020}'
     where id = $1`,
    [paymentMethod]
  )
  const path = `/v1/payment_methods/${paymentMethod}`
  t.match((await vault.post(path, { metadata: { a: '1' } })).body.card, { exp_month: 1, exp_year: 2020 })
  t.equal((await vault.post(path, { card: { exp_month: 2 } })).status, 402)
  t.match((await vault.post(path, { card: { exp_year: 2040 } })).body.card, { exp_month: 1, exp_year: 2040 })
})

t.test('detaches all that a deleted customer had', async (t) => {
  const vault = await one()
  const { paymentMethod, customer } = await attachedPair(vault)
  const { paymentMethod: second } = await newPair(vault)
  await attach(vault, second, customer)
  const bystander = await attachedPair(vault)

  const reply = await vault.del(`/v1/customers/${customer}`)
  t.equal(reply.text, JSON.stringify({ id: customer, object: 'customer', deleted: true }, null, 2))
  for (const id of [paymentMethod, second]) {
    t.equal((await vault.get(`/v1/payment_methods/${id}`)).body.customer, null)
    t.match((await eventsOf(vault, id)).at(-1), {
      type: 'payment_method.detached',
      previous_attributes: { customer },
      request_id: reply.headers.get('request-id')
    })
  }
  const kept = await vault.get(`/v1/payment_methods/${bystander.paymentMethod}`)
  t.equal(kept.body.customer, bystander.customer)
})

const key = (value: string) => ({ headers: { 'idempotency-key': value } })

const attach = (vault: TestVault, id: string, customer: string, more: object = {}) =>
  vault.post(`/v1/payment_methods/${id}/attach`, { customer, ...more })

async function attachedPair(vault: TestVault) {
  const made = await vault.post('/v1/payment_methods', { type: 'card', card: typedCard })
  const customer = String((await vault.post('/v1/customers')).body.id)
  const attached = (await attach(vault, String(made.body.id), customer)).body
  return { paymentMethod: String(made.body.id), customer, attached }
}

/** A refusal by state: a message, a type, and nothing else. */
function isRefusal(t: Test, reply: Reply, message: string): void {
  t.equal(reply.text, `${JSON.stringify({ error: { message, type: 'invalid_request_error' } }, null, 2)}\n`)
  t.equal(reply.status, 400)
}
