import t from 'tap'
import { unbatched } from '../../../plugins/database/batcher'
import { firstAccount } from '../../../src/resources/accounts/keys'
import type { Call, Vault } from '../../../src/resources/call'
import { objects } from '../../../src/resources/index'
import { accountIn } from '../../../src/protocol/view'
import { CommittedEvents } from '../../../src/resources/events/committed'
import { AttachRefused } from '../../../src/in-process/attach-refused'
import { continuePaymentIntent } from '../../../src/resources/intents/payment/continue'
import { testProcessor } from '../../../src/processor/test/processor'
import { keyFor } from '../../../src/protocol/values/derived-secret'
import { newId, newRequestId } from '../../../src/protocol/values/ids'
import { pageVersion } from '../../../src/protocol/versions'
import { noSuch, parameterMissing, refused } from '../../helpers/document/bodies'
import {
  chargeOf,
  dataOf,
  newCard,
  newCustomer,
  paid,
  pay,
  savedCard,
  type Shown
} from '../../helpers/cards/payments'
import { publishedCards, refusalsAtAttach } from '../../helpers/cards/published-cards'
import { eventsOf, everyRow } from '../../helpers/database/rows'
import { fingerprintKey, type Json, startVault, type TestVault, typedCard } from '../../helpers/vault'

t.setTimeout(300_000)

const newest = { 'stripe-version': '2026-06-24.dahlia' }
/** A call of the vault's own, such as the page makes where somebody authenticates. */
async function callOf({ db, url }: TestVault): Promise<Call> {
  const account = accountIn(await firstAccount(db), false)
  const vault: Vault = {
    db,
    batcher: unbatched(db),
    processor: testProcessor({ fingerprintKey }),
    processorTimeout: 5000,
    parametersKey: keyFor('idempotency parameters', fingerprintKey),
    secretsKey: keyFor('secrets', fingerprintKey),
    defaultVersion: pageVersion,
    publicUrl: undefined,
    committed: new CommittedEvents(),
    objects
  }
  const by = { livemode: false, publishable: false, version: pageVersion, attempt: null, baseUrl: url }
  return {
    vault,
    account,
    ...by,
    get requestId() {
      return newRequestId()
    }
  }
}

const sourceOf = ({ next_action }: Shown): string =>
  (next_action as { use_stripe_sdk: { source: string } }).use_stripe_sdk.source

const path = (intent: Shown | string, verb = '') =>
  `/v1/payment_intents/${typeof intent === 'string' ? intent : intent.id}${verb && `/${verb}`}`

const typesOf = async (vault: TestVault, id: unknown): Promise<string[]> =>
  (await eventsOf(vault, String(id))).map(({ type }) => type).sort()

const spentMessage =
  'The provided PaymentMethod was previously used with a PaymentIntent without Customer attachment, shared with a connected account without Customer attachment, or was detached from a Customer. It may not be used again. To use a PaymentMethod multiple times, you must attach it to a Customer first.'

t.test('makes an intent, in the shape of the newest version and of the oldest', async (t) => {
  const vault = await startVault(t)
  const payment_method = await newCard(vault)
  const { body } = await pay(
    vault,
    { amount: 100, currency: 'eur', payment_method, capture_method: 'manual' },
    newest
  )
  t.match(body.id, /^pi_3[0-9A-Za-z]{23}$/)
  t.match(body.client_secret, new RegExp(`^${body.id}_secret_[0-9A-Za-z]{25}$`))
  const whole = {
    id: body.id,
    object: 'payment_intent',
    allowed_payment_method_types: null,
    amount: 100,
    amount_capturable: 0,
    amount_details: { tip: {} },
    amount_received: 0,
    application: null,
    application_fee_amount: null,
    automatic_payment_methods: null,
    canceled_at: null,
    cancellation_reason: null,
    capture_method: 'manual',
    client_secret: body.client_secret,
    confirmation_method: 'automatic',
    created: body.created,
    currency: 'eur',
    customer: null,
    customer_account: null,
    description: null,
    excluded_payment_method_types: null,
    last_payment_error: null,
    latest_charge: null,
    livemode: false,
    managed_payments: { enabled: false },
    metadata: {},
    next_action: null,
    on_behalf_of: null,
    payment_method,
    payment_method_configuration_details: null,
    payment_method_options: {
      card: { installments: null, mandate_options: null, network: null, request_three_d_secure: 'automatic' }
    },
    payment_method_types: ['card'],
    processing: null,
    receipt_email: null,
    review: null,
    setup_future_usage: null,
    shared_payment_granted_token: null,
    shipping: null,
    source: null,
    statement_descriptor: null,
    statement_descriptor_suffix: null,
    status: 'requires_confirmation',
    transfer_data: null,
    transfer_group: null
  }
  t.equal(JSON.stringify(body), JSON.stringify(whole), 'key for key, in order')

  const oldest = await vault.get(path(body))
  const added = [
    'allowed_payment_method_types',
    'customer_account',
    'excluded_payment_method_types',
    'managed_payments',
    'shared_payment_granted_token'
  ]
  const keys = Object.keys(whole).filter((key) => !added.includes(key))
  keys.splice(keys.indexOf('description') + 1, 0, 'invoice')
  t.same(Object.keys(oldest.body), keys, 'the oldest version has an invoice, and not what was added since')

  t.equal((await pay(vault)).body.status, 'requires_payment_method')
  t.equal((await pay(vault)).body.capture_method, 'automatic')
  t.equal((await pay(vault, {}, newest)).body.capture_method, 'automatic_async')
  t.same(await typesOf(vault, body.id), ['payment_intent.created'])
})

