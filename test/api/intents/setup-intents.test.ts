import t from 'tap'
import { createKey } from '../../../src/resources/accounts/keys'
import { insertAccount } from '../../../src/resources/accounts/store'
import { CardRefused } from '../../../src/index'
import { testProcessor } from '../../../src/processor/test/processor'
import { newId } from '../../../src/protocol/values/ids'
import { startBeside } from '../../helpers/server/beside'
import { noSuch, parameterMissing } from '../../helpers/document/bodies'
import { newCard, newCustomer } from '../../helpers/cards/payments'
import { publishedCards, refusalsAtAttach } from '../../helpers/cards/published-cards'
import { eventsOf, everyRow, setState } from '../../helpers/database/rows'
import {
  fingerprintKey,
  type Json,
  type Reply,
  startVault,
  type TestVault,
  typedCard
} from '../../helpers/vault'

t.setTimeout(300_000)

const path = (id: unknown, verb = '') => `/v1/setup_intents/${String(id)}${verb && `/${verb}`}`

const setUp = (vault: TestVault, params: object = {}, headers: Record<string, string> = {}): Promise<Reply> =>
  vault.post('/v1/setup_intents', params, { headers })

const typesOf = async (vault: TestVault, id: unknown): Promise<string[]> =>
  (await eventsOf(vault, String(id))).map(({ type }) => type)

const ownerOf = async (vault: TestVault, id: unknown): Promise<unknown> =>
  (await vault.get(`/v1/payment_methods/${String(id)}`)).body.customer

const attemptsOf = async (vault: TestVault, id: unknown): Promise<Json[]> =>
  (await vault.get('/v1/setup_attempts', { setup_intent: id })).body.data as Json[]

const spent =
  'The provided PaymentMethod was previously used with a PaymentIntent without Customer attachment, shared with a connected account without Customer attachment, or was detached from a Customer. It may not be used again. To use a PaymentMethod multiple times, you must attach it to a Customer first.'

t.test('makes an intent in the shape of the page’s version and of the newest', async (t) => {
  const vault = await startVault(t)
  const customer = await newCustomer(vault)
  const { status, body } = await setUp(vault, { customer, metadata: { b: '2', a: '1' } })
  t.equal(status, 200)
  t.match(body.id, /^seti_1[0-9A-Za-z]{23}$/)
  t.match(body.client_secret, new RegExp(`^${String(body.id)}_secret_[0-9A-Za-z]{31}$`))
  const whole = {
    id: body.id as unknown,
    object: 'setup_intent',
    application: null,
    automatic_payment_methods: null,
    cancellation_reason: null,
    client_secret: body.client_secret as unknown,
    created: body.created as unknown,
    customer,
    description: null,
    flow_directions: null,
    last_setup_error: null,
    latest_attempt: null,
    livemode: false,
    mandate: null,
    metadata: { a: '1', b: '2' },
    next_action: null,
    on_behalf_of: null,
    payment_method: null,
    payment_method_configuration_details: null,
    payment_method_options: {
      card: { mandate_options: null, network: null, request_three_d_secure: 'automatic' }
    },
    payment_method_types: ['card'],
    single_use_mandate: null,
    status: 'requires_payment_method',
    usage: 'off_session'
  }
  t.equal(JSON.stringify(body), JSON.stringify(whole), 'key for key, in order')
  const newest = await vault.get(path(body.id), {}, { headers: { 'stripe-version': '2026-07-29.dahlia' } })
  t.strictSame(
    Object.keys(newest.body).filter((key) => !(key in whole)),
    ['allowed_payment_method_types', 'customer_account', 'excluded_payment_method_types', 'managed_payments']
  )
  t.strictSame(await typesOf(vault, body.id), ['setup_intent.created'])
})

