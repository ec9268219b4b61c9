import t from 'tap'
import { createKey, firstAccount } from '../../../src/resources/accounts/keys'
import { insertAccount } from '../../../src/resources/accounts/store'
import { accountIn } from '../../../src/protocol/view'
import { testProcessor } from '../../../src/index'
import {
  insertReferenceObjects,
  referenceCustomer,
  referencePaymentMethod
} from '../../../src/resources/accounts/reference-objects'
import { newId } from '../../../src/protocol/values/ids'
import { part } from '../../helpers/document/bodies'
import { pageSample } from '../../helpers/document/page-sample'
import { eventsOf, everyRow, setState } from '../../helpers/database/rows'
import {
  fingerprintKey,
  type Json,
  newPair,
  type Reply,
  startVault,
  type TestVault,
  typedCard
} from '../../helpers/vault'

const newest = '2026-07-29.dahlia'
const atVersion = (version: string) => ({ headers: { 'stripe-version': version } })

t.setTimeout(300_000)

/** The vault that all of these share: each has payment methods and customers of its own. */
let vault: Promise<TestVault> | undefined
const one = () => (vault ??= startVault(t))

t.test('answers the call of the reference page with its sample, key for key', async (t) => {
  const vault = await one()
  await insertReferenceObjects(vault.db, accountIn(await firstAccount(vault.db), false))
  const reply = await vault.post(
    `/v1/payment_methods/${referencePaymentMethod}/attach`,
    `customer=${referenceCustomer}`
  )
  t.equal(reply.status, 200)
  t.equal(reply.text, pageSample)
})

t.test('sends the headers of the wire, and three more where there is an idempotency key', async (t) => {
  const vault = await one()
  const { paymentMethod, customer } = await newPair(vault)
  const plain = await attach(vault, paymentMethod, customer)
  t.match(Object.fromEntries(plain.headers), {
    'access-control-allow-credentials': 'true',
    'access-control-allow-methods': 'GET, HEAD, PUT, PATCH, POST, DELETE',
    'access-control-allow-origin': '*',
    'access-control-expose-headers': /^Request-Id, Stripe-Manage-Version, Stripe-Should-Retry/,
    'access-control-max-age': '300',
    'cache-control': 'no-cache, no-store',
    'content-length': String(Buffer.byteLength(plain.text)),
    'content-type': /^application\/json$/,
    'request-id': /^req_[0-9A-Za-z]{14}$/,
    'stripe-version': '2022-11-15',
    vary: 'Origin'
  })
  for (const name of ['idempotency-key', 'original-request', 'stripe-should-retry', 'idempotent-replayed']) {
    t.equal(plain.headers.get(name), null, `without a key there is no ${name}`)
  }

  const keyed = await attach(vault, paymentMethod, customer, {}, { 'idempotency-key': 'a key' })
  t.equal(keyed.headers.get('idempotency-key'), 'a key')
  t.equal(keyed.headers.get('original-request'), keyed.headers.get('request-id'))
  t.equal(keyed.headers.get('stripe-should-retry'), 'false')
  t.equal(keyed.headers.get('idempotent-replayed'), null)

  const elsewhere = await attach(vault, paymentMethod, 'cus_0', {}, { 'idempotency-key': 'another' })
  t.equal(elsewhere.status, 400)
  t.equal(elsewhere.headers.get('idempotency-key'), 'another')
  t.equal(elsewhere.headers.get('stripe-should-retry'), null, 'an unknown id was never executed')
  const { customer: other } = await newPair(vault)
  const refused = await attach(vault, paymentMethod, other, {}, { 'idempotency-key': 'a third' })
  t.equal(refused.status, 400)
  t.equal(refused.headers.get('stripe-should-retry'), 'false', 'a refusal by state was')
})