t.test('keeps all that can be said of a payment', async (t) => {
  const vault = await startVault(t)
  const customer = await newCustomer(vault)
  const said = {
    automatic_payment_methods: { allow_redirects: 'never', enabled: true },
    capture_method: 'automatic_async',
    confirmation_method: 'manual',
    currency: 'USD',
    customer,
    description: 'Three books',
    metadata: { order: '7' },
    payment_method_options: { card: { capture_method: 'manual', setup_future_usage: 'on_session' } },
    payment_method_types: ['card'],
    receipt_email: 'ada@example.com',
    setup_future_usage: 'off_session',
    shipping: { address: { line1: '1 Street' }, name: 'Ada', carrier: 'Owl' },
    statement_descriptor: 'BOOKS',
    statement_descriptor_suffix: 'THREE'
  }
  const shown = {
    ...said,
    currency: 'usd',
    shipping: {
      address: { city: null, country: null, line1: '1 Street', line2: null, postal_code: null, state: null },
      carrier: 'Owl',
      name: 'Ada',
      phone: null,
      tracking_number: null
    }
  }
  const made = await pay(vault, said)
  t.match(made.body, shown)
  t.match((await vault.get(path(made.body), { expand: ['customer'] })).body, {
    ...shown,
    customer: { id: customer }
  })

  const updated = await vault.post(path(made.body), {
    amount: 3000,
    currency: 'eur',
    description: 'Four books',
    metadata: { order: '', basket: '8' },
    payment_method_options: { card: { capture_method: '', setup_future_usage: 'none' } },
    receipt_email: '',
    setup_future_usage: '',
    shipping: ''
  })
  t.match(updated.body, {
    amount: 3000,
    currency: 'eur',
    description: 'Four books',
    metadata: { basket: '8' },
    payment_method_options: { card: { setup_future_usage: 'none' } },
    receipt_email: null,
    setup_future_usage: null,
    shipping: null
  })
  t.notOk('order' in (updated.body.metadata as Json))
  t.notOk('capture_method' in (updated.body.payment_method_options as { card: Json }).card)
  t.same((await vault.get(path(made.body))).body, updated.body)
})

t.test('refuses amounts and currencies that can not be charged', async (t) => {
  const vault = await startVault(t)
  const before = await everyRow(vault)
  const tooLittle = {
    code: 'parameter_invalid_integer',
    message:
      'The amount must be greater than or equal to the minimum charge amount allowed for your account and the currency set (https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts).  If you want to save a Payment Method for future use without an immediate payment, use a Setup Intent instead: https://docs.stripe.com/payments/setup-intents',
    param: 'amount'
  }
  for (const amount of [0, -5]) {
    refused(t, await pay(vault, { amount }), 400, {
      code: 'parameter_invalid_integer',
      message: 'This value must be greater than or equal to 1.',
      param: 'amount'
    })
  }
  const least = { usd: 50, gbp: 30, jpy: 50, huf: 17500, czk: 1500, krw: 1 }
  for (const [currency, amount] of Object.entries(least)) {
    if (amount > 1) refused(t, await pay(vault, { amount: amount - 1, currency }), 400, tooLittle, currency)
  }
  for (const [currency, most] of Object.entries({ usd: '$999,999.99', jpy: '¥99,999,999', kwd: 'KWD' })) {
    const { status, body } = await pay(vault, { amount: 100_000_000, currency })
    t.equal(status, 400)
    t.match(body.error, { code: 'amount_too_large', param: 'amount' })
    t.ok(body.error.message.startsWith(`Amount must be no more than ${most}`), currency)
  }
  const unknown = await pay(vault, { currency: 'XYZ' })
  t.equal(unknown.status, 400)
  t.match(unknown.body.error, {
    message: /^Invalid currency: xyz\. Stripe currently supports these currencies: usd, aed, afn, /,
    param: 'currency'
  })
  refused(t, await vault.post('/v1/payment_intents', { amount: 100 }), 400, parameterMissing('currency'))
  refused(t, await vault.post('/v1/payment_intents', { currency: 'usd' }), 400, parameterMissing('amount'))
  t.equal(await everyRow(vault), before, 'nothing was written')
  for (const [currency, amount] of Object.entries(least)) {
    t.equal((await pay(vault, { amount, currency })).status, 200, `the least of ${currency}`)
  }
  t.equal((await pay(vault, { amount: 99_999_999 })).status, 200, 'the most')
})