t.test('takes what is documented, and refuses by name what it can not do', async (t) => {
  const vault = await startVault(t)
  const payment_method = await newCard(vault)
  const { body } = await setUp(vault, {
    attach_to_self: false,
    automatic_payment_methods: { enabled: true, allow_redirects: 'never' },
    description: 'gym',
    flow_directions: ['inbound'],
    payment_method,
    payment_method_options: { card: { request_three_d_secure: 'automatic' } },
    payment_method_types: ['card'],
    single_use: { amount: 100, currency: 'usd' },
    usage: 'on_session'
  })
  t.match(body, {
    automatic_payment_methods: { allow_redirects: 'never', enabled: true },
    description: 'gym',
    flow_directions: ['inbound'],
    payment_method,
    status: 'requires_confirmation',
    usage: 'on_session'
  })
  const before = await everyRow(vault)
  const refused: [object, string][] = [
    [{ attach_to_self: true }, 'attach_to_self'],
    [{ flow_directions: ['outbound'] }, 'flow_directions'],
    [{ payment_method_types: ['card', 'sepa_debit'] }, 'payment_method_types'],
    [{ payment_method_options: { sepa_debit: { a: 1 } } }, 'payment_method_options[sepa_debit]'],
    [{ payment_method_options: { card: { moto: true } } }, 'payment_method_options[card][moto]'],
    [
      { payment_method_options: { card: { request_three_d_secure: 'any' } } },
      'payment_method_options[card][request_three_d_secure]'
    ],
    [{ confirmation_token: 'ctoken_1' }, 'confirmation_token'],
    [{ on_behalf_of: 'acct_1' }, 'on_behalf_of'],
    [{ customer_account: 'acct_1' }, 'customer_account'],
    [{ return_url: 'https://shop.test' }, 'return_url'],
    [{ mandate_data: { customer_acceptance: { type: 'offline' } } }, 'mandate_data'],
    [
      { mandate_data: { customer_acceptance: { online: { ip_address: '127.0.0.1' }, type: 'online' } } },
      'mandate_data[customer_acceptance][online][user_agent]'
    ],
    [{ allowed_payment_method_types: ['card'] }, 'allowed_payment_method_types'],
    [{ excluded_payment_method_types: ['klarna'] }, 'excluded_payment_method_types'],
    [{ payment_method_configuration: 'pmc_1' }, 'payment_method_configuration'],
    [
      { payment_method_data: { type: 'card', card: typedCard, radar_options: { session: 'x' } } },
      'payment_method_data[radar_options]'
    ],
    [{ usage: 'sometimes' }, 'usage'],
    [
      { payment_method_data: { type: 'sepa_debit', sepa_debit: { iban: 'DE89370400440532013000' } } },
      'payment_method_data[type]'
    ],
    [{ payment_method_data: { type: 'card' } }, 'payment_method_data[card]'],
    [
      { payment_method_data: { type: 'card', card: { number: '4242424242424242' } } },
      'payment_method_data[card][exp_month]'
    ],
    [{ payment_method_data: { type: 'card', card: typedCard }, payment_method }, 'payment_method_data'],
    [{ payment_method: 'pm_1nobody' }, 'payment_method'],
    [{ customer: 'cus_nobody' }, 'customer'],
    [{ bogus: 1 }, 'bogus']
  ]
  for (const [params, param] of refused) {
    const { status, body } = await setUp(vault, params)
    t.equal(status, 400, param)
    t.match(body, { error: { type: 'invalid_request_error', param } }, param)
  }
  t.match((await setUp(vault, { confirm: true })).body, { error: { code: 'setup_intent_unexpected_state' } })
  t.equal(await everyRow(vault), before, 'and nothing was written')

  const account = await vault.post('/v1/payment_methods', {
    type: 'sepa_debit',
    sepa_debit: { iban: 'DE89370400440532013000' },
    billing_details: { name: 'Jenny', email: 'jenny@example.com' }
  })
  const { body: other } = await setUp(vault, { payment_method: account.body.id as string, confirm: true })
  t.match(other, { error: { param: 'payment_method', message: /cards only/ } })
})

