import t from 'tap'
import { noSuch, parameterMissing, parameterUnknown, part, refused } from '../../helpers/document/bodies'
import { eventsOf, everyRow } from '../../helpers/database/rows'
import { type Json, type Reply, startVault, type TestVault, typedCard } from '../../helpers/vault'

const shared = startVault(t)
const newest = { headers: { 'stripe-version': '2026-07-29.dahlia' } }
const defaultParam = 'invoice_settings[default_payment_method]'

const create = async (params: Json = {}): Promise<Reply> =>
  (await shared).post('/v1/customers', params, newest)
const retrieve = async (id: unknown): Promise<Reply> =>
  (await shared).get(`/v1/customers/${String(id)}`, {}, newest)
const update = async (id: unknown, params: Json): Promise<Reply> =>
  (await shared).post(`/v1/customers/${String(id)}`, params, newest)
const remove = async (id: unknown): Promise<Reply> => (await shared).del(`/v1/customers/${String(id)}`)

const newCustomer = async (params: Json = {}): Promise<string> => String((await create(params)).body.id)

async function newPaymentMethod(customer?: string): Promise<string> {
  const vault = await shared
  const { body } = await vault.post('/v1/payment_methods', { type: 'card', card: typedCard })
  const id = String(body.id)
  if (customer !== undefined) await vault.post(`/v1/payment_methods/${id}/attach`, { customer })
  return id
}

const defaultOf = (reply: Reply): unknown => part(reply.body, 'invoice_settings.default_payment_method')
const eventsNamed = async (vault: TestVault, id: string, type: string) =>
  (await eventsOf(vault, id)).filter((event) => event.type === type)

const fresh = {
  object: 'customer',
  address: null,
  balance: 0,
  currency: null,
  customer_account: null,
  default_source: null,
  delinquent: false,
  description: null,
  discount: null,
  email: null,
  invoice_settings: {
    custom_fields: null,
    default_payment_method: null,
    footer: null,
    rendering_options: null
  },
  livemode: false,
  metadata: {},
  name: null,
  next_invoice_sequence: 1,
  phone: null,
  preferred_locales: [],
  shipping: null,
  tax_exempt: 'none',
  test_clock: null
}

t.test('creates one of nothing', async (t) => {
  const { status, body } = await create()
  t.equal(status, 200)
  const { id, created, invoice_prefix, ...rest } = body
  t.match(id, /^cus_[0-9A-Za-z]{14}$/)
  t.match(invoice_prefix, /^[0-9A-Z]{8}$/)
  t.ok(Math.abs(Number(created) - Date.now() / 1000) < 5, 'created in unix seconds')
  t.same(rest, fresh)
  t.same((await retrieve(id)).body, body)
  const older = await (await shared).post('/v1/customers')
  t.notOk('customer_account' in older.body, 'an older version has no customer_account')
})

t.test('shows every documented parameter', async (t) => {
  const address = {
    city: 'Berlin',
    country: 'DE',
    line1: 'Linden 1',
    line2: 'c/o S',
    postal_code: '10117',
    state: 'BE'
  }
  const given = {
    address,
    balance: -250,
    business_name: 'Rosen & Co',
    description: 'A regular',
    email: 'jenny@example.com',
    individual_name: 'Jenny',
    invoice_prefix: 'ROSEN',
    invoice_settings: {
      custom_fields: [
        { name: 'PO', value: '42' },
        { name: 'Dept', value: 'R' }
      ],
      footer: 'Thanks',
      rendering_options: { amount_tax_display: 'exclude_tax', template: 'inrtem_1' }
    },
    metadata: { crm: '6735', batch: '7' },
    name: 'Jenny Rosen',
    next_invoice_sequence: 7,
    phone: '+4930123456',
    preferred_locales: ['de', 'en'],
    shipping: { address, name: 'Jenny Rosen', phone: '+49301' },
    tax_exempt: 'reverse'
  }
  const { status, body } = await create(given)
  t.equal(status, 200)
  const { id, created } = body as { id: string; created: number }
  t.same(body, {
    ...fresh,
    ...given,
    id,
    created,
    currency: 'usd',
    invoice_settings: { ...given.invoice_settings, default_payment_method: null }
  })
  t.same((await retrieve(id)).body, body)
})