t.test('refuses what is not there, what is no card, and what nothing stands behind', async (t) => {
  const vault = await startVault(t)
  refused(
    t,
    await pay(vault, { payment_method: 'pm_none' }),
    400,
    noSuch('PaymentMethod', 'pm_none', 'payment_method')
  )
  refused(t, await pay(vault, { customer: 'cus_none' }), 400, noSuch('customer', 'cus_none', 'customer'))
  const intent = (await pay(vault)).body
  for (const verb of ['', 'confirm', 'capture', 'cancel']) {
    refused(t, await vault.post(path('pi_none', verb)), 404, noSuch('payment_intent', 'pi_none', 'intent'))
  }
  refused(t, await vault.get(path('pi_none')), 404, noSuch('payment_intent', 'pi_none', 'intent'))
  const live = await vault.get(path(intent), {}, { key: vault.keys.live })
  t.match(live.body.error, {
    message: `No such payment_intent: '${intent.id}'; a similar object exists in test mode, but a live mode key was used to make this request.`
  })

  const account = { type: 'sepa_debit', sepa_debit: { iban: 'DE89370400440532013000' } }
  const { body: bank } = await vault.post('/v1/payment_methods', {
    ...account,
    billing_details: { name: 'Ada', email: 'ada@example.com' }
  })
  refused(t, await pay(vault, { payment_method: String(bank.id) }), 400, {
    message:
      "This vault confirms intents with cards only, not with payment methods of the type 'sepa_debit'.",
    param: 'payment_method'
  })
  t.match((await pay(vault, { payment_method_types: ['card', 'klarna'] })).body.error, {
    param: 'payment_method_types'
  })

  const nothingBehind: [object, string][] = [
    [{ transfer_data: { destination: 'acct_1' } }, 'transfer_data'],
    [{ application_fee_amount: 5 }, 'application_fee_amount'],
    [{ on_behalf_of: 'acct_1' }, 'on_behalf_of'],
    [{ amount_details: '' }, 'amount_details'],
    [{ mandate: 'mandate_1' }, 'mandate'],
    [{ confirmation_token: 'ctoken_1' }, 'confirmation_token'],
    [{ payment_method_options: { klarna: { a: 1 } } }, 'payment_method_options[klarna]'],
    [{ payment_method_options: { card: { moto: true } } }, 'payment_method_options[card][moto]'],
    [
      { payment_method_options: { card: { request_three_d_secure: 'any' } } },
      'payment_method_options[card][request_three_d_secure]'
    ]
  ]
  for (const [params, param] of nothingBehind) {
    refused(t, await pay(vault, params), 400, {
      message: `This vault does not support the parameter '${param}'.`,
      param
    })
  }
  for (const param of ['off_session', 'return_url', 'error_on_requires_action']) {
    refused(t, await pay(vault, { [param]: param === 'return_url' ? 'https://example.com' : true }), 400, {
      message: `The parameter \`${param}\` cannot be passed when creating a PaymentIntent unless \`confirm\` is set to true.`,
      param
    })
  }
  const { body: missing } = await vault.post(path(intent, 'confirm'))
  t.match(missing.error, {
    code: 'payment_intent_unexpected_state',
    message: /^You cannot confirm this PaymentIntent because it's missing a payment method\./,
    payment_intent: { id: intent.id }
  })
})

t.test('confirms: the money is taken, or reserved and captured', async (t) => {
  const vault = await startVault(t)
  const made = (await pay(vault, { payment_method: await newCard(vault), description: 'Books' })).body
  const confirmed = await vault.post(path(made, 'confirm'), {}, { headers: { 'idempotency-key': 'once' } })
  t.equal(confirmed.status, 200)
  t.match(confirmed.body, {
    status: 'succeeded',
    amount_received: 2000,
    amount_capturable: 0,
    next_action: null
  })
  t.match(confirmed.body.latest_charge, /^ch_3[0-9A-Za-z]{23}$/)
  t.same(await typesOf(vault, made.id), ['payment_intent.created', 'payment_intent.succeeded'])
  t.same(await typesOf(vault, confirmed.body.latest_charge), ['charge.succeeded'])
  t.match(await chargeOf(vault, confirmed.body as Shown), {
    object: 'charge',
    amount: 2000,
    amount_captured: 2000,
    amount_refunded: 0,
    captured: true,
    description: 'Books',
    failure_code: null,
    outcome: {
      network_status: 'approved_by_network',
      type: 'authorized',
      seller_message: 'Payment complete.'
    },
    paid: true,
    payment_intent: made.id,
    payment_method: made.payment_method,
    payment_method_details: { type: 'card', card: { brand: 'visa', last4: '4242', three_d_secure: null } },
    refunded: false,
    status: 'succeeded'
  })

  const reserved = await paid(vault, { capture_method: 'manual' })
  t.match(reserved, { status: 'requires_capture', amount_capturable: 2000, amount_received: 0 })
  t.match(await chargeOf(vault, reserved), { captured: false, paid: true, amount_captured: 0 })
  const captured = await vault.post(path(reserved, 'capture'), { metadata: { a: 'b' } })
  t.match(captured.body, {
    status: 'succeeded',
    amount_capturable: 0,
    amount_received: 2000,
    metadata: { a: 'b' }
  })
  t.match(await chargeOf(vault, reserved), { captured: true, amount_captured: 2000, refunded: false })
  t.same(await typesOf(vault, reserved.id), [
    'payment_intent.amount_capturable_updated',
    'payment_intent.created',
    'payment_intent.succeeded'
  ])
  t.same(await typesOf(vault, reserved.latest_charge), ['charge.captured', 'charge.succeeded'])

  const ofCards = { payment_method_options: { card: { capture_method: 'manual' } } }
  t.equal((await paid(vault, ofCards)).status, 'requires_capture', 'said of cards alone')
})

t.test('captures a part, and never more than is reserved', async (t) => {
  const vault = await startVault(t)
  const reserved = await paid(vault, { capture_method: 'manual' })
  const tooMuch = await vault.post(path(reserved, 'capture'), { amount_to_capture: 2001 })
  t.equal(tooMuch.status, 400)
  t.match(tooMuch.body.error, { param: 'amount_to_capture', payment_intent: { amount_capturable: 2000 } })
  refused(t, await vault.post(path(reserved, 'capture'), { final_capture: false }), 400, {
    message: "This vault does not support the parameter 'final_capture'.",
    param: 'final_capture'
  })
  const part = await vault.post(path(reserved, 'capture'), { amount_to_capture: 700, final_capture: true })
  t.match(part.body, { status: 'succeeded', amount: 2000, amount_capturable: 0, amount_received: 700 })
  t.match(await chargeOf(vault, reserved), {
    amount: 2000,
    amount_captured: 700,
    amount_refunded: 1300,
    captured: true,
    refunded: false
  })
  const again = await vault.post(path(reserved, 'capture'))
  t.equal(again.status, 400)
  t.match(again.body.error, {
    code: 'payment_intent_unexpected_state',
    message: 'This PaymentIntent could not be captured because it has already been captured.',
    payment_intent: { id: reserved.id, status: 'succeeded' }
  })
  const early = await vault.post(path((await pay(vault)).body, 'capture'))
  t.match(early.body.error, {
    code: 'payment_intent_unexpected_state',
    message:
      'This PaymentIntent could not be captured because it has a status of requires_payment_method. Only a PaymentIntent with one of the following statuses may be captured: requires_capture.'
  })
})