t.test('confirmed with a customer it succeeds, and the card is theirs', async (t) => {
  const vault = await startVault(t)
  const [customer, payment_method] = [await newCustomer(vault), await newCard(vault)]
  const { body } = await setUp(vault, { customer, payment_method, confirm: true })
  t.match(body, { status: 'succeeded', customer, payment_method, latest_attempt: /^setatt_1/ })
  t.equal(await ownerOf(vault, payment_method), customer)
  t.match((await vault.get(`/v1/payment_methods/${payment_method}`)).body, {
    card: { checks: { cvc_check: 'pass' } }
  })
  t.strictSame(await typesOf(vault, body.id), ['setup_intent.created', 'setup_intent.succeeded'])
  t.strictSame(await typesOf(vault, payment_method), ['payment_method.attached'])
  const [attempt] = await attemptsOf(vault, body.id)
  t.match(attempt, {
    id: body.latest_attempt as string,
    object: 'setup_attempt',
    customer,
    payment_method,
    payment_method_details: { card: { brand: 'visa', last4: '4242' }, type: 'card' },
    setup_error: null,
    setup_intent: body.id as string,
    status: 'succeeded',
    usage: 'off_session'
  })

  const settled = await vault.post(`/v1/customers/${customer}`, {
    invoice_settings: { default_payment_method: payment_method }
  })
  t.match(settled.body, { invoice_settings: { default_payment_method: payment_method } })

  await t.test('again with a card that is theirs already', async (t) => {
    const { body } = await setUp(vault, { customer, payment_method, confirm: true })
    t.equal(body.status, 'succeeded')
    t.strictSame(await typesOf(vault, payment_method), ['payment_method.attached'], 'attached once')
  })
  await t.test('with details of a new card, and with a shared id', async (t) => {
    const data = { type: 'card', card: typedCard, billing_details: { name: 'Jenny' }, metadata: { a: 'b' } }
    const typed = await setUp(vault, { customer, payment_method_data: data, confirm: true })
    t.match((await vault.get(`/v1/payment_methods/${String(typed.body.payment_method)}`)).body, {
      ...{ customer, billing_details: { name: 'Jenny' }, metadata: { a: 'b' } }
    })
    const shared = await setUp(vault, { customer, payment_method: 'pm_card_mastercard', confirm: true })
    t.equal(await ownerOf(vault, shared.body.payment_method), customer)
  })
  await t.test('without a customer it is nobody’s, and can be attached later', async (t) => {
    const card = await newCard(vault)
    t.equal((await setUp(vault, { payment_method: card, confirm: true })).body.status, 'succeeded')
    t.equal(await ownerOf(vault, card), null)
    t.equal((await vault.post(`/v1/payment_methods/${card}/attach`, { customer })).status, 200)
  })
  await t.test('in steps: made, given a card, confirmed', async (t) => {
    const { body: made } = await setUp(vault, { customer })
    const missing = await vault.post(path(made.id, 'confirm'))
    t.match(missing.body, {
      error: { code: 'setup_intent_unexpected_state', setup_intent: { id: made.id as string } }
    })
    const card = await newCard(vault)
    const { body: given } = await vault.post(path(made.id), {
      ...{ payment_method: card, description: 'later', metadata: { k: 'v' } }
    })
    t.match(given, { status: 'requires_confirmation', payment_method: card, description: 'later' })
    t.equal((await vault.post(path(made.id, 'confirm'))).body.status, 'succeeded')
    const late = await vault.post(path(made.id), { metadata: { k: '' }, description: 'done' })
    t.match(late.body, { description: 'done', metadata: {} })
    const closed = await vault.post(path(made.id), { payment_method: card })
    t.match(closed.body, { error: { code: 'setup_intent_unexpected_state' } })
  })
})

