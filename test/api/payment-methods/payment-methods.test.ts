import t from 'tap'
import { type CardProcessor, testProcessor } from '../../../src/index'
import { bankAccountTypes, paymentMethodTypes } from '../../../src/resources/payment-methods/types/index'
import { documentedCalls, filledIn } from '../../helpers/document/documented-parameters'
import { publishedCards } from '../../helpers/cards/published-cards'
import { noSuch, parameterMissing, parameterUnknown, part, refused } from '../../helpers/document/bodies'
import { eventsOf, everyRow } from '../../helpers/database/rows'
import {
  fingerprintKey,
  type Json,
  type Reply,
  startVault,
  type TestVault,
  typedCard
} from '../../helpers/vault'

t.setTimeout(300_000)

const shared = startVault(t)
const newest = { headers: { 'stripe-version': '2026-07-29.dahlia' } }

/** Creates one from a typed card, in the newest version. */
const create = async (params: Json = {}): Promise<Reply> =>
  (await shared).post('/v1/payment_methods', { type: 'card', card: typedCard, ...params }, newest)

/** A payment method that is attached to a customer of its own. */
async function attached(vault: TestVault, card: Json = typedCard): Promise<Json> {
  const made = await vault.post('/v1/payment_methods', { type: 'card', card })
  const customer = await vault.post('/v1/customers')
  const path = `/v1/payment_methods/${String(made.body.id)}/attach`
  return (await vault.post(path, { customer: customer.body.id as string }, newest)).body
}

t.test('creates one from a typed card', async (t) => {
  const { status, body } = await create()
  t.equal(status, 200)
  t.match(body.id, /^pm_1[0-9A-Za-z]{23}$/)
  t.ok(Math.abs(Number(body.created) - Date.now() / 1000) < 5, 'created in unix seconds')
  t.match(part(body, 'card.fingerprint'), /^[0-9A-Za-z]{16}$/)
  t.same(body, {
    id: body.id as string,
    object: 'payment_method',
    allow_redisplay: 'unspecified',
    billing_details: {
      address: { city: null, country: null, line1: null, line2: null, postal_code: null, state: null },
      email: null,
      name: null,
      phone: null,
      tax_id: null
    },
    card: {
      brand: 'visa',
      checks: { address_line1_check: null, address_postal_code_check: null, cvc_check: 'unchecked' },
      country: 'US',
      display_brand: 'visa',
      exp_month: 8,
      exp_year: 2033,
      fingerprint: part(body, 'card.fingerprint'),
      funding: 'credit',
      generated_from: null,
      last4: '4242',
      networks: { available: ['visa'], preferred: null },
      regulated_status: 'unregulated',
      three_d_secure_usage: { supported: true },
      wallet: null
    },
    created: body.created as number,
    customer: null,
    customer_account: null,
    livemode: false,
    metadata: {},
    shared_payment_granted_token: null,
    type: 'card'
  })
})

t.test('the same number has the same fingerprint, another number another', async (t) => {
  const fingerprints = await Promise.all(
    ['4242424242424242', '4242 4242 4242 4242', '5555555555554444'].map(async (number) =>
      part((await create({ card: { ...typedCard, number } })).body, 'card.fingerprint')
    )
  )
  t.equal(fingerprints[0], fingerprints[1])
  t.not(fingerprints[0], fingerprints[2])
})

t.test('creates one from each published token', async (t) => {
  const tokens = publishedCards.filter((card) => card.token !== undefined)
  t.ok(tokens.length > 30)
  const ahead = new Date().getUTCFullYear() + 1
  for (const { token = '', number, brand, displayBrand, country, funding } of tokens) {
    const { status, body } = await create({ card: { token } })
    t.match(
      { status, ...body },
      {
        status: 200,
        customer: null,
        card: {
          brand,
          country,
          display_brand: displayBrand,
          exp_year: ahead,
          funding,
          last4: number.slice(-4),
          checks: { cvc_check: 'unchecked' }
        }
      },
      token
    )
  }
})