t.test('ties an unattached payment method to the customer and tells so in one event', async (t) => {
  const vault = await one()
  const { customer } = await newPair(vault)
  const before = await vault.post('/v1/payment_methods', {
    type: 'card',
    card: typedCard,
    metadata: { order: '6735' },
    billing_details: { name: 'Ada', address: { line1: '1 Main Street', postal_code: '94107' } }
  })
  t.strictSame(part(before.body, 'card.checks'), {
    address_line1_check: 'unchecked',
    address_postal_code_check: 'unchecked',
    cvc_check: 'unchecked'
  })
  const id = String(before.body.id)

  const reply = await attach(vault, id, customer, {}, { 'idempotency-key': 'attach-1' })
  const after = {
    ...before.body,
    card: {
      ...(before.body.card as Json),
      checks: { address_line1_check: 'pass', address_postal_code_check: 'pass', cvc_check: 'pass' }
    },
    customer
  }
  t.equal(reply.text, JSON.stringify(after, null, 2), 'all else is as before')
  t.equal((await vault.get(`/v1/payment_methods/${id}`)).text, reply.text)

  const [event, ...more] = await eventsOf(vault, id)
  t.strictSame(more, [])
  t.match(event, {
    type: 'payment_method.attached',
    object: { id, customer_id: customer, state: 'attached', metadata: { order: '6735' }, type: 'card' },
    request_id: reply.headers.get('request-id'),
    idempotency_key: 'attach-1'
  })
  t.equal(event?.previous_attributes, null)
  t.match(event?.account_id, /^acct_\w{16}:test$/)
})

t.test('leaves a check null where nothing was given to check', async (t) => {
  const vault = await one()
  const { customer } = await newPair(vault)
  const card = { ...typedCard, cvc: undefined }
  const made = await vault.post('/v1/payment_methods', { type: 'card', card })
  const unchecked = { address_line1_check: null, address_postal_code_check: null, cvc_check: null }
  t.strictSame(part(made.body, 'card.checks'), unchecked)
  const reply = await attach(vault, String(made.body.id), customer)
  t.equal(reply.status, 200)
  t.strictSame(part(reply.body, 'card.checks'), unchecked)
})

t.test('makes a new payment method of a shared id at every use', async (t) => {
  const vault = await one()
  const { customer } = await newPair(vault)
  const today = new Date()
  const seen = new Set<string>()
  for (const [shared, brand, last4] of [
    ['pm_card_visa', 'visa', '4242'],
    ['pm_card_visa', 'visa', '4242'],
    ['pm_card_mastercard', 'mastercard', '4444'],
    ['pm_card_amex', 'amex', '8431'],
    ['pm_card_discover', 'discover', '9424']
  ] as const) {
    const reply = await attach(vault, shared, customer)
    t.equal(reply.status, 200)
    t.match(reply.body.id, /^pm_1[0-9A-Za-z]{23}$/)
    seen.add(String(reply.body.id))
    t.match(reply.body, {
      customer,
      card: {
        brand,
        last4,
        exp_month: today.getUTCMonth() + 1,
        exp_year: today.getUTCFullYear() + 1,
        checks: { cvc_check: 'pass' }
      }
    })
    t.equal((await vault.get(`/v1/payment_methods/${String(reply.body.id)}`)).text, reply.text)
    t.strictSame(
      (await eventsOf(vault, String(reply.body.id))).map(({ type }) => type),
      ['payment_method.attached']
    )

    const looked = await vault.get(`/v1/payment_methods/${shared}`)
    seen.add(String(looked.body.id))
    t.match(looked.body, { customer: null, card: { last4, checks: { cvc_check: 'unchecked' } } })
    t.equal((await attach(vault, String(looked.body.id), customer)).status, 200, 'it is one like any other')
  }
  t.equal(seen.size, 10)
})

t.test(
  'answers an attach to the same customer again with the same object, and no second event',
  async (t) => {
    const vault = await one()
    const { paymentMethod, customer } = await newPair(vault)
    const first = await attach(vault, paymentMethod, customer)
    const before = await everyRow(vault)
    const again = await attach(vault, paymentMethod, customer)
    t.equal(again.status, 200)
    t.equal(again.text, first.text)
    t.equal(await everyRow(vault), before)
  }
)