t.test('answers in a wrong state as recorded, the intent in the error', async (t) => {
  const vault = await startVault(t)
  const done = (await setUp(vault, { payment_method: await newCard(vault), confirm: true })).body
  const error = (message: string, status: string) => ({
    error: {
      code: 'setup_intent_unexpected_state',
      doc_url: 'https://stripe.com/docs/error-codes/setup-intent-unexpected-state',
      message,
      setup_intent: { object: 'setup_intent', status },
      type: 'invalid_request_error'
    }
  })
  const confirmed = await vault.post(path(done.id, 'confirm'))
  t.equal(confirmed.status, 400)
  t.match(
    confirmed.body,
    error('You cannot confirm this SetupIntent because it has already succeeded.', 'succeeded')
  )
  t.match(
    (await vault.post(path(done.id, 'cancel'))).body,
    error(
      'You cannot cancel this SetupIntent because it has a status of succeeded. Only a SetupIntent with one of the following statuses may be canceled: `requires_payment_method`, `requires_confirmation`, or `requires_action`.',
      'succeeded'
    )
  )

  const { body: open } = await setUp(vault)
  const canceled = await vault.post(path(open.id, 'cancel'), { cancellation_reason: 'abandoned' })
  t.match(canceled.body, { status: 'canceled', cancellation_reason: 'abandoned' })
  t.match(
    (await vault.post(path(open.id, 'cancel'))).body,
    error('You cannot cancel this SetupIntent because it it already canceled.', 'canceled')
  )
  t.strictSame(await typesOf(vault, open.id), ['setup_intent.created', 'setup_intent.canceled'])
  t.equal((await vault.post(path((await setUp(vault)).body.id, 'cancel'))).body.cancellation_reason, null)

  for (const verb of ['', 'confirm', 'cancel']) {
    const nobody = await vault.post(path('seti_1nobody', verb))
    t.equal(nobody.status, 404)
    t.match(nobody.body, { error: noSuch('setupintent', 'seti_1nobody', 'intent') })
  }
  t.equal((await vault.get(path('seti_1nobody'))).status, 404)
})

t.test('does at set-up with each published card what is published', async (t) => {
  const vault = await startVault(t)
  const customer = await newCustomer(vault)
  const authenticating = /^40000025|^40000027|^40000038|^40000082|^4000000000003220|^4000008400001629/
  const declining: Record<string, string> = {
    '4000000000000341': 'card_declined',
    '4100000000000019': 'card_declined',
    '4000008400001280': 'card_declined'
  }
  for (const { number, attach } of publishedCards) {
    if (attach === 'never_made') continue
    const payment_method = await newCard(vault, number)
    const { status, body } = await setUp(vault, { customer, payment_method, confirm: true })
    const code = refusalsAtAttach[number]?.code ?? declining[number]
    if (code !== undefined) {
      t.equal(status, 402, number)
      t.match(body, {
        error: {
          ...{ code, type: 'card_error', payment_method: { id: payment_method } },
          setup_intent: {
            status: 'requires_payment_method',
            payment_method: null,
            last_setup_error: { code }
          }
        }
      })
      t.notOk('param' in (body.error as object) && (body.error as Json).param === '', 'no empty param')
      t.equal(await ownerOf(vault, payment_method), null, 'not attached')
    } else {
      t.equal(status, 200, number)
      t.equal(body.status, authenticating.test(number) ? 'requires_action' : 'succeeded', number)
      t.equal(await ownerOf(vault, payment_method), body.status === 'succeeded' ? customer : null)
    }
  }
})

t.test('a decline leaves a trace, and the payment method as it was', async (t) => {
  const vault = await startVault(t)
  const [customer, payment_method] = [await newCustomer(vault), await newCard(vault, '4000000000000069')]
  const { body: made } = await setUp(vault, { customer, payment_method })
  const { status, body, text, headers } = await vault.post(
    path(made.id, 'confirm'),
    {},
    { headers: { 'idempotency-key': 'declined' } }
  )
  t.equal(status, 402)
  t.equal(headers.get('stripe-should-retry'), 'false')
  t.match(body, {
    error: {
      code: 'expired_card',
      message: 'Your card has expired.',
      param: 'exp_month',
      payment_method: { id: payment_method },
      setup_intent: {
        last_setup_error: {
          code: 'expired_card',
          param: 'exp_month',
          payment_method: { id: payment_method }
        },
        latest_attempt: /^setatt_/,
        status: 'requires_payment_method'
      },
      type: 'card_error'
    }
  })
  const again = await vault.post(path(made.id, 'confirm'), {}, { headers: { 'idempotency-key': 'declined' } })
  t.equal(again.text, text)
  t.equal(again.headers.get('idempotent-replayed'), 'true')
  t.equal((await attemptsOf(vault, made.id)).length, 1, 'one attempt for one key')
  t.match(await attemptsOf(vault, made.id), [{ status: 'failed', setup_error: { code: 'expired_card' } }])
  t.strictSame(await typesOf(vault, made.id), ['setup_intent.created', 'setup_intent.setup_failed'])

  const second = await vault.post(path(made.id, 'confirm'), { payment_method })
  t.equal(second.status, 402, 'it can be tried again')
  t.match((await vault.post(path(made.id, 'confirm'), { payment_method: await newCard(vault) })).body, {
    last_setup_error: null,
    status: 'succeeded'
  })
  t.equal((await attemptsOf(vault, made.id)).length, 3)
})