t.test('cancels what was not paid, and sets free what was reserved', async (t) => {
  const vault = await startVault(t)
  const open = (await pay(vault)).body
  const reason = { cancellation_reason: 'abandoned' }
  const canceled = await vault.post(path(open, 'cancel'), reason)
  t.match(canceled.body, { status: 'canceled', cancellation_reason: 'abandoned', canceled_at: Number })
  t.same(await typesOf(vault, open.id), ['payment_intent.canceled', 'payment_intent.created'])

  const reserved = await paid(vault, { capture_method: 'manual' })
  t.match((await vault.post(path(reserved, 'cancel'))).body, {
    status: 'canceled',
    amount_capturable: 0,
    amount_received: 0,
    cancellation_reason: null
  })
  t.match(await chargeOf(vault, reserved), {
    amount_captured: 0,
    amount_refunded: 2000,
    captured: false,
    refunded: true
  })
  const late = await vault.post(path(reserved, 'capture'))
  t.match(late.body.error, { message: /because it has a status of canceled\./ })

  const succeeded = await paid(vault)
  for (const [intent, status] of [
    [open, 'canceled'],
    [reserved, 'canceled'],
    [succeeded, 'succeeded']
  ] as const) {
    const { status: answered, body } = await vault.post(path(intent, 'cancel'))
    t.equal(answered, 400)
    t.match(body.error, {
      type: 'invalid_request_error',
      code: 'payment_intent_unexpected_state',
      message: `You cannot cancel this PaymentIntent because it has a status of ${status}. Only a PaymentIntent with one of the following statuses may be canceled: requires_payment_method, requires_capture, requires_confirmation, requires_action, processing.`,
      payment_intent: { id: intent.id, status }
    })
    const confirm = await vault.post(path(intent, 'confirm'), { payment_method: 'pm_card_visa' })
    t.match(confirm.body.error, {
      code: 'payment_intent_unexpected_state',
      message:
        status === 'succeeded'
          ? 'You cannot confirm this PaymentIntent because it has already succeeded after being previously confirmed.'
          : /^You cannot confirm this PaymentIntent because it has a status of canceled\./
    })
  }
})

t.test('takes notes of what is paid, and no other change', async (t) => {
  const vault = await startVault(t)
  const succeeded = await paid(vault)
  const { body } = await vault.post(path(succeeded), { amount: 3000 })
  t.match(body.error, {
    code: 'payment_intent_unexpected_state',
    message:
      "This PaymentIntent's amount could not be updated because it has a status of succeeded. You may only update the amount of a PaymentIntent with one of the following statuses: requires_payment_method, requires_confirmation, requires_action.",
    param: 'amount',
    payment_intent: { amount: 2000 }
  })
  const noted = await vault.post(path(succeeded), { metadata: { seen: 'yes' }, description: 'Late' })
  t.match(noted.body, { metadata: { seen: 'yes' }, description: 'Late', amount: 2000, status: 'succeeded' })
})

t.test('tells of a card that was refused, and lets it be used again', async (t) => {
  const vault = await startVault(t)
  const refusals: Record<string, Record<string, string | undefined>> = {
    ...refusalsAtAttach,
    '4000000000000341': refusalsAtAttach['4000000000000002'] ?? {},
    '4100000000000019': {
      code: 'card_declined',
      decline_code: 'fraudulent',
      message: 'Your card was declined.'
    }
  }
  for (const [number, refusal] of Object.entries(refusals)) {
    const payment_method = await newCard(vault, number)
    const reply = await pay(vault, { payment_method, confirm: true })
    t.equal(reply.status, 402, number)
    const { error } = reply.body
    const { param, ...rest } = refusal
    const told = {
      ...rest,
      ...(param !== undefined && param !== '' && { param }),
      charge: error.charge,
      doc_url: `https://stripe.com/docs/error-codes/${String(refusal.code).replaceAll('_', '-')}`,
      type: 'card_error'
    }
    const { payment_intent: intent, payment_method: shown, ...others } = error
    t.same(others, told)
    t.match(shown, { id: payment_method, object: 'payment_method', customer: null })
    t.match(intent, {
      object: 'payment_intent',
      status: 'requires_payment_method',
      payment_method: null,
      latest_charge: error.charge,
      amount_received: 0
    })
    t.same(Object.keys(error), Object.keys(error).sort(), 'ascending')
    const { payment_method: ofLast, ...last } = intent.last_payment_error as Json
    t.same(last, told)
    t.match(ofLast, { id: payment_method })
    t.same((await vault.get(path(intent))).body, intent, 'what was told is what is kept')

    t.match(await chargeOf(vault, intent), {
      captured: false,
      failure_code: refusal.code,
      failure_message: refusal.message,
      outcome: {
        network_status: 'declined_by_network',
        reason: refusal.decline_code,
        type: 'issuer_declined'
      },
      paid: false,
      refunded: false,
      status: 'failed'
    })
    t.same(await typesOf(vault, intent.id), ['payment_intent.created', 'payment_intent.payment_failed'])
    t.same(await typesOf(vault, error.charge), ['charge.failed'])
    t.equal((await pay(vault, { payment_method, confirm: true })).status, 402, 'it may be tried again')
  }

  const declined = await pay(vault, { payment_method: 'pm_card_visa_chargeDeclined', confirm: true })
  const intent = declined.body.error.payment_intent
  const other = await vault.post(path(intent, 'confirm'), { payment_method: 'pm_card_visa' })
  t.match(other.body, { status: 'succeeded', last_payment_error: null }, 'another card pays for it')
})