t.test('refuses, and changes nothing', async (t) => {
  const vault = await one()
  const { paymentMethod: free, customer } = await newPair(vault)
  const { paymentMethod: theirs, customer: them } = await newPair(vault)
  await attach(vault, theirs, them)
  const { paymentMethod: detached } = await newPair(vault)
  await attach(vault, detached, customer)
  await vault.post(`/v1/payment_methods/${detached}/detach`)
  const { paymentMethod: consumed } = await newPair(vault)
  await setState(vault, consumed, 'consumed')
  const { customer: deleted } = await newPair(vault)
  await vault.del(`/v1/customers/${deleted}`)

  const spent =
    'This PaymentMethod was previously used without being attached to a Customer or was detached from a Customer, and may not be used again.'
  const empty = (name: string) =>
    `You passed an empty string for '${name}'. We assume empty values are an attempt to unset a parameter; however '${name}' cannot be unset. You should remove '${name}' from your request or supply a non-empty value.`
  const long = `cus_${'x'.repeat(5000)}`

  const rows: [what: string, id: string, params: object, status: number, error: Json, version?: string][] = [
    [
      'one that is attached to another customer',
      theirs,
      { customer },
      400,
      { message: 'The payment method you provided has already been attached to a customer.' }
    ],
    ['one that was detached', detached, { customer }, 400, { message: spent }],
    ['one that a one-off payment has used up', consumed, { customer }, 400, { message: spent }],
    [
      'an unknown payment method',
      'abcd',
      { customer },
      404,
      missing('PaymentMethod', 'abcd', 'payment_method')
    ],
    [
      'an id of another kind in the path',
      customer,
      { customer },
      404,
      missing('PaymentMethod', customer, 'payment_method')
    ],
    [
      'a shared id that there is not',
      'pm_card_nothing',
      { customer },
      404,
      missing('PaymentMethod', 'pm_card_nothing', 'payment_method')
    ],
    ['an unknown customer', free, { customer: 'cus_x' }, 400, missing('customer', 'cus_x', 'customer')],
    [
      'an unknown customer for a shared id',
      'pm_card_visa',
      { customer: 'cus_x' },
      400,
      missing('customer', 'cus_x', 'customer')
    ],
    ['an id of another kind', free, { customer: 'ch_1' }, 400, missing('customer', 'ch_1', 'customer')],
    ['a payment method for a customer', free, { customer: free }, 400, missing('customer', free, 'customer')],
    ['a deleted customer', free, { customer: deleted }, 400, missing('customer', deleted, 'customer')],
    [
      'a missing customer, in the words of the version',
      free,
      {},
      400,
      { code: 'parameter_missing', message: 'Missing required param: customer.', param: 'customer' }
    ],
    [
      'a missing customer, the day before there was another way',
      free,
      {},
      400,
      { code: 'parameter_missing', message: 'Missing required param: customer.', param: 'customer' },
      '2025-12-15'
    ],
    [
      'a missing customer, since there is another way',
      free,
      {},
      400,
      { code: 'parameter_missing', message: 'Must provide customer or customer_account.' },
      '2025-12-16'
    ],
    [
      'a missing customer, in the newest version',
      free,
      {},
      400,
      { code: 'parameter_missing', message: 'Must provide customer or customer_account.' },
      newest
    ],
    [
      'a customer that is an account',
      free,
      { customer_account: 'acct_1' },
      400,
      missing('customer_account', 'acct_1', 'customer_account')
    ],
    [
      'an unknown parameter',
      free,
      { customer, bogus: '1' },
      400,
      { code: 'parameter_unknown', message: 'Received unknown parameter: bogus', param: 'bogus' }
    ],
    [
      'a misspelt parameter, with the right one',
      free,
      { custoner: customer },
      400,
      {
        code: 'parameter_unknown',
        message: 'Received unknown parameter: custoner. Did you mean customer?',
        param: 'custoner'
      }
    ],
    [
      'several unknown parameters',
      free,
      { customer, billing_details: { name: 'Ada' }, type: 'card' },
      400,
      {
        code: 'parameter_unknown',
        message: 'Received unknown parameters: billing_details, type',
        param: 'billing_details'
      }
    ],
    [
      'an empty customer',
      free,
      { customer: '' },
      400,
      { code: 'parameter_invalid_empty', message: empty('customer'), param: 'customer' }
    ],
    [
      'a hash for a customer',
      free,
      { customer: { id: 'cus_x' } },
      400,
      { message: 'Invalid string: {"id":"cus_x"}', param: 'customer' }
    ],
    [
      'a customer of more characters than an id may have',
      free,
      { customer: long },
      400,
      { message: 'Invalid string: cus_...xxxx; must be at most 5000 characters', param: 'customer' }
    ],
    [
      'what cannot be expanded',
      free,
      { customer, expand: ['bogus'] },
      400,
      { message: 'This property cannot be expanded (bogus).' }
    ]
  ]
  for (const [what, id, params, status, fields, version] of rows) {
    await t.test(what, async (t) => {
      const before = await everyRow(vault)
      const reply = await vault.post(
        `/v1/payment_methods/${id}/attach`,
        params,
        version === undefined ? {} : atVersion(version)
      )
      isRefusal(t, reply, status, { ...fields, type: 'invalid_request_error' })
      t.equal(await everyRow(vault), before)
    })
  }
  t.equal((await attach(vault, free, customer)).status, 200, 'and it can still be attached')
})