t.test('refuses what belongs to another customer, and what may not be used again', async (t) => {
  const vault = await startVault(t)
  const [mine, theirs] = [await newCustomer(vault), await newCustomer(vault)]
  const payment_method = await newCard(vault)
  await vault.post(`/v1/payment_methods/${payment_method}/attach`, { customer: theirs })
  for (const confirm of [true, false]) {
    const other = await setUp(vault, { customer: mine, payment_method, confirm })
    t.equal(other.status, 400)
    t.match(other.body, { error: { message: /does not belong to the Customer/ } })
    const nobody = await setUp(vault, { payment_method, confirm })
    t.match(nobody.body, { error: { message: /is attached to a Customer/ } })
  }
  for (const state of ['detached', 'consumed']) {
    const card = await newCard(vault)
    await setState(vault, card, state)
    const { status, body } = await setUp(vault, { customer: mine, payment_method: card, confirm: true })
    t.equal(status, 400)
    t.match(body, { error: { message: spent, type: 'invalid_request_error' } })
    t.notOk('code' in (body.error as object))
  }
})

t.test('lists by customer, payment method and time, with cursors and expanded', async (t) => {
  const vault = await startVault(t)
  const [customer, payment_method] = [await newCustomer(vault), await newCard(vault)]
  const ids: unknown[] = []
  for (const params of [{ customer }, { customer, payment_method, confirm: true }, {}, { customer }]) {
    ids.unshift((await setUp(vault, params)).body.id)
  }
  const list = async (params: object) =>
    ((await vault.get('/v1/setup_intents', params)).body.data as Json[]).map(({ id }) => id as unknown)
  t.strictSame((await list({})).sort(), [...ids].sort())
  t.equal((await list({ customer })).length, 3)
  t.strictSame(await list({ payment_method }), [ids[2]])
  t.strictSame(await list({ payment_method, customer: await newCustomer(vault) }), [])
  t.strictSame(await list({ created: { gt: 4102444800 } }), [])
  t.strictSame(await list({ attach_to_self: true }), [])
  const first = await list({ limit: 2 })
  const rest = await list({ limit: 2, starting_after: first[1] })
  t.strictSame([...first, ...rest].sort(), [...ids].sort())
  t.strictSame(await list({ limit: 2, ending_before: rest[0] }), first)

  const { body } = await vault.get('/v1/setup_intents', {
    payment_method,
    expand: ['data.customer', 'data.payment_method', 'data.latest_attempt.setup_intent']
  })
  t.match(body.data, [
    {
      customer: { id: customer },
      payment_method: { id: payment_method },
      latest_attempt: { object: 'setup_attempt', setup_intent: { object: 'setup_intent' } }
    }
  ])
  for (const params of [
    { customer: 'cus_no' },
    { payment_method: 'pm_1no' },
    { starting_after: 'seti_1no' }
  ]) {
    const { status, body } = await vault.get('/v1/setup_intents', params)
    t.equal(status, 400)
    t.match(body, { error: { code: 'resource_missing', param: Object.keys(params)[0] ?? '' } })
  }
  t.match((await vault.get('/v1/setup_attempts')).body, { error: parameterMissing('setup_intent') })
  t.match((await vault.get('/v1/setup_attempts', { setup_intent: 'seti_1no' })).body, {
    error: { code: 'resource_missing', param: 'setup_intent' }
  })
})