t.test('a part of a hash shows with all its keys', async (t) => {
  const { body } = await create({
    address: { city: 'Berlin' },
    shipping: { address: { line1: 'A' }, name: 'J' },
    invoice_settings: { rendering_options: { amount_tax_display: 'include_inclusive_tax' } }
  })
  const rest = { country: null, line2: null, postal_code: null, state: null }
  t.same(body.address, { ...rest, city: 'Berlin', line1: null })
  t.same(body.shipping, { address: { ...rest, city: null, line1: 'A' }, name: 'J', phone: null })
  t.same(part(body, 'invoice_settings.rendering_options'), { amount_tax_display: 'include_inclusive_tax' })
})

t.test('creates with a payment method, which is attached', async (t) => {
  const vault = await shared
  const own = await newPaymentMethod()
  const customer = await newCustomer({ payment_method: own })
  const { body } = await vault.get(`/v1/payment_methods/${own}`)
  t.match(body, { customer, card: { checks: { cvc_check: 'pass' } } })
  t.equal((await eventsNamed(vault, own, 'payment_method.attached')).length, 1)
  t.equal(defaultOf(await retrieve(customer)), null, 'it is not the default')

  const another = await newPaymentMethod()
  const both = await create({
    payment_method: another,
    invoice_settings: { default_payment_method: another }
  })
  t.equal(defaultOf(both), another)
  t.equal(defaultOf(await retrieve(both.body.id)), another)
  const [event] = await eventsNamed(vault, String(both.body.id), 'customer.created')
  t.match(event?.object, { default_payment_method: another }, 'the event tells of it as it ended up')
})

t.test('creates with a shared payment method, which is made for it', async (t) => {
  const vault = await shared
  const id = 'pm_card_visa'
  const made = await create({ payment_method: id, invoice_settings: { default_payment_method: id } })
  t.equal(made.status, 200)
  const list = await vault.get(`/v1/customers/${String(made.body.id)}/payment_methods`)
  t.match(list.body.data, [{ id: /^pm_1/, customer: made.body.id as string, card: { last4: '4242' } }])
  t.equal(part(list.body, 'data.length'), 1)
  t.equal(defaultOf(made), part(list.body, 'data.0.id'))
})

t.test('makes no customer with a payment method that can’t be attached', async (t) => {
  const vault = await shared
  const declining = await vault.post('/v1/payment_methods', {
    type: 'card',
    card: { ...typedCard, number: '4000000000000002' }
  })
  const taken = await newPaymentMethod(await newCustomer())
  const detached = await newPaymentMethod(await newCustomer())
  await vault.post(`/v1/payment_methods/${detached}/detach`)
  const elsewhere = await newPaymentMethod()
  const before = await everyRow(vault)

  const declined = {
    type: 'card_error',
    advice_code: 'try_again_later',
    code: 'card_declined',
    decline_code: 'generic_decline',
    message: 'Your card was declined.',
    network_decline_code: '01',
    param: ''
  }
  refused(t, await create({ payment_method: declining.body.id as string }), 402, declined)
  refused(t, await create({ payment_method: 'pm_card_chargeDeclined' }), 402, declined)
  refused(t, await create({ payment_method: taken }), 400, {
    message: 'The payment method you provided has already been attached to a customer.'
  })
  refused(t, await create({ payment_method: detached }), 400, {
    message:
      'This PaymentMethod was previously used without being attached to a Customer or was detached from a Customer, and may not be used again.'
  })
  refused(
    t,
    await create({ payment_method: 'pm_none' }),
    400,
    noSuch('PaymentMethod', 'pm_none', 'payment_method')
  )
  const own = await newPaymentMethod()
  const afterOwn = await everyRow(vault)
  refused(
    t,
    await create({ payment_method: own, invoice_settings: { default_payment_method: elsewhere } }),
    400,
    notTheirs(elsewhere)
  )
  t.equal(await everyRow(vault), afterOwn, 'nor is the payment method attached')
  t.ok(before.length < afterOwn.length)
  t.equal(afterOwn.split('\n').length, before.split('\n').length + 1, 'all that was written is that one')
})