t.test('tells the first fault: parameters, expand, payment method, customer, state, card', async (t) => {
  const vault = await one()
  const { paymentMethod, customer } = await newPair(vault)
  const declining = await vault.post('/v1/payment_methods', {
    type: 'card',
    card: cardOf('4000000000000002')
  })
  const { customer: other } = await newPair(vault)
  await attach(vault, paymentMethod, other)

  const faults: [id: string, params: object, message: string][] = [
    ['pm_x', { bogus: '1', expand: ['bogus'] }, 'Received unknown parameter: bogus'],
    ['pm_x', { customer: { a: '1' }, bogus: '1' }, 'Received unknown parameter: bogus'],
    ['pm_x', { customer: { a: '1' }, expand: ['bogus'] }, 'Invalid string: {"a":"1"}'],
    ['pm_x', { expand: ['bogus'] }, 'Missing required param: customer.'],
    ['pm_x', { customer: 'cus_x', expand: ['bogus'] }, 'This property cannot be expanded (bogus).'],
    ['pm_x', { customer: 'cus_x' }, "No such PaymentMethod: 'pm_x'"],
    [paymentMethod, { customer: 'cus_x' }, "No such customer: 'cus_x'"],
    [String(declining.body.id), { customer: 'cus_x' }, "No such customer: 'cus_x'"],
    [paymentMethod, { customer }, 'The payment method you provided has already been attached to a customer.'],
    [String(declining.body.id), { customer }, 'Your card was declined.']
  ]
  for (const [id, params, message] of faults) {
    const reply = await vault.post(`/v1/payment_methods/${id}/attach`, params)
    t.equal(part(reply.body, 'error.message'), message)
  }
})

const declined = { message: 'Your card was declined.', param: '' }
const cardDeclined = { ...declined, code: 'card_declined' }
/** Every card that is refused when it is attached, and the refusal. */
const refusals: [number: string, shared: string, error: Json][] = [
  [
    '4000000000000002',
    'pm_card_visa_chargeDeclined',
    {
      ...cardDeclined,
      decline_code: 'generic_decline',
      advice_code: 'try_again_later',
      network_decline_code: '01'
    }
  ],
  [
    '4000000000009995',
    'pm_card_visa_chargeDeclinedInsufficientFunds',
    {
      ...cardDeclined,
      decline_code: 'insufficient_funds',
      message: 'Your card has insufficient funds.',
      advice_code: 'try_again_later',
      network_advice_code: '02',
      network_decline_code: '51'
    }
  ],
  [
    '4000000000009987',
    'pm_card_visa_chargeDeclinedLostCard',
    {
      ...cardDeclined,
      decline_code: 'lost_card',
      advice_code: 'do_not_try_again',
      network_advice_code: '01',
      network_decline_code: '41'
    }
  ],
  [
    '4000000000009979',
    'pm_card_visa_chargeDeclinedStolenCard',
    {
      ...cardDeclined,
      decline_code: 'stolen_card',
      advice_code: 'do_not_try_again',
      network_advice_code: '01',
      network_decline_code: '43'
    }
  ],
  [
    '4000000000000069',
    'pm_card_chargeDeclinedExpiredCard',
    {
      code: 'expired_card',
      decline_code: 'expired_card',
      message: 'Your card has expired.',
      param: 'exp_month',
      advice_code: 'confirm_card_data',
      network_advice_code: '03',
      network_decline_code: '54'
    }
  ],
  [
    '4000000000000127',
    'pm_card_chargeDeclinedIncorrectCvc',
    {
      code: 'incorrect_cvc',
      decline_code: 'incorrect_cvc',
      message: "Your card's security code is incorrect.",
      param: 'cvc',
      advice_code: 'confirm_card_data',
      network_advice_code: '03',
      network_decline_code: 'N7'
    }
  ],
  [
    '4000000000000119',
    'pm_card_chargeDeclinedProcessingError',
    {
      code: 'processing_error',
      decline_code: 'processing_error',
      message: 'An error occurred while processing your card. Try again in a little bit.',
      param: '',
      advice_code: 'try_again_later',
      network_decline_code: '06'
    }
  ],
  [
    '4000000000006975',
    'pm_card_visa_chargeDeclinedVelocityLimitExceeded',
    {
      ...cardDeclined,
      decline_code: 'card_velocity_exceeded',
      message:
        'Your card was declined for making repeated attempts too frequently or exceeding its amount limit.',
      advice_code: 'try_again_later',
      network_advice_code: '02',
      network_decline_code: '61'
    }
  ]
]