t.test('refuses a token that is none, and card details beside a token', async (t) => {
  for (const token of ['pm_card_visa', 'tok_none']) {
    refused(t, await create({ card: { token } }), 400, {
      message: `Invalid token id: ${token}`,
      param: 'token'
    })
  }
  const number = await create({ card: { token: '4242424242424242' } })
  refused(t, number, 400, { message: 'Invalid token id: ************4242', param: 'token' })
  for (const name of ['number', 'exp_month', 'exp_year', 'cvc'] as const) {
    refused(t, await create({ card: { token: 'tok_visa', [name]: typedCard[name] } }), 400, {
      message: `You may only specify one of these parameters: token, ${name}.`,
      param: `card[${name}]`
    })
  }
  const cobranded = await create({ card: { token: 'tok_visa', networks: { preferred: 'visa' } } })
  t.match(
    cobranded.body,
    { card: { networks: { preferred: 'visa' } } },
    'a preferred network may stand there'
  )
})

t.test('shows every documented parameter', async (t) => {
  const address = {
    city: 'Berlin',
    country: 'DE',
    line1: 'Unter den Linden 1',
    line2: 'c/o Smith',
    postal_code: '10117',
    state: 'BE'
  }
  const billing_details = {
    address,
    email: 'jenny@example.com',
    name: 'Jenny Rosen',
    phone: '+4930123456',
    tax_id: 'DE123456789'
  }
  const { body } = await create({
    allow_redisplay: 'limited',
    billing_details,
    card: { ...typedCard, exp_year: 33, networks: { preferred: 'visa' } },
    metadata: { order: '6735', batch: '7' }
  })
  t.match(body, { allow_redisplay: 'limited', billing_details, metadata: { batch: '7', order: '6735' } })
  t.match(body.card, {
    checks: { address_line1_check: 'unchecked', address_postal_code_check: 'unchecked' },
    exp_year: 2033,
    networks: { preferred: 'visa' }
  })
  t.same((await (await shared).get(`/v1/payment_methods/${String(body.id)}`, {}, newest)).body, body)

  const unset = await create({ billing_details: { address: '', email: '', name: '', phone: '' } })
  t.same(unset.body.billing_details, (await create()).body.billing_details, 'empty strings leave them unset')
})

t.test('keeps a preferred network that the card has, and notes one that it has not', async (t) => {
  const both = { ...typedCard, number: '4000002500001001' }
  const preferring = (preferred: string) => create({ card: { ...both, networks: { preferred } } })
  t.match((await preferring('cartes_bancaires')).body.card, {
    display_brand: 'cartes_bancaires',
    networks: { preferred: 'cartes_bancaires' }
  })
  t.match((await preferring('mastercard')).body.card, {
    display_brand: 'visa',
    networks: { preferred: 'invalid_preference' }
  })
})

t.test('refuses what is missing, one after the other', async (t) => {
  const vault = await shared
  const post = (params: object) => vault.post('/v1/payment_methods', params)
  const { number, exp_month, exp_year } = typedCard
  refused(t, await post({}), 400, parameterMissing('type'))
  refused(t, await post({ card: typedCard }), 400, parameterMissing('type'))
  refused(t, await post({ type: 'card' }), 400, parameterMissing('card'))
  refused(t, await post({ type: 'card', card: { exp_month } }), 400, parameterMissing('card[number]'))
  refused(t, await post({ type: 'card', card: { number } }), 400, parameterMissing('card[exp_month]'))
  refused(
    t,
    await post({ type: 'card', card: { number, exp_month } }),
    400,
    parameterMissing('card[exp_year]')
  )
  t.equal((await post({ type: 'card', card: { number, exp_month, exp_year } })).status, 200, 'no CVC is fine')
})

t.test('refuses what it can’t honour, by name', async (t) => {
  const cloning = 'This vault does not clone payment methods to connected accounts.'
  const attaching =
    'You cannot attach a PaymentMethod to a Customer during PaymentMethod creation. Please instead create the PaymentMethod and then attach it using the attachment method of the PaymentMethods API.'
  refused(t, await create({ customer: 'cus_none' }), 400, { message: attaching })
  for (const params of [{ payment_method: 'pm_none' }, { payment_method: 'pm_none', customer: 'cus_none' }]) {
    refused(t, await create(params), 400, { message: cloning, param: 'payment_method' })
  }
  for (const [name, value] of Object.entries({ radar_options: { session: 'rse_1' }, klarna: { x: '1' } })) {
    refused(t, await create({ [name]: value }), 400, {
      message: `This vault does not support the parameter '${name}'.`,
      param: name
    })
  }
})