const notTheirs = (id: string) => ({
  code: 'resource_missing',
  message: `The customer does not have a payment method with the ID ${id}. The payment method must be attached to the customer.`,
  param: defaultParam
})

t.test('the default must be attached to that customer', async (t) => {
  const vault = await shared
  const customer = await newCustomer()
  const own = await newPaymentMethod(customer)
  const setDefault = (id: string) => update(customer, { invoice_settings: { default_payment_method: id } })

  t.equal(defaultOf(await setDefault(own)), own)
  const [event] = await eventsNamed(vault, customer, 'customer.updated')
  t.same(event?.previous_attributes, { invoice_settings: { default_payment_method: null } })

  const detached = await newPaymentMethod(customer)
  await vault.post(`/v1/payment_methods/${detached}/detach`)
  const wrong = {
    unattached: await newPaymentMethod(),
    'another customer’s': await newPaymentMethod(await newCustomer()),
    detached,
    shared: 'pm_card_visa'
  }
  for (const [which, id] of Object.entries(wrong)) {
    refused(t, await setDefault(id), 400, notTheirs(id), which)
    const onCreate = await create({ invoice_settings: { default_payment_method: id } })
    refused(t, onCreate, 400, notTheirs(id), `${which}, at once`)
  }
  refused(t, await setDefault('pm_none'), 400, noSuch('PaymentMethod', 'pm_none', defaultParam))
  t.equal(defaultOf(await retrieve(customer)), own, 'and it stays what it was')
  refused(
    t,
    await update('cus_none', { invoice_settings: { default_payment_method: 'pm_card_visa' } }),
    404,
    noSuch('customer', 'cus_none', 'id'),
    'a customer that is not there is told first'
  )

  await update(customer, { name: 'Jenny' })
  t.equal(defaultOf(await retrieve(customer)), own, 'other changes leave it')
  t.equal(defaultOf(await setDefault('')), null, 'an empty string unsets it')
  const unset = (await eventsNamed(vault, customer, 'customer.updated')).map(
    (event) => event.previous_attributes
  )
  t.match(unset, [{}, {}, { invoice_settings: { default_payment_method: own } }])
})

t.test('a detach clears the default, and tells so', async (t) => {
  const vault = await shared
  const own = await newPaymentMethod()
  const customer = await newCustomer({
    payment_method: own,
    invoice_settings: { default_payment_method: own }
  })
  await vault.post(`/v1/payment_methods/${own}/detach`)
  t.equal(defaultOf(await retrieve(customer)), null)
  const [event] = await eventsNamed(vault, customer, 'customer.updated')
  t.same(event?.previous_attributes, { invoice_settings: { default_payment_method: own } })
})

t.test('unknown ones are 404, and updates take no payment method', async (t) => {
  const missing = noSuch('customer', 'cus_none', 'id')
  refused(t, await retrieve('cus_none'), 404, missing)
  refused(t, await update('cus_none', { name: 'x' }), 404, missing)
  refused(t, await remove('cus_none'), 404, missing)
  const customer = await newCustomer()
  const own = await newPaymentMethod()
  refused(t, await update(customer, { payment_method: own }), 400, parameterUnknown('payment_method'))
})