t.test('a browser, with a publishable key and the client secret', async (t) => {
  const vault = await startVault(t)
  const [customer, payment_method] = [await newCustomer(vault), await newCard(vault)]
  const { body: made } = await setUp(vault, { customer, metadata: { secret: 'note' }, payment_method })
  const client_secret = String(made.client_secret)
  const browser = { key: vault.keys.publishable }
  const seen = await vault.get(path(made.id), { client_secret, expand: ['payment_method.customer'] }, browser)
  t.strictSame(Object.keys(seen.body), [
    ...['id', 'object', 'automatic_payment_methods', 'cancellation_reason', 'client_secret', 'created'],
    ...['description', 'last_setup_error', 'livemode', 'next_action', 'payment_method'],
    ...['payment_method_types', 'status', 'usage']
  ])
  t.notMatch(seen.text, new RegExp(`${customer}|note|fingerprint`), 'not whose it is')

  const wrong = `${String(made.id)}_secret_${'a'.repeat(31)}`
  const other = (await setUp(vault)).body
  for (const given of [wrong, 'nonsense', String(other.client_secret)]) {
    const refused = await vault.get(path(made.id), { client_secret: given }, browser)
    t.equal(refused.status, 400)
    t.strictSame(refused.body, {
      error: {
        code: 'resource_missing',
        doc_url: 'https://stripe.com/docs/error-codes/resource-missing',
        message: 'The client_secret provided does not match any associated SetupIntent on this account.',
        param: 'client_secret',
        type: 'invalid_request_error'
      }
    })
    t.equal((await vault.post(path(made.id, 'confirm'), { client_secret: given }, browser)).status, 400)
    t.equal((await vault.get(path(made.id), { client_secret: given })).status, 400, 'of a secret key too')
  }
  for (const reply of [
    await vault.get(path(made.id), {}, browser),
    await vault.post(path(made.id, 'confirm'), {}, browser)
  ]) {
    t.match(reply.body, { error: parameterMissing('client_secret') })
  }
  for (const verb of ['', 'cancel']) {
    t.match((await vault.post(path(made.id, verb), {}, browser)).body, {
      error: { code: 'secret_key_required' }
    })
  }
  const done = await vault.post(path(made.id, 'confirm'), { client_secret }, browser)
  t.equal(done.body.status, 'succeeded')
  t.notOk('customer' in done.body)
  t.equal(await ownerOf(vault, payment_method), customer)
})

t.test('another account, and the other mode, see nothing', async (t) => {
  const vault = await startVault(t)
  const { body } = await setUp(vault, { payment_method: await newCard(vault) })
  const live = { key: vault.keys.live }
  for (const reply of [
    await vault.get(path(body.id), {}, live),
    await vault.post(path(body.id), { description: 'x' }, live),
    await vault.post(path(body.id, 'cancel'), {}, live)
  ]) {
    t.equal(reply.status, 404)
    t.match(reply.body, { error: { message: /similar object exists in test mode/ } })
  }
  t.strictSame((await vault.get('/v1/setup_intents', {}, live)).body.data, [])

  const account = newId('acct')
  await insertAccount(vault.db, account)
  const foreign = { key: await createKey(vault.db, { account, livemode: false, kind: 'secret' }) }
  const before = await everyRow(vault)
  const { client_secret, payment_method } = body as Record<string, string>
  for (const verb of ['', 'confirm', 'cancel']) {
    const reply = await vault.post(path(body.id, verb), {}, foreign)
    t.equal(reply.status, 404)
    t.match(reply.body, { error: noSuch('setupintent', String(body.id), 'intent') })
  }
  for (const reply of [
    await vault.get(path(body.id), { client_secret }, foreign),
    await vault.get('/v1/setup_attempts', { setup_intent: body.id as string }, foreign),
    await vault.post('/v1/setup_intents', { payment_method, confirm: true }, foreign)
  ]) {
    t.equal(reply.status, 400)
    t.match(reply.body, { error: { code: 'resource_missing' } })
  }
  t.strictSame((await vault.get('/v1/setup_intents', {}, foreign)).body.data, [])
  t.equal(await everyRow(vault), before, 'and change nothing')
  t.equal((await vault.get(path(body.id))).body.status, 'requires_confirmation')
})