t.test('knows all types, and says which it does not save', async (t) => {
  const saved: readonly string[] = ['card', ...bankAccountTypes]
  const others = paymentMethodTypes.filter((type) => !saved.includes(type))
  t.equal(others.length, 48)
  for (const type of others) {
    const message = `This vault does not save payment methods of the type '${type}'.`
    refused(t, await create({ type, [type]: { x: '1' } }), 400, { message, param: 'type' })
  }
  const message = `Invalid type: must be one of ${paymentMethodTypes.slice(0, -1).join(', ')}, or zip`
  refused(t, await create({ type: 'cheque' }), 400, { message, param: 'type' })
})

t.test('refuses names and values that don’t fit', async (t) => {
  refused(t, await create({ bogus: 'x' }), 400, parameterUnknown('bogus'))
  refused(
    t,
    await create({ card: { ...typedCard, numbr: 'x' } }),
    400,
    parameterUnknown('card[numbr]', '. Did you mean card[number]?')
  )
  refused(t, await create({ card: { ...typedCard, exp_year: 'xyz' } }), 400, {
    code: 'parameter_invalid_integer',
    message: 'Invalid integer: xyz',
    param: 'card[exp_year]'
  })
  refused(t, await create({ allow_redisplay: 'never' }), 400, {
    message: 'Invalid allow_redisplay: must be one of always, limited, or unspecified',
    param: 'allow_redisplay'
  })
  refused(t, await create({ metadata: '' }), 400, {
    code: 'parameter_invalid_empty',
    message:
      "You passed an empty string for 'metadata'. We assume empty values are an attempt to unset a parameter; however 'metadata' cannot be unset. You should remove 'metadata' from your request or supply a non-empty value.",
    param: 'metadata'
  })
})

t.test('answers 402 to cards that can’t be', async (t) => {
  const vault = await shared
  const before = await everyRow(vault)
  const thisYear = new Date().getUTCFullYear()
  const rows: [card: Json, code: string, param: string, message: string][] = [
    [{ number: '4242424242424241' }, 'incorrect_number', 'number', 'Your card number is incorrect.'],
    [{ number: '42424242' }, 'incorrect_number', 'number', 'Your card number is incorrect.'],
    [{ number: 'not a number' }, 'incorrect_number', 'number', 'Your card number is incorrect.'],
    [{ exp_month: 13 }, 'invalid_expiry_month', 'exp_month', "Your card's expiration month is invalid."],
    [{ exp_month: 0 }, 'invalid_expiry_month', 'exp_month', "Your card's expiration month is invalid."],
    [
      { exp_year: thisYear - 1 },
      'invalid_expiry_year',
      'exp_year',
      "Your card's expiration year is invalid."
    ],
    [
      { exp_year: thisYear + 51 },
      'invalid_expiry_year',
      'exp_year',
      "Your card's expiration year is invalid."
    ],
    [{ exp_year: 1 }, 'invalid_expiry_year', 'exp_year', "Your card's expiration year is invalid."],
    [{ cvc: '12' }, 'invalid_cvc', 'cvc', "Your card's security code is invalid."],
    [{ cvc: '1234' }, 'invalid_cvc', 'cvc', "Your card's security code is invalid."]
  ]
  for (const [card, code, param, message] of rows) {
    const reply = await create({ card: { ...typedCard, ...card } })
    refused(t, reply, 402, { type: 'card_error', code, message, param }, JSON.stringify(card))
  }
  const real = await create({ card: { ...typedCard, number: '4111111111111111' } })
  t.match(
    { status: real.status, ...real.body },
    { status: 402, error: { code: 'card_declined', decline_code: 'test_mode_live_card', type: 'card_error' } }
  )
  const live = await vault.post(
    '/v1/payment_methods',
    { type: 'card', card: typedCard },
    { key: vault.keys.live }
  )
  t.match({ status: live.status, ...live.body }, { status: 402, error: { type: 'card_error', param: '' } })
  t.equal(await everyRow(vault), before, 'and nothing was written')
})