t.test('an update changes what it names, leaf by leaf', async (t) => {
  const vault = await shared
  const customer = await newCustomer({
    address: { city: 'Berlin', line1: 'A 1' },
    description: 'old',
    email: 'old@example.com',
    invoice_settings: { footer: 'f', rendering_options: { template: 'inrtem_1' } },
    preferred_locales: ['de', 'en'],
    shipping: { address: { city: 'Berlin', line1: 'A 1' }, name: 'Jenny', phone: '1' }
  })
  const { body } = await update(customer, {
    address: { line1: 'B 2', postal_code: '10117' },
    email: 'new@example.com',
    invoice_settings: { rendering_options: { amount_tax_display: 'exclude_tax' } },
    preferred_locales: ['fr'],
    shipping: { address: { line1: 'B 2' }, name: 'Rosen' }
  })
  t.match(body, {
    address: { city: 'Berlin', line1: 'B 2', postal_code: '10117' },
    description: 'old',
    email: 'new@example.com',
    invoice_settings: {
      footer: 'f',
      rendering_options: { amount_tax_display: 'exclude_tax', template: 'inrtem_1' }
    },
    shipping: { address: { city: 'Berlin', line1: 'B 2' }, name: 'Rosen', phone: '1' }
  })
  t.same(body.preferred_locales, ['fr'])
  t.same((await retrieve(customer)).body, body)

  const [event, more] = await eventsNamed(vault, customer, 'customer.updated')
  t.notOk(more)
  t.same(event?.previous_attributes, {
    address: { line1: 'A 1', postal_code: null },
    email: 'old@example.com',
    invoice_settings: { rendering_options: { amount_tax_display: null } },
    preferred_locales: ['de', 'en'],
    shipping: { address: { line1: 'A 1' }, name: 'Jenny' }
  })
  t.match(event, { object: { id: customer, email: 'new@example.com' }, request_id: /^req_\w{14}$/ })

  t.same((await update(customer, { email: 'new@example.com' })).body, body)
  t.equal((await eventsNamed(vault, customer, 'customer.updated')).length, 1, 'no event tells of no change')
})

t.test('empty strings unset', async (t) => {
  const address = { city: 'Berlin', line1: 'A 1' }
  const customer = await newCustomer({
    address,
    business_name: 'b',
    description: 'd',
    email: 'e@example.com',
    individual_name: 'i',
    invoice_settings: {
      custom_fields: [{ name: 'n', value: 'v' }],
      footer: 'f',
      rendering_options: { amount_tax_display: 'exclude_tax' }
    },
    metadata: { a: '1' },
    name: 'n',
    phone: '1',
    shipping: { address, name: 's', phone: '1' },
    tax_exempt: 'exempt'
  })
  const leaves = await update(customer, {
    address: { city: '' },
    shipping: { address: { city: '' }, name: 's', phone: '' },
    invoice_settings: { rendering_options: { amount_tax_display: '' } }
  })
  t.match(leaves.body, {
    address: { city: null, line1: 'A 1' },
    shipping: { address: { city: null, line1: 'A 1' }, name: 's', phone: null },
    invoice_settings: { rendering_options: { amount_tax_display: null } }
  })
  const { status, body } = await update(customer, {
    address: '',
    business_name: '',
    description: '',
    email: '',
    individual_name: '',
    invoice_settings: { custom_fields: '', footer: '', rendering_options: '' },
    metadata: '',
    name: '',
    phone: '',
    shipping: '',
    tax_exempt: ''
  })
  t.equal(status, 200)
  const { id, created, invoice_prefix } = body as Record<string, string>
  t.same(body, { ...fresh, id, created, invoice_prefix }, 'and it is as fresh as one of nothing')

  const empties = await create({
    address: '',
    email: '',
    metadata: '',
    name: '',
    shipping: '',
    tax_exempt: ''
  })
  t.match(empties.body, { ...fresh, id: /^cus_/ }, 'a new one takes them as well')
})

t.test('a balance has a currency', async (t) => {
  const customer = await newCustomer({ balance: 0 })
  t.match((await retrieve(customer)).body, { balance: 0, currency: null })
  t.match((await update(customer, { balance: 500 })).body, { balance: 500, currency: 'usd' })
  t.match((await update(customer, { balance: 0 })).body, { balance: 0, currency: 'usd' }, 'and keeps it')
  t.match((await create({ balance: -1 })).body, { balance: -1, currency: 'usd' })
})