t.test('the same key twice is one intent, one attempt, one attach', async (t) => {
  const vault = await startVault(t)
  const customer = await newCustomer(vault)
  const params = { customer, payment_method_data: { type: 'card', card: typedCard }, confirm: true }
  const headers = { 'idempotency-key': 'once' }
  const replies = await Promise.all(Array.from({ length: 8 }, () => setUp(vault, params, headers)))
  const good = replies.filter(({ status }) => status === 200)
  t.ok(good.length > 0)
  t.ok(
    replies.every(({ status }) => status === 200 || status === 409),
    'whoever comes while it runs is told so'
  )
  const last = await setUp(vault, params, headers)
  t.ok(good.every(({ text }) => text === last.text))
  t.equal(((await vault.get('/v1/setup_intents')).body.data as Json[]).length, 1)
  t.equal(((await vault.get('/v1/payment_methods', { customer })).body.data as Json[]).length, 1)
  t.equal((await attemptsOf(vault, last.body.id)).length, 1)
  const other = await setUp(vault, { ...params, description: 'other' }, headers)
  t.match(other.body, { error: { type: 'idempotency_error' } })
})

t.test('races have one winner, and the others are told', async (t) => {
  // Slow, so that all of them are there while the processor is asked.
  const processor = testProcessor({ fingerprintKey })
  const { payments } = processor
  let asked = 0
  const slow: typeof payments.setUp = async (...args) => {
    asked++
    await new Promise((resolve) => setTimeout(resolve, 60))
    return payments.setUp(...args)
  }
  const options = { processor: { ...processor, payments: { ...payments, setUp: slow } } }
  const vault = await startVault(t, options)
  const beside = await startBeside(t, vault, options)
  const told = ({ status, body }: Pick<Reply, 'status' | 'body'>) =>
    status === 400 || (status === 429 && (body.error as Json).code === 'lock_timeout')

  await t.test('20 confirms of one intent', async (t) => {
    const [customer, payment_method] = [await newCustomer(vault), await newCard(vault)]
    const { body } = await setUp(vault, { customer, payment_method })
    asked = 0
    const replies = await Promise.all(
      Array.from({ length: 20 }, (_, i) => (i % 2 ? vault : beside).post(path(body.id, 'confirm')))
    )
    t.equal(replies.filter(({ status }) => status === 200).length, 1)
    t.ok(replies.filter(({ status }) => status !== 200).every(told))
    t.equal(asked, 1, 'the processor was asked once')
    t.strictSame(await typesOf(vault, payment_method), ['payment_method.attached'])
  })

  await t.test('two intents with one card', async (t) => {
    const payment_method = await newCard(vault)
    const intents = await Promise.all(
      [1, 2].map(async () => setUp(vault, { customer: await newCustomer(vault), payment_method }))
    )
    const replies = await Promise.all(intents.map(({ body }) => vault.post(path(body.id, 'confirm'))))
    const won = replies.filter(({ status }) => status === 200)
    t.equal(won.length, 1)
    t.ok(replies.filter(({ status }) => status !== 200).every(told))
    t.equal(await ownerOf(vault, payment_method), won[0]?.body.customer)
  })

  await t.test('a confirm and a cancel', async (t) => {
    for (let round = 0; round < 5; round++) {
      const [customer, payment_method] = [await newCustomer(vault), await newCard(vault)]
      const { body } = await setUp(vault, { customer, payment_method })
      const [confirmed, canceled] = await Promise.all([
        vault.post(path(body.id, 'confirm')),
        beside.post(path(body.id, 'cancel'))
      ])
      t.equal([confirmed, canceled].filter(({ status }) => status === 200).length, 1)
      t.ok([confirmed, canceled].filter(({ status }) => status !== 200).every(told))
      const owner = await ownerOf(vault, payment_method)
      t.equal(owner, confirmed.status === 200 ? customer : null)
    }
  })

  await t.test('a confirm and an attach to another customer', async (t) => {
    const rival = await newCustomer(vault)
    for (let round = 0; round < 5; round++) {
      const [customer, payment_method] = [await newCustomer(vault), await newCard(vault)]
      const { body } = await setUp(vault, { customer, payment_method })
      const [confirmed, attached] = await Promise.all([
        vault.post(path(body.id, 'confirm')),
        beside.post(`/v1/payment_methods/${payment_method}/attach`, { customer: rival })
      ])
      t.equal([confirmed, attached].filter(({ status }) => status === 200).length, 1)
      t.ok([confirmed, attached].filter(({ status }) => status !== 200).every(told))
      t.equal(await ownerOf(vault, payment_method), confirmed.status === 200 ? customer : rival)
      t.equal((await typesOf(vault, payment_method)).length, 1)
    }
  })

  await t.test('a confirm and the delete of its customer', async (t) => {
    for (let round = 0; round < 5; round++) {
      const [customer, payment_method] = [await newCustomer(vault), await newCard(vault)]
      const { body } = await setUp(vault, { customer, payment_method })
      const [confirmed, deleted] = await Promise.all([
        vault.post(path(body.id, 'confirm')),
        beside.del(`/v1/customers/${customer}`)
      ])
      t.ok([confirmed, deleted].filter(({ status }) => status !== 200).every(told))
      t.ok([confirmed, deleted].some(({ status }) => status === 200))
      const types = await typesOf(vault, payment_method)
      if (confirmed.status === 200) t.equal(types[0], 'payment_method.attached')
      else t.strictSame(types, [])
    }
  })
})