t.test('a publishable key creates, sees less, and may call nothing else', async (t) => {
  const vault = await shared
  const key = vault.keys.publishable
  const metadata = { note: 'for the merchant' }
  const made = await vault.post(
    '/v1/payment_methods',
    { type: 'card', card: typedCard, metadata },
    { ...newest, key }
  )
  t.equal(made.status, 200)
  const whole = await vault.get(`/v1/payment_methods/${String(made.body.id)}`, {}, newest)
  t.same(whole.body.metadata, metadata, 'what it noted is kept')
  t.match(part(whole.body, 'card.fingerprint'), /^\w{16}$/)
  delete whole.body.metadata
  delete (whole.body.card as Json).fingerprint
  t.same(made.body, whole.body)

  const ids = { payment_method: String(made.body.id), customer: 'cus_none' }
  // With the client secret of an intent, they may do that too.
  const theirs = [
    'POST /v1/payment_methods',
    'GET /v1/payment_intents/{intent}',
    'POST /v1/payment_intents/{intent}/confirm',
    'GET /v1/setup_intents/{intent}',
    'POST /v1/setup_intents/{intent}/confirm',
    'POST /v1/tokens',
    'GET /v1/tokens/{token}'
  ]
  for (const { method, path } of documentedCalls) {
    if (theirs.includes(`${method} ${path}`)) continue
    const reply = await vault.ask(method, filledIn(path, ids), { key })
    refused(
      t,
      reply,
      401,
      {
        code: 'secret_key_required',
        message:
          'This API call cannot be made with a publishable API key. Please use a secret API key. You can find a list of your API keys at https://dashboard.stripe.com/account/apikeys.'
      },
      `${method} ${path}`
    )
  }
})

t.test('retrieves one, whatever its state, and none that is not there', async (t) => {
  const vault = await shared
  const get = (id: string) => vault.get(`/v1/payment_methods/${id}`, {}, newest)
  const { body } = await create()
  t.same((await get(String(body.id))).body, body, 'unattached')

  const own = await attached(vault)
  t.same((await get(String(own.id))).body, own, 'attached')
  const gone = await vault.post(`/v1/payment_methods/${String(own.id)}/detach`, {}, newest)
  t.same((await get(String(own.id))).body, { ...own, customer: null }, 'detached')
  t.same(gone.body, { ...own, customer: null })

  refused(t, await get('pm_none'), 404, noSuch('PaymentMethod', 'pm_none', 'payment_method'))
  const customer = String(own.customer)
  refused(t, await get(customer), 404, noSuch('PaymentMethod', customer, 'payment_method'))
})

t.test('a shared id makes a new one each time', async (t) => {
  const vault = await shared
  const first = await vault.get('/v1/payment_methods/pm_card_mastercard')
  const second = await vault.get('/v1/payment_methods/pm_card_mastercard')
  t.match(first.body, {
    card: { last4: '4444', checks: { cvc_check: 'unchecked' } },
    customer: null,
    id: /^pm_1/
  })
  t.not(first.body.id, second.body.id)
  t.same((await vault.get(`/v1/payment_methods/${String(first.body.id)}`)).body, first.body, 'which stays')
})

t.test('updates every documented parameter, leaf by leaf', async (t) => {
  const vault = await shared
  const { body } = await create({
    billing_details: { address: { city: 'Berlin', line1: 'A 1' }, email: 'old@example.com', phone: '1' },
    metadata: { kept: 'k', changed: 'old', gone: 'x' }
  })
  const id = String(body.id)
  const customer = String((await vault.post('/v1/customers')).body.id)
  await vault.post(`/v1/payment_methods/${id}/attach`, { customer })
  const update = (params: Json) => vault.post(`/v1/payment_methods/${id}`, params, newest)

  const updated = await update({
    allow_redisplay: 'always',
    billing_details: {
      address: { city: '', postal_code: '10117' },
      email: 'new@example.com',
      phone: '',
      tax_id: 'DE1'
    },
    card: { exp_month: 3, exp_year: 41, networks: { preferred: 'visa' } },
    metadata: { changed: 'new', gone: '', added: 'a' }
  })
  t.equal(updated.status, 200)
  t.match(updated.body, {
    id,
    allow_redisplay: 'always',
    billing_details: {
      address: { city: null, line1: 'A 1', postal_code: '10117' },
      email: 'new@example.com',
      name: null,
      phone: null,
      tax_id: 'DE1'
    },
    card: { exp_month: 3, exp_year: 2041, networks: { preferred: 'visa' }, checks: { cvc_check: 'pass' } },
    created: body.created as number,
    customer
  })
  t.same(updated.body.metadata, { added: 'a', changed: 'new', kept: 'k' })
  t.same((await vault.get(`/v1/payment_methods/${id}`, {}, newest)).body, updated.body)

  const events = (await eventsOf(vault, id)).filter((event) => event.type === 'payment_method.updated')
  t.equal(events.length, 1)
  t.same(events[0]?.previous_attributes, {
    allow_redisplay: 'unspecified',
    billing_details: {
      address: { city: 'Berlin', postal_code: null },
      email: 'old@example.com',
      phone: '1',
      tax_id: null
    },
    card: { exp_month: 8, exp_year: 2033, networks: { preferred: null } },
    metadata: { added: null, changed: 'old', gone: 'x' }
  })

  const cleared = await update({
    billing_details: { address: '', email: '', name: '', phone: '', tax_id: '' },
    card: { networks: { preferred: '' } },
    metadata: ''
  })
  t.same(cleared.body.billing_details, (await create()).body.billing_details)
  t.match(cleared.body, { allow_redisplay: 'always', card: { networks: { preferred: null } }, metadata: {} })

  const same = await update({ allow_redisplay: 'always', card: { exp_year: 2041 }, metadata: { x: '' } })
  t.same(same.body, cleared.body)
  t.equal(
    (await eventsOf(vault, id)).filter((event) => event.type === 'payment_method.updated').length,
    2,
    'no event tells of no change'
  )
})