t.test('custom fields show name and value in the wire’s order, however they came', async (t) => {
  const vault = await shared
  const fields = 'invoice_settings[custom_fields][0][value]=v&invoice_settings[custom_fields][0][name]=n'
  const made = await vault.post('/v1/customers', fields)
  t.strictSame(part(made.body, 'invoice_settings.custom_fields'), [{ name: 'n', value: 'v' }])
  t.match(made.text, /"name": "n",\s+"value": "v"/)
  await vault.post(`/v1/customers/${String(made.body.id)}`, fields)
  t.same(
    await eventsNamed(vault, String(made.body.id), 'customer.updated'),
    [],
    'the same ones are no change'
  )
})

t.test('deletes one, with all that is theirs', async (t) => {
  const vault = await shared
  const own = await newPaymentMethod()
  const email = 'leaving@example.com'
  const customer = await newCustomer({
    email,
    name: 'Jenny',
    business_name: 'Rosen & Co',
    individual_name: 'Jenny Rosen',
    invoice_settings: {
      custom_fields: [{ name: 'n', value: 'Rosen' }],
      default_payment_method: own,
      footer: 'Rosen'
    },
    payment_method: own
  })
  const other = await newPaymentMethod(customer)
  const { name } = (await retrieve(customer)).body

  const answer = await remove(customer)
  t.equal(answer.status, 200)
  t.same(answer.body, { id: customer, object: 'customer', deleted: true })
  t.strictSame((await retrieve(customer)).text, answer.text, 'retrieved, it is the deleted object')
  const missing = noSuch('customer', customer, 'id')
  refused(t, await update(customer, { name: 'x' }), 404, missing, 'no update')
  refused(t, await remove(customer), 404, missing, 'no second delete')

  for (const path of ['/v1/customers', `/v1/customers?email=${email}`]) {
    const { body } = await vault.get(path)
    t.notMatch(body.data, [{ id: customer }], 'no list shows it')
  }
  refused(t, await vault.get(`/v1/customers/${customer}/payment_methods`), 404, missing)
  const byQuery = await vault.get('/v1/payment_methods', { customer })
  refused(t, byQuery, 400, noSuch('customer', customer, 'customer'))

  for (const id of [own, other]) {
    t.equal((await vault.get(`/v1/payment_methods/${id}`)).body.customer, null, 'it is nobody’s')
    const attach = await vault.post(`/v1/payment_methods/${id}/attach`, { customer: await newCustomer() })
    t.equal(attach.status, 400)
    t.match(attach.body.error, { message: /was detached from a Customer, and may not be used again/ })
    const [event] = await eventsNamed(vault, id, 'payment_method.detached')
    t.same(event?.previous_attributes, { customer })
  }
  const free = await newPaymentMethod()
  const attach = await vault.post(`/v1/payment_methods/${free}/attach`, { customer })
  refused(t, attach, 400, noSuch('customer', customer, 'customer'))

  const [event, more] = await eventsNamed(vault, customer, 'customer.deleted')
  t.notOk(more)
  t.equal(event?.previous_attributes, null)
  t.match(event?.object, { id: customer, email, deleted: false, default_payment_method: own })
  t.equal(part(event?.object, 'details.name'), name, 'the event has the customer as it was')

  const { rows } = await vault.db.pool.query<{ row: string }>(
    'select r::text as row from payment_vault.customers r where id = $1',
    [customer]
  )
  t.notMatch(rows[0]?.row, /jenny|rosen|leaving/i, 'what was noted of them is gone')
})

t.test('where an id still names a deleted one, it expands to the deleted object', async (t) => {
  const vault = await shared
  const customer = await newCustomer()
  const own = await newPaymentMethod(customer)
  await remove(customer)
  await vault.db.pool.query(
    "update payment_vault.payment_methods set state = 'attached', customer_id = $2 where id = $1",
    [own, customer]
  )
  const expand = ['customer', 'customer.invoice_settings.default_payment_method', 'customer.tax']
  const { body } = await vault.get(`/v1/payment_methods/${own}`, { expand })
  t.same(body.customer, { id: customer, object: 'customer', deleted: true })
})