t.test(
  'does with each published card what is published of it, with its holder present and without',
  async (t) => {
    const vault = await startVault(t)
    const wants = [
      '4000002500003155',
      '4000002760003184',
      '4000008260003178',
      '4000000000003220',
      '4000008400001629'
    ]
    const declines = [
      ...Object.keys(refusalsAtAttach),
      '4000000000000341',
      '4100000000000019',
      '4000008400001280'
    ]
    const onSession = [...wants, '4000003800000446']
    for (const { number, attach } of publishedCards) {
      if (attach === 'never_made') continue
      const present = await pay(vault, { payment_method: await newCard(vault, number), confirm: true })
      const away = await pay(vault, {
        payment_method: await newCard(vault, number),
        confirm: true,
        off_session: true
      })
      if (declines.includes(number)) {
        t.same([present.status, away.status], [402, 402], number)
        continue
      }
      t.equal(present.body.status, onSession.includes(number) ? 'requires_action' : 'succeeded', number)
      if (!wants.includes(number)) {
        t.equal(away.body.status, 'succeeded', number)
        continue
      }
      t.equal(away.status, 402, number)
      t.match(away.body.error, {
        code: 'authentication_required',
        decline_code: 'authentication_required',
        message: 'Your card was declined. This transaction requires authentication.',
        charge: /^ch_/,
        payment_intent: { status: 'requires_payment_method', next_action: null }
      })
    }
  }
)

t.test('uses a card up that nobody saved', async (t) => {
  const vault = await startVault(t)
  const customer = await newCustomer(vault)
  for (const params of [{}, { customer }, { capture_method: 'manual' }]) {
    const intent = await paid(vault, params)
    const { payment_method } = intent
    t.match((await vault.get(`/v1/payment_methods/${payment_method}`)).body, { customer: null })
    refused(t, await pay(vault, { payment_method }), 400, { message: spentMessage })
    refused(t, await pay(vault, { payment_method, confirm: true }), 400, { message: spentMessage })
    const attach = await vault.post(`/v1/payment_methods/${payment_method}/attach`, { customer })
    refused(t, attach, 400, {
      message:
        'This PaymentMethod was previously used without being attached to a Customer or was detached from a Customer, and may not be used again.'
    })
  }
  const kept = await paid(vault, { setup_future_usage: 'off_session' })
  const attach = await vault.post(`/v1/payment_methods/${kept.payment_method}/attach`, { customer })
  t.equal(
    attach.status,
    200,
    'one that is to be kept can still be attached, also without a customer at first'
  )
})

t.test('saves a card with its first payment', async (t) => {
  const vault = await startVault(t)
  const ofCards = { payment_method_options: { card: { setup_future_usage: 'off_session' } } }
  for (const params of [
    { setup_future_usage: 'off_session' },
    { setup_future_usage: 'on_session', capture_method: 'manual' },
    ofCards
  ]) {
    const customer = await newCustomer(vault)
    const { payment_method } = await paid(vault, { customer, ...params })
    const saved = await vault.get(`/v1/payment_methods/${payment_method}`)
    t.match(saved.body, { customer, card: { checks: { cvc_check: 'pass' } } })
    t.same(await typesOf(vault, payment_method), ['payment_method.attached'])
    const defaults = { invoice_settings: { default_payment_method: payment_method } }
    const updated = await vault.post(`/v1/customers/${customer}`, defaults)
    t.match(updated.body, defaults, 'it can be the default')
    const later = await pay(vault, { customer, payment_method, confirm: true, off_session: true })
    t.equal(later.body.status, 'succeeded', 'and pay again')
  }
  const none = await paid(vault, {
    customer: await newCustomer(vault),
    setup_future_usage: 'off_session',
    payment_method_options: { card: { setup_future_usage: 'none' } }
  })
  t.match((await vault.get(`/v1/payment_methods/${none.payment_method}`)).body, { customer: null })

  const { customer, payment_method } = await savedCard(vault)
  const again = await pay(vault, {
    customer,
    payment_method,
    confirm: true,
    setup_future_usage: 'off_session'
  })
  t.equal(again.body.status, 'succeeded', 'one that is saved already')
  t.same(await typesOf(vault, payment_method), ['payment_method.attached'], 'stays as it is')

  const number = '4000000000000341'
  const declined = await newCard(vault, number)
  await pay(vault, { customer, payment_method: declined, confirm: true, setup_future_usage: 'off_session' })
  t.match(
    (await vault.get(`/v1/payment_methods/${declined}`)).body,
    { customer: null },
    'not when it is refused'
  )
  t.equal((await vault.post(`/v1/payment_methods/${declined}/attach`, { customer })).status, 200)
})

t.test("refuses another customer's card", async (t) => {
  const vault = await startVault(t)
  const { payment_method } = await savedCard(vault)
  for (const customer of [{}, { customer: await newCustomer(vault) }]) {
    const reply = await pay(vault, { payment_method, ...customer, confirm: true })
    t.equal(reply.status, 400)
    t.match(reply.body.error, { type: 'invalid_request_error', message: new RegExp(payment_method) })
  }
  t.notOk((await everyRow(vault)).includes('payment_intent.created'), 'no intent was made')
})