t.test('a changed preference goes by the same rule as a first one', async (t) => {
  const vault = await shared
  const { id } = await attached(vault, { ...typedCard, number: '4000002500001001' })
  const preferring = async (preferred: string) => {
    const { body } = await vault.post(
      `/v1/payment_methods/${String(id)}`,
      { card: { networks: { preferred } } },
      newest
    )
    return [part(body, 'card.networks.preferred'), part(body, 'card.display_brand')]
  }
  t.same(await preferring('visa'), ['visa', 'visa'])
  t.same(await preferring('mastercard'), ['invalid_preference', 'visa'])
  t.same(await preferring('cartes_bancaires'), ['cartes_bancaires', 'cartes_bancaires'])
  t.same(await preferring(''), [null, 'visa'])
})

t.test('refuses updates', async (t) => {
  const vault = await shared
  const own = await attached(vault)
  const update = (id: unknown, params: Json) => vault.post(`/v1/payment_methods/${String(id)}`, params)
  const unsaved = 'You must save this PaymentMethod to a customer before you can update it.'

  refused(t, await update('pm_none', {}), 404, noSuch('PaymentMethod', 'pm_none', 'payment_method'))
  refused(t, await update((await create()).body.id, { metadata: { x: '1' } }), 400, { message: unsaved })
  refused(t, await update('pm_card_visa', { metadata: { x: '1' } }), 400, { message: unsaved })
  for (const name of ['link', 'payto']) {
    const message = `This vault does not support the parameter '${name}'.`
    refused(t, await update(own.id, { [name]: { x: '1' } }), 400, { message, param: name })
  }
  refused(t, await update(own.id, { card: { number: '4242424242424242' } }), 400, {
    ...parameterUnknown('card[number]')
  })
  refused(t, await update(own.id, { customer: 'cus_none' }), 400, parameterUnknown('customer'))
  refused(t, await update(own.id, { card: { exp_month: 13 } }), 402, {
    type: 'card_error',
    code: 'invalid_expiry_month',
    message: "Your card's expiration month is invalid.",
    param: 'exp_month'
  })
  refused(t, await update(own.id, { card: { exp_year: 2020 } }), 402, {
    type: 'card_error',
    code: 'invalid_expiry_year',
    message: "Your card's expiration year is invalid.",
    param: 'exp_year'
  })
  await vault.post(`/v1/payment_methods/${String(own.id)}/detach`)
  refused(t, await update(own.id, { metadata: { x: '1' } }), 400, { message: unsaved }, 'a detached one')
})

t.test('a card that has expired meanwhile can be updated otherwise', async (t) => {
  const vault = await shared
  const { id } = await attached(vault)
  await vault.db.pool.query(
    `update payment_vault.payment_methods set details = details || '{"exp_year": 2020}' where id = $1`,
    [id]
  )
  const { body } = await vault.post(`/v1/payment_methods/${String(id)}`, { metadata: { seen: 'yes' } })
  t.match(body, { card: { exp_month: 8, exp_year: 2020 }, metadata: { seen: 'yes' } })
})