t.test('metadata is merged, unset key by key and as a whole', async (t) => {
  const customer = await newCustomer({ metadata: { b: '1', a: '2', empty: '' } })
  const metadataAfter = async (metadata: unknown) =>
    (await update(customer, { metadata })).body.metadata as Json
  t.strictSame((await retrieve(customer)).body.metadata, { a: '2', b: '1' }, 'an empty value is none')
  t.strictSame(await metadataAfter({ c: '3', a: 'new' }), { a: 'new', b: '1', c: '3' })
  t.strictSame(await metadataAfter({ b: '', never: '' }), { a: 'new', c: '3' })
  t.strictSame(await metadataAfter({}), { a: 'new', c: '3' })
  t.same(await metadataAfter(''), {})
  const odd = { constructor: '1', hasOwnProperty: '2', 0: '3', 'a b': '4', é: '5' }
  t.same(await metadataAfter(odd), odd, 'any name will do')
})

t.test('a metadata key may be __proto__', async (t) => {
  const vault = await shared
  const customer = await newCustomer()
  const own = await vault.post(`/v1/customers/${customer}`, 'metadata[__proto__]=x')
  t.match(own.text, /"metadata": \{\s+"__proto__": "x"\s+\}/)
  t.match((await retrieve(customer)).text, /"__proto__": "x"/, 'and is kept')
  const [event] = await eventsNamed(vault, customer, 'customer.updated')
  t.equal(JSON.stringify(event?.previous_attributes), '{"metadata":{"__proto__":null}}')
  const gone = await vault.post(`/v1/customers/${customer}`, 'metadata[__proto__]=')
  t.same(gone.body.metadata, {})
})

t.test('metadata has bounds', async (t) => {
  const keys = (count: number, prefix = 'k') =>
    Object.fromEntries(Array.from({ length: count }, (_, i) => [`${prefix}${i}`, 'v']))
  const tooMany = (count: number) => ({
    message: `Metadata can have up to 50 keys, but you passed in ${count} keys.`,
    param: 'metadata'
  })
  const customer = await newCustomer({ metadata: keys(50) })
  refused(t, await create({ metadata: keys(51) }), 400, tooMany(51))
  refused(t, await update(customer, { metadata: keys(51) }), 400, tooMany(51))
  t.equal((await update(customer, { metadata: keys(50) })).status, 200)
  t.equal((await update(customer, { metadata: { k0: '', more: 'v' } })).status, 200, 'one for another')
  const over = await update(customer, { metadata: { extra: 'v' } })
  refused(t, over, 400, {
    message: 'Metadata can have up to 50 keys, but there would be 51 keys.',
    param: 'metadata'
  })
  t.equal(Object.keys((await retrieve(customer)).body.metadata as Json).length, 50)

  const face = '\u{1F600}'
  t.equal((await create({ metadata: { ['k'.repeat(40)]: face.repeat(500) } })).status, 200)
  t.equal((await create({ metadata: { [face.repeat(40)]: 'v'.repeat(500) } })).status, 200)
  refused(t, await create({ metadata: { ['k'.repeat(41)]: 'v' } }), 400, {
    message: `Metadata keys can have up to 40 characters, but you passed in a key that is 41 characters. Invalid key: ${'k'.repeat(41)}`,
    param: 'metadata'
  })
  refused(t, await create({ metadata: { long: 'v'.repeat(501) } }), 400, {
    message: `Metadata values can have up to 500 characters, but you passed in a value that is 501 characters. Invalid value: ${'v'.repeat(501)}`,
    param: 'metadata[long]'
  })
})