t.test('makes the card of a payment on the way', async (t) => {
  const vault = await startVault(t)
  const customer = await newCustomer(vault)
  const data = {
    type: 'card',
    card: typedCard,
    billing_details: { name: 'Ada' },
    metadata: { kept: 'yes' }
  }
  const { body } = await pay(vault, {
    customer,
    payment_method_data: data,
    confirm: true,
    setup_future_usage: 'off_session',
    expand: ['payment_method', 'latest_charge']
  })
  t.match(body, {
    status: 'succeeded',
    payment_method: { customer, billing_details: { name: 'Ada' }, metadata: { kept: 'yes' } },
    latest_charge: { object: 'charge', billing_details: { name: 'Ada' } }
  })
  const open = (await pay(vault)).body
  const confirmed = await vault.post(path(open, 'confirm'), {
    payment_method_data: { type: 'card', card: { token: 'tok_mastercard' } },
    expand: ['latest_charge.payment_intent']
  })
  t.match(confirmed.body.latest_charge, {
    payment_method_details: { card: { brand: 'mastercard' } },
    payment_intent: { id: open.id }
  })
  const shared = await pay(vault, { payment_method: 'pm_card_visa', confirm: true })
  t.match(shared.body, { status: 'succeeded', payment_method: /^pm_1/ })
})

t.test('waits for an authentication, where that can be', async (t) => {
  const vault = await startVault(t)
  const number = '4000002760003184'
  const waiting = await paid(vault, { payment_method: await newCard(vault, number) })
  t.match(waiting, {
    status: 'requires_action',
    latest_charge: null,
    next_action: { type: 'use_stripe_sdk', use_stripe_sdk: { type: 'three_d_secure_redirect' } }
  })
  t.same(await typesOf(vault, waiting.id), ['payment_intent.created', 'payment_intent.requires_action'])
  const redirected = await paid(vault, {
    payment_method: await newCard(vault, number),
    return_url: 'https://example.com/back'
  })
  t.match(redirected.next_action, {
    type: 'redirect_to_url',
    redirect_to_url: { return_url: 'https://example.com/back' }
  })

  const error = await pay(vault, {
    payment_method: await newCard(vault, number),
    confirm: true,
    error_on_requires_action: true
  })
  t.equal(error.status, 402)
  t.match(error.body.error, {
    code: 'authentication_required',
    decline_code: 'authentication_not_handled',
    payment_intent: { status: 'requires_payment_method' }
  })

  const changed = await vault.post(path(waiting), { amount: 2500 })
  t.match(changed.body, { status: 'requires_confirmation', next_action: null, amount: 2500 })
  const other = await vault.post(path(redirected, 'confirm'), { payment_method: 'pm_card_visa' })
  t.match(other.body, { status: 'succeeded', next_action: null }, 'another card needs none')
  const third = await paid(vault, { payment_method: await newCard(vault, number) })
  t.match((await vault.post(path(third, 'cancel'))).body, { status: 'canceled', next_action: null })
})

t.test('goes on after an authentication, at once or at the next confirm', async (t) => {
  const vault = await startVault(t)
  const call = await callOf(vault)
  const goOn = async (intent: Shown, outcome: 'succeeded' | 'failed', source = sourceOf(intent)) => {
    const answer = await continuePaymentIntent(call, intent.id, source, outcome)
    return { status: answer.status, body: JSON.parse(answer.body) as Shown }
  }
  const wanting = async (params: object = {}, number = '4000002760003184') =>
    paid(vault, { payment_method: await newCard(vault, number), ...params })

  const customer = await newCustomer(vault)
  const waiting = await wanting({ customer, setup_future_usage: 'off_session' })
  const stray = await goOn(waiting, 'succeeded', 'src_another')
  t.equal(
    stray.body.status,
    'requires_action',
    'of an authentication that it does not wait for it stays as it is'
  )
  const passed = await goOn(waiting, 'succeeded')
  t.match(passed.body, { status: 'succeeded', next_action: null })
  t.match((await chargeOf(vault, passed.body)).payment_method_details, {
    card: { three_d_secure: { result: 'authenticated' } }
  })
  t.match(
    (await vault.get(`/v1/payment_methods/${waiting.payment_method}`)).body,
    { customer },
    'and attaches'
  )
  t.equal((await goOn(waiting, 'failed')).body.status, 'succeeded', 'a second time changes nothing')

  const failing = await wanting()
  t.match((await goOn(failing, 'failed')).body, {
    status: 'requires_payment_method',
    latest_charge: null,
    payment_method: null,
    next_action: null,
    last_payment_error: {
      code: 'payment_intent_authentication_failure',
      doc_url: 'https://stripe.com/docs/error-codes/payment-intent-authentication-failure',
      message:
        'The provided PaymentMethod has failed authentication. You can provide payment_method_data or a new PaymentMethod to attempt to fulfill this PaymentIntent again.',
      payment_method: { id: failing.payment_method },
      type: 'invalid_request_error'
    }
  })
  t.same(await typesOf(vault, failing.id), [
    'payment_intent.created',
    'payment_intent.payment_failed',
    'payment_intent.requires_action'
  ])

  const poor = await goOn(await wanting({}, '4000008260003178'), 'succeeded')
  t.equal(poor.status, 402)
  t.match(poor.body.error, {
    decline_code: 'insufficient_funds',
    payment_intent: { status: 'requires_payment_method' }
  })

  const manual = await wanting({ confirmation_method: 'manual' })
  t.match((await goOn(manual, 'succeeded')).body, { status: 'requires_confirmation', next_action: null })
  t.match(
    (await vault.post(path(manual, 'confirm'))).body,
    { status: 'succeeded' },
    'it is not asked for again'
  )
  const changed = await wanting({ confirmation_method: 'manual' })
  await goOn(changed, 'succeeded')
  await vault.post(path(changed), { amount: 9000 })
  t.match(
    (await vault.post(path(changed, 'confirm'))).body,
    { status: 'requires_action' },
    'but for another amount'
  )

  const robbed = await wanting()
  await vault.post(`/v1/payment_methods/${robbed.payment_method}/attach`, { customer })
  const { body } = await goOn(robbed, 'succeeded')
  t.match(
    body,
    { status: 'requires_payment_method', payment_method: null },
    'whose card went elsewhere meanwhile'
  )
  t.match(body.last_payment_error, { message: new RegExp(robbed.payment_method) })
})