t.test('no documented parameter is unknown, and each is taken or refused by its name', async (t) => {
  const vault = await startVault(t)
  const endpoint = await vault.post('/v1/webhook_endpoints', {
    url: 'https://example.com',
    enabled_events: ['*']
  })
  const intent = { amount: 2000, currency: 'usd', payment_method: 'pm_card_visa', confirm: true }
  const paid = (await vault.post('/v1/payment_intents', intent)).body
  const refund = (await vault.post('/v1/refunds', { payment_intent: paid.id as string, amount: 1 })).body
  const setUp = (await vault.post('/v1/setup_intents')).body
  for (const { method, path, parameters } of documentedCalls) {
    let ids = await attached(vault)
    for (const parameter of [...parameters, 'bogus=x']) {
      if (path.endsWith('/detach')) ids = await attached(vault)
      const has = {
        customer: String(ids.customer),
        charge: String(paid.latest_charge),
        setupIntent: String(setUp.id)
      }
      const enough = needed[`${method} ${path}`]?.(has) ?? ''
      const inPath = {
        payment_method: String(ids.id),
        customer: String(ids.customer),
        webhook_endpoint: String(endpoint.body.id),
        charge: String(paid.latest_charge),
        refund: String(refund.id),
        ...(path.includes('_intents/') && { intent: await newIntent(vault, path) })
      }
      const reply = await vault.ask(method, filledIn(path, inPath), { params: `${enough}${parameter}` })

      const name = parameter.split('=', 1)[0] ?? ''
      const about = `${method} ${path} ${name}`
      if (name === 'bogus') {
        refused(t, reply, 400, parameterUnknown('bogus'), about)
        continue
      }
      const error = (reply.body.error ?? {}) as Json
      t.not(error.code, 'parameter_unknown', about)
      const blamed = outermost(String(error.param ?? name))
      t.ok(reply.status === 200 || blamed === outermost(name), `${about}: ${String(error.message)}`)
    }
  }
})

/** What some calls can't do without. Of a name given twice the last value counts. */
const needed: Record<string, (has: { customer: string; charge: string; setupIntent: string }) => string> = {
  'GET /v1/customers/search': () => "query=name:'Jenny'&",
  'GET /v1/setup_attempts': ({ setupIntent }) => `setup_intent=${setupIntent}&`,
  'POST /v1/payment_methods': () =>
    'type=card&card[exp_month]=8&card[exp_year]=2033&card[number]=4242424242424242&',
  'POST /v1/payment_methods/{payment_method}/attach': ({ customer }) => `customer=${customer}&`,
  'POST /v1/payment_intents': () => 'amount=2000&currency=usd&',
  'POST /v1/tokens': () => 'card[exp_month]=8&card[exp_year]=2033&card[number]=4242424242424242&',
  'POST /v1/refunds': ({ charge }) => `charge=${charge}&amount=1&`,
  'POST /v1/webhook_endpoints': () => 'url=https://example.com&enabled_events[]=*&'
}

/** One in the state that the call is for; with a charge, an intent is confirmed at once. */
async function newIntent(vault: TestVault, path: string): Promise<string> {
  if (path.startsWith('/v1/setup_')) {
    const made = await vault.post('/v1/setup_intents', { payment_method: 'pm_card_visa' })
    return String(made.body.id)
  }
  const reserved = { capture_method: 'manual', payment_method: 'pm_card_visa', confirm: true }
  const { body } = await vault.post('/v1/payment_intents', {
    amount: 2000,
    currency: 'usd',
    ...(path.endsWith('/capture') ? reserved : { payment_method: 'pm_card_visa' })
  })
  return String(body.id)
}

const outermost = (name: string): string => name.split('[', 1)[0] ?? ''

t.test('stores of what a host’s processor gives only what it has a name for', async (t) => {
  const inner = testProcessor({ fingerprintKey })
  const number = '4242424242424242'
  const processor: CardProcessor = {
    tokenize: async (card, context) => {
      const tokenized = await inner.tokenize(card, context)
      const checks = { ...tokenized.checks, number }
      return { ...tokenized, checks, number, networks: { ...tokenized.networks, number }, verify: true }
    },
    verify: async () => ({
      address_line1_check: null,
      address_postal_code_check: null,
      cvc_check: 'fail',
      number
    })
  }
  const vault = await startVault(t, { processor })
  const { body } = await vault.post('/v1/payment_methods', { type: 'card', card: { ...typedCard, number } })
  const customer = await vault.post('/v1/customers')
  const path = `/v1/payment_methods/${String(body.id)}/attach`
  const reply = await vault.post(path, { customer: customer.body.id as string })
  t.equal(part(reply.body, 'card.checks.cvc_check'), 'fail', 'what verify found out is shown')
  t.notMatch(await everyRow(vault), number)
})