t.test('metadata values are strings', async (t) => {
  const vault = await shared
  const nested = await vault.post('/v1/customers', { metadata: { a: { b: 'x' } } })
  refused(t, nested, 400, { message: 'Invalid string: {"b":"x"}', param: 'metadata[a]' })
  refused(t, await create({ metadata: 'x' }), 400, { message: 'Invalid object', param: 'metadata' })
  const json = { headers: { 'content-type': 'application/json' } }
  for (const value of [1, true]) {
    const reply = await vault.post('/v1/customers', JSON.stringify({ metadata: { a: value } }), json)
    refused(t, reply, 400, { message: `Invalid string: ${String(value)}`, param: 'metadata[a]' })
  }
})

t.test('values must fit', async (t) => {
  const rows: [params: Json, error: Parameters<typeof refused>[3]][] = [
    [
      { phone: '1'.repeat(11) + 'x'.repeat(10) },
      {
        message: `Invalid string length: ${'1'.repeat(11)}xxxxxxxxxx must be at most 20 characters`,
        param: 'phone'
      }
    ],
    [
      { email: 'e'.repeat(513) },
      { message: 'Invalid string: eeee...eeee; must be at most 512 characters', param: 'email' }
    ],
    [
      { name: 'n'.repeat(257) },
      { message: 'Invalid string: nnnn...nnnn; must be at most 256 characters', param: 'name' }
    ],
    [
      { description: 'd'.repeat(5001) },
      { message: 'Invalid string: dddd...dddd; must be at most 5000 characters', param: 'description' }
    ],
    [
      { tax_exempt: 'maybe' },
      { message: 'Invalid tax_exempt: must be one of none, reverse, or exempt', param: 'tax_exempt' }
    ],
    [
      { balance: '1.5' },
      { code: 'parameter_invalid_integer', message: 'Invalid integer: 1.5', param: 'balance' }
    ],
    [{ shipping: { name: 'n' } }, parameterMissing('shipping[address]')],
    [{ shipping: { address: { city: 'B' } } }, parameterMissing('shipping[name]')],
    [
      { invoice_settings: { custom_fields: [{ name: 'n' }] } },
      parameterMissing('invoice_settings[custom_fields][0][value]')
    ],
    [{ invoice_settings: { bogus: 'x' } }, parameterUnknown('invoice_settings[bogus]')],
    [{ emial: 'x' }, parameterUnknown('emial', '. Did you mean email?')]
  ]
  const customer = await newCustomer()
  for (const [params, error] of rows) {
    refused(t, await create(params), 400, error)
    refused(t, await update(customer, params), 400, error, `updated: ${error.message}`)
  }
})

t.test('refuses what nothing stands behind, by name', async (t) => {
  const both = {
    cash_balance: { settings: { reconciliation_mode: 'automatic' } },
    coupon: 'x',
    promotion_code: 'x',
    source: 'tok_visa',
    tax: { ip_address: '127.0.0.1' },
    validate: 'true'
  }
  const once = { tax_id_data: [{ type: 'eu_vat', value: 'DE1' }], test_clock: 'clock_1' }
  const legacy = {
    bank_account: 'btok_1',
    card: { number: '4242424242424242', exp_month: 1, exp_year: 2033 },
    default_alipay_account: 'x',
    default_bank_account: 'x',
    default_card: 'x',
    default_source: 'x'
  }
  const unsupported = (param: string) => ({
    message: `This vault does not support the parameter '${param}'.`,
    param
  })
  const customer = await newCustomer()
  for (const [name, value] of Object.entries({ ...both, ...once })) {
    refused(t, await create({ [name]: value }), 400, unsupported(name))
  }
  for (const [name, value] of Object.entries({ ...both, ...legacy })) {
    refused(t, await update(customer, { [name]: value }), 400, unsupported(name))
  }
  for (const name of Object.keys(once)) {
    refused(t, await update(customer, { [name]: 'x' }), 400, parameterUnknown(name))
  }
  for (const name of Object.keys(legacy)) {
    refused(t, await create({ [name]: 'x' }), 400, parameterUnknown(name))
  }
})