t.test('refuses a declining card when it is attached, and leaves it unattached', async (t) => {
  const vault = await one()
  const { customer } = await newPair(vault)
  for (const [number, shared, fields] of refusals) {
    await t.test(number, async (t) => {
      const made = await vault.post('/v1/payment_methods', { type: 'card', card: cardOf(number) })
      t.equal(made.status, 200, 'it can be saved')
      const before = await everyRow(vault)
      const calls: [path: string, params: object][] = [
        [`/v1/payment_methods/${String(made.body.id)}/attach`, { customer }],
        [`/v1/payment_methods/${String(made.body.id)}/attach`, { customer, expand: ['customer'] }],
        [`/v1/payment_methods/${shared}/attach`, { customer }],
        ['/v1/customers', { payment_method: String(made.body.id) }],
        ['/v1/customers', { payment_method: shared }]
      ]
      for (const [path, params] of calls) {
        isRefusal(t, await vault.post(path, params), 402, { ...fields, type: 'card_error' })
      }
      t.equal(await everyRow(vault), before)
    })
  }

  const card = { ...cardOf('4000000000000127'), cvc: undefined }
  const unasked = await vault.post('/v1/payment_methods', { type: 'card', card })
  t.equal(
    (await attach(vault, String(unasked.body.id), customer)).status,
    200,
    'a CVC that is not given is not wrong'
  )
})

t.test('refuses a wrong CVC or postal code only where the account blocks them', async (t) => {
  const blocking = await startVault(t, {
    processor: testProcessor({ fingerprintKey, blockFailedCvc: true, blockFailedPostalCode: true })
  })
  const lenient = await one()
  const blocked: [number: string, check: string, error: Json][] = [
    [
      '4000000000000101',
      'cvc_check',
      { code: 'incorrect_cvc', message: "Your card's security code is incorrect.", param: 'cvc' }
    ],
    [
      '4000000000000036',
      'address_postal_code_check',
      {
        code: 'incorrect_zip',
        message:
          'Your card could not be authorized using the postal code provided. Please update the postal code, or contact your card issuer for further details.',
        param: 'address_zip'
      }
    ]
  ]
  for (const [number, check, fields] of blocked) {
    const params = {
      type: 'card',
      card: cardOf(number),
      billing_details: { address: { postal_code: '94107' } }
    }
    const made = await blocking.post('/v1/payment_methods', params)
    const { customer } = await newPair(blocking)
    const before = await everyRow(blocking)
    isRefusal(t, await attach(blocking, String(made.body.id), customer), 402, {
      ...fields,
      type: 'card_error'
    })
    t.equal(await everyRow(blocking), before)

    const other = await lenient.post('/v1/payment_methods', params)
    const { customer: taken } = await newPair(lenient)
    const reply = await attach(lenient, String(other.body.id), taken)
    t.equal(reply.status, 200)
    t.equal(part(reply.body, `card.checks.${check}`), 'fail')
  }
})