t.test("takes the money all the same where the host's own rule refuses the attach", async (t) => {
  let refuses = true
  const vault = await startVault(t, {
    beforeAttach: () => {
      if (refuses) throw new AttachRefused({ message: 'No more cards for you.' })
    }
  })
  const customer = await newCustomer(vault)
  const intent = await paid(vault, { customer, setup_future_usage: 'off_session' })
  t.equal(intent.status, 'succeeded')
  const saved = `/v1/payment_methods/${intent.payment_method}`
  t.match((await vault.get(saved)).body, { customer: null })
  t.same(await typesOf(vault, intent.payment_method), [], 'and no event tells of an attach')
  refuses = false
  t.match((await vault.post(`${saved}/attach`, { customer })).body, { customer })
})

t.test('lets a browser confirm and retrieve, and shows it less', async (t) => {
  const vault = await startVault(t)
  const key = vault.keys.publishable
  const browser = { key }
  const customer = await newCustomer(vault)
  const intent = (await pay(vault, { customer, metadata: { secret: 'note' } })).body
  const { client_secret } = intent
  const other = (await pay(vault)).body.client_secret

  refused(t, await vault.get(path(intent), {}, browser), 400, parameterMissing('client_secret'))
  refused(t, await vault.post(path(intent, 'confirm'), {}, browser), 400, parameterMissing('client_secret'))
  const wrong = {
    code: 'resource_missing',
    message: 'The client_secret provided does not match any associated PaymentIntent on this account.',
    param: 'client_secret'
  }
  for (const given of [other, `${intent.id}_secret_0`, 'x']) {
    refused(t, await vault.get(path(intent), { client_secret: given }, browser), 400, wrong)
    refused(t, await vault.get(path(intent), { client_secret: given }), 400, wrong)
    refused(t, await vault.post(path(intent, 'confirm'), { client_secret: given }, browser), 400, wrong)
  }
  refused(t, await vault.get(path(`pi_${'é'.repeat(2000)}`), { client_secret }, browser), 400, wrong)
  for (const [verb, params] of [
    ['', { client_secret }],
    ['capture', {}],
    ['cancel', {}]
  ] as const) {
    t.match((await vault.post(path(intent, verb), params, browser)).body.error, {
      code: 'secret_key_required'
    })
  }
  for (const params of [
    { off_session: true },
    { capture_method: 'manual' },
    { payment_method_options: { card: { capture_method: 'manual' } } }
  ]) {
    const reply = await vault.post(path(intent, 'confirm'), { client_secret, ...params }, browser)
    t.equal(reply.status, 400, JSON.stringify(params))
  }

  const seen = await vault.get(path(intent), { client_secret, expand: ['customer'] }, browser)
  t.same(Object.keys(seen.body), [
    'id',
    'object',
    'amount',
    'amount_details',
    'automatic_payment_methods',
    'canceled_at',
    'cancellation_reason',
    'capture_method',
    'client_secret',
    'confirmation_method',
    'created',
    'currency',
    'description',
    'last_payment_error',
    'livemode',
    'next_action',
    'payment_method',
    'payment_method_configuration_details',
    'payment_method_types',
    'processing',
    'receipt_email',
    'setup_future_usage',
    'shipping',
    'source',
    'status'
  ])
  const data = { type: 'card', card: typedCard }
  const declined = await vault.post(
    path(intent, 'confirm'),
    { client_secret, payment_method_data: { ...data, card: { token: 'tok_visa_chargeDeclined' } } },
    browser
  )
  t.equal(declined.status, 402)
  t.notMatch(declined.text, /note|fingerprint|cus_/, 'nor in an error')
  const confirmed = await vault.post(
    path(intent, 'confirm'),
    {
      client_secret,
      payment_method_data: data,
      expand: ['payment_method.customer'],
      setup_future_usage: 'off_session'
    },
    browser
  )
  t.match(confirmed.body, { status: 'succeeded', payment_method: { object: 'payment_method' } })
  t.notMatch(confirmed.text, /note|fingerprint|invoice_prefix/, 'nor what was expanded')
  t.match((await vault.get(path(intent))).body, { customer, metadata: { secret: 'note' } })

  const manual = (await pay(vault, { confirmation_method: 'manual', payment_method: 'pm_card_visa' })).body
  const refusedThere = await vault.post(
    path(manual, 'confirm'),
    { client_secret: manual.client_secret },
    browser
  )
  t.match(refusedThere.body.error, { message: /cannot be confirmed using your publishable key/ })
})