t.test('a vault whose processor saves cards only', async (t) => {
  const { tokenize, verify, sharedPaymentMethod } = testProcessor({ fingerprintKey })
  const vault = await startVault(t, { processor: { tokenize, verify, sharedPaymentMethod } })
  const { status, body } = await setUp(vault)
  t.equal(status, 400)
  t.match(body, { error: { message: /its processor takes no payments/ } })
})

t.test('a refusal of the host’s own processor is answered as it says', async (t) => {
  const processor = testProcessor({ fingerprintKey })
  const refuse = async () => {
    throw new CardRefused({ code: 'card_declined', decline_code: 'do_not_honor', message: 'No.' })
  }
  const vault = await startVault(t, {
    processor: { ...processor, payments: { ...processor.payments, setUp: refuse } }
  })
  const { status, body } = await setUp(vault, { payment_method: await newCard(vault), confirm: true })
  t.equal(status, 402)
  t.match(body, { error: { decline_code: 'do_not_honor', message: 'No.' } })
})

t.test('the SDK sets a card up, and charges it without its holder', async (t) => {
  const vault = await startVault(t)
  const stripe = vault.stripe()
  const customer = await stripe.customers.create({ email: 'jenny@example.com' })
  const intent = await stripe.setupIntents.create({ customer: customer.id, usage: 'off_session' })
  const done = await stripe.setupIntents.confirm(intent.id, { payment_method: 'pm_card_visa' })
  t.equal(done.status, 'succeeded')
  const card = done.payment_method as string
  const saved = await stripe.customers.listPaymentMethods(customer.id)
  t.strictSame(
    saved.data.map(({ id }) => id),
    [card]
  )
  await stripe.customers.update(customer.id, {
    invoice_settings: { default_payment_method: card }
  })
  const payment = await stripe.paymentIntents.create({
    ...{ amount: 1099, currency: 'usd', customer: customer.id, payment_method: card },
    ...{ off_session: true, confirm: true }
  })
  t.match(payment, { status: 'succeeded', amount_received: 1099 })
  const attempts = await stripe.setupAttempts.list({ setup_intent: intent.id })
  t.equal(attempts.data[0]?.status, 'succeeded')
  await t.rejects(stripe.setupIntents.cancel(intent.id), { code: 'setup_intent_unexpected_state' })
  const listed = await stripe.setupIntents.list({ customer: customer.id, limit: 3 })
  t.equal(listed.data.length, 1)
})