t.test('attaches the cards whose trouble comes later', async (t) => {
  const vault = await one()
  const { customer } = await newPair(vault)
  for (const number of [
    '4242424242424242',
    '6011000990139424',
    '371449635398431',
    '4000000000000341',
    '4000002500003155',
    '4000002760003184',
    '4000000000003055',
    '4000003560000008'
  ]) {
    const made = await vault.post('/v1/payment_methods', { type: 'card', card: cardOf(number) })
    const reply = await attach(vault, String(made.body.id), customer)
    t.equal(reply.status, 200, number)
    t.equal(part(reply.body, 'card.checks.cvc_check'), 'pass')
  }
  const wrong = await vault.post('/v1/payment_methods', { type: 'card', card: cardOf('4242424242424241') })
  isRefusal(t, wrong, 402, {
    code: 'incorrect_number',
    message: 'Your card number is incorrect.',
    param: 'number',
    type: 'card_error'
  })
})

t.test('hints at the other mode of the same account, and at no other account', async (t) => {
  const vault = await one()
  const { paymentMethod, customer } = await newPair(vault)
  const live = { key: vault.keys.live }
  const liveCustomer = String((await vault.post('/v1/customers', {}, live)).body.id)
  const hint = (there: string, used: string) =>
    `; a similar object exists in ${there} mode, but a ${used} mode key was used to make this request.`
  const refused = { type: 'invalid_request_error' }

  isRefusal(t, await attach(vault, paymentMethod, liveCustomer), 400, {
    ...missing('customer', liveCustomer, 'customer', hint('live', 'test')),
    ...refused
  })
  const before = await everyRow(vault)
  isRefusal(t, await vault.post(`/v1/payment_methods/${paymentMethod}/attach`, { customer }, live), 404, {
    ...missing('PaymentMethod', paymentMethod, 'payment_method', hint('test', 'live')),
    ...refused
  })
  t.equal(await everyRow(vault), before)

  const stranger = newId('acct')
  await insertAccount(vault.db, stranger)
  for (const livemode of [false, true]) {
    const key = await createKey(vault.db, { account: stranger, livemode, kind: 'secret' })
    const reply = await vault.post(`/v1/payment_methods/${paymentMethod}/attach`, { customer }, { key })
    isRefusal(t, reply, 404, { ...missing('PaymentMethod', paymentMethod, 'payment_method'), ...refused })
    const shared = await vault.post('/v1/payment_methods/pm_card_visa/attach', { customer }, { key })
    t.equal(shared.status, livemode ? 404 : 400, 'there are no shared test cards in live mode')
    if (!livemode) isRefusal(t, shared, 400, { ...missing('customer', customer, 'customer'), ...refused })
  }

  await vault.del(`/v1/customers/${liveCustomer}`, live)
  isRefusal(t, await attach(vault, paymentMethod, liveCustomer), 400, {
    ...missing('customer', liveCustomer, 'customer'),
    ...refused
  })
})

t.test('is not for publishable keys, nor for those who show none', async (t) => {
  const vault = await one()
  const { paymentMethod, customer } = await newPair(vault)
  const path = `/v1/payment_methods/${paymentMethod}/attach`
  for (const key of [vault.keys.publishable, null, 'sk_test_none']) {
    const reply = await vault.post(path, { customer }, { key, headers: { 'idempotency-key': 'k' } })
    t.equal(reply.status, 401)
    t.equal(reply.headers.get('www-authenticate'), 'Bearer realm="Stripe"')
    for (const name of ['request-id', 'stripe-version', 'original-request', 'stripe-should-retry'])
      t.equal(reply.headers.get(name), null)
  }
  t.equal((await eventsOf(vault, paymentMethod)).length, 0)
})