t.test('lists intents and charges, newest first, in pages and by customer', async (t) => {
  const vault = await startVault(t)
  const { customer, payment_method } = await savedCard(vault)
  const made: string[] = []
  for (let i = 0; i < 5; i++) {
    const params = i % 2 === 0 ? { customer, payment_method, confirm: true } : {}
    made.unshift((await pay(vault, params)).body.id)
  }
  const ids = (reply: { body: Json }) => dataOf(reply).map(({ id }) => id)
  const all = await vault.get('/v1/payment_intents')
  t.same(ids(all), made)
  t.match(all.body, { object: 'list', has_more: false, url: '/v1/payment_intents' })
  const theirs = made.filter((_id, i) => i % 2 === 0)
  t.same(ids(await vault.get('/v1/payment_intents', { customer })), theirs)
  const first = await vault.get('/v1/payment_intents', { limit: 2 })
  t.same([ids(first), first.body.has_more], [made.slice(0, 2), true])
  t.same(ids(await vault.get('/v1/payment_intents', { starting_after: made[1] })), made.slice(2))
  t.same(ids(await vault.get('/v1/payment_intents', { ending_before: made[1] })), made.slice(0, 1))
  t.same(
    ids(await vault.get('/v1/payment_intents', { created: { gt: Math.floor(Date.now() / 1000) + 9 } })),
    []
  )
  const expanded = await vault.get('/v1/payment_intents', { customer, expand: ['data.latest_charge'] })
  t.match(dataOf(expanded)[0], { latest_charge: { object: 'charge' } })

  const charges = await vault.get('/v1/charges', { customer })
  t.equal(dataOf(charges).length, 3)
  const [newestCharge] = ids(charges)
  t.same(ids(await vault.get('/v1/charges', { payment_intent: made[0] })), [newestCharge])
  t.same(ids(await vault.get('/v1/charges', { limit: 1 })), [newestCharge])
  t.same(ids(await vault.get('/v1/charges', { starting_after: newestCharge })), ids(charges).slice(1))

  const bad = { customer: 'cus_none' }
  refused(t, await vault.get('/v1/payment_intents', bad), 400, noSuch('customer', 'cus_none', 'customer'))
  refused(
    t,
    await vault.get('/v1/payment_intents', { starting_after: 'pi_none' }),
    400,
    noSuch('payment_intent', 'pi_none', 'starting_after')
  )
  refused(t, await vault.get('/v1/charges/ch_none'), 404, noSuch('charge', 'ch_none', 'id'))
})

t.test('shows what happened in events, in the version of whoever reads them', async (t) => {
  const vault = await startVault(t)
  const intent = await paid(vault, { customer: await newCustomer(vault), setup_future_usage: 'off_session' })
  const listed = await vault.get('/v1/events', {}, { headers: newest })
  const events = dataOf(listed)
  t.same(events.map(({ type }) => String(type)).sort(), [
    'charge.succeeded',
    'customer.created',
    'payment_intent.created',
    'payment_intent.succeeded',
    'payment_method.attached'
  ])
  const succeeded = events.find(({ type }) => type === 'payment_intent.succeeded')
  const now = await vault.get(path(intent), {}, { headers: newest })
  t.same((succeeded?.data as Json).object, now.body, 'the object is that of a retrieve')
})

t.test('saves and pays by the SDK, as the reference page recommends', async (t) => {
  const vault = await startVault(t)
  const stripe = vault.stripe()
  const customer = await stripe.customers.create({ name: 'Ada' })
  const first = await stripe.paymentIntents.create({
    amount: 1099,
    currency: 'usd',
    customer: customer.id,
    setup_future_usage: 'off_session',
    payment_method: 'pm_card_visa',
    confirm: true
  })
  t.equal(first.status, 'succeeded')
  const [saved] = (await stripe.customers.listPaymentMethods(customer.id)).data
  t.equal(saved?.id, first.payment_method)
  const later = await stripe.paymentIntents.create({
    amount: 2099,
    currency: 'usd',
    customer: customer.id,
    payment_method: saved?.id ?? '',
    off_session: true,
    confirm: true,
    expand: ['latest_charge']
  })
  t.match(later, { status: 'succeeded', latest_charge: { amount: 2099, paid: true } })
  const refund = await stripe.refunds.create({ payment_intent: later.id, amount: 99 })
  t.match(refund, { status: 'succeeded', amount: 99 })
  const declined = await stripe.paymentIntents
    .create({ amount: 500, currency: 'usd', payment_method: 'pm_card_visa_chargeDeclined', confirm: true })
    .catch((error: unknown) => error)
  t.match(declined, {
    type: 'StripeCardError',
    decline_code: 'generic_decline',
    payment_intent: { status: 'requires_payment_method' }
  })
})

t.test('does once what is sent twice', async (t) => {
  const vault = await startVault(t)
  const params = { payment_method: 'pm_card_visa', confirm: true }
  const key = { 'idempotency-key': newId('key') }
  const first = await pay(vault, params, key)
  const again = await pay(vault, params, key)
  t.equal(again.text, first.text)
  t.equal(again.headers.get('idempotent-replayed'), 'true')

  const declined = { payment_method: 'pm_card_visa_chargeDeclined', confirm: true }
  const other = { 'idempotency-key': newId('key') }
  const refusal = await pay(vault, declined, other)
  t.equal((await pay(vault, declined, other)).text, refusal.text)
  t.equal(refusal.headers.get('stripe-should-retry'), 'false')

  const together = { 'idempotency-key': newId('key') }
  const answers = await Promise.all(Array.from({ length: 8 }, () => pay(vault, params, together)))
  const texts = new Set(answers.filter(({ status }) => status === 200).map(({ text }) => text))
  t.equal(texts.size, 1, 'one answer, the others the same or a 409')
  t.same(
    answers.map(({ status }) => status).filter((status) => status !== 200 && status !== 409),
    []
  )
  t.equal(dataOf(await vault.get('/v1/charges')).length, 3, 'one charge each')
})

t.test('no card number and no CVC is in the database', async (t) => {
  const vault = await startVault(t)
  await paid(vault)
  await pay(vault, { payment_method_data: { type: 'card', card: typedCard }, confirm: true })
  t.notMatch(await everyRow(vault), /4242424242424242|"cvc"/)
})