t.test('shows each newer key from its day on', async (t) => {
  const vault = await one()
  const { paymentMethod, customer } = await newPair(vault)
  const shape = async (version: string) => {
    const path = `/v1/payment_methods/${paymentMethod}/attach`
    const { body, headers } = await vault.post(path, { customer }, atVersion(version))
    t.equal(headers.get('stripe-version'), version)
    return body
  }
  const days: [day: string, dayBefore: string, path: string, value: unknown][] = [
    ['2024-02-15', '2024-02-14', 'card.display_brand', 'visa'],
    ['2024-05-09', '2024-05-08', 'allow_redisplay', 'unspecified'],
    ['2024-12-18.acacia', '2024-12-17.acacia', 'card.regulated_status', 'unregulated'],
    ['2025-04-30.basil', '2025-04-29.basil', 'billing_details.tax_id', null],
    ['2025-12-16.clover', '2025-12-15.clover', 'customer_account', null],
    ['2026-06-24.dahlia', '2026-06-23.dahlia', 'shared_payment_granted_token', null]
  ]
  for (const [day, dayBefore, path, value] of days) {
    t.equal(part(await shape(day), path), value, day)
    t.equal(part(await shape(dayBefore), path), undefined, dayBefore)
  }

  t.strictSame(Object.keys(await shape(newest)), [
    'id',
    'object',
    'allow_redisplay',
    'billing_details',
    'card',
    'created',
    'customer',
    'customer_account',
    'livemode',
    'metadata',
    'shared_payment_granted_token',
    'type'
  ])
  const { billing_details: billing, card } = await shape(newest)
  t.strictSame(Object.keys(billing as Json), ['address', 'email', 'name', 'phone', 'tax_id'])
  t.strictSame(Object.keys(card as Json), [
    'brand',
    'checks',
    'country',
    'display_brand',
    'exp_month',
    'exp_year',
    'fingerprint',
    'funding',
    'generated_from',
    'last4',
    'networks',
    'regulated_status',
    'three_d_secure_usage',
    'wallet'
  ])
})

t.test('puts whole objects in the place of ids where it is asked to', async (t) => {
  const vault = await one()
  const { paymentMethod, customer } = await newPair(vault)
  const plain = await attach(vault, paymentMethod, customer)
  const whole = await vault.get(`/v1/customers/${customer}`)

  const reply = await attach(vault, paymentMethod, customer, { expand: ['customer'] })
  t.equal(reply.text, JSON.stringify({ ...plain.body, customer: whole.body }, null, 2))

  const deep = 'customer.invoice_settings.default_payment_method'
  await vault.post(`/v1/customers/${customer}`, {
    invoice_settings: { default_payment_method: paymentMethod }
  })
  const { body } = await attach(vault, paymentMethod, customer, { expand: [deep] })
  t.strictSame(part(body, 'customer.invoice_settings.default_payment_method'), plain.body)

  const fresh = await newPair(vault)
  const first = await attach(vault, fresh.paymentMethod, fresh.customer, { expand: ['customer'] })
  t.equal(part(first.body, 'customer.id'), fresh.customer, 'also on the call that attaches')
  const shared = await attach(vault, 'pm_card_visa', fresh.customer, { expand: ['customer'] })
  t.equal(part(shared.body, 'customer.id'), fresh.customer)
})

t.test('writes nothing but the attach: the customer and other payment methods stay', async (t) => {
  const vault = await one()
  const { paymentMethod, customer } = await newPair(vault)
  const other = await newPair(vault)
  const paths = [`/v1/customers/${customer}`, `/v1/payment_methods/${other.paymentMethod}`]
  const before = await Promise.all(paths.map(async (path) => (await vault.get(path)).text))
  await attach(vault, paymentMethod, customer)
  t.strictSame(await Promise.all(paths.map(async (path) => (await vault.get(path)).text)), before)
})

const attach = (
  vault: TestVault,
  id: string,
  customer: string,
  more: object = {},
  headers: Record<string, string> = {}
): Promise<Reply> => vault.post(`/v1/payment_methods/${id}/attach`, { customer, ...more }, { headers })

const cardOf = (number: string) => ({ ...typedCard, number, cvc: number.startsWith('37') ? '1234' : '123' })

const missing = (noun: string, id: string, param: string, hint = '') => ({
  code: 'resource_missing',
  message: `No such ${noun}: '${id}'${hint}`,
  param
})

/** The whole refusal, byte for byte: which keys, in which order, and the newline behind. */
function isRefusal(
  t: { equal: (a: unknown, b: unknown) => void },
  reply: Reply,
  status: number,
  fields: Json
) {
  const { code } = fields as { code?: string }
  const url = code && { doc_url: `https://stripe.com/docs/error-codes/${code.replaceAll('_', '-')}` }
  const entries = Object.entries({ ...fields, ...url }).sort(([a], [b]) => (a < b ? -1 : 1))
  t.equal(reply.text, `${JSON.stringify({ error: Object.fromEntries(entries) }, null, 2)}\n`)
  t.equal(reply.status, status)
}
