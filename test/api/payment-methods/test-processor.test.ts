import { inspect } from 'node:util'
import t from 'tap'
import { WireError } from '../../../plugins/errors/errors'
import type { CardDetails, CardProcessor, TokenizedCard } from '../../../src/processor/card-processor'
import type { ProcessorContext } from '../../../src/processor/context'
import { CardRefused } from '../../../src/processor/card-processor'
import type { Payment, PaymentProcessor, SetUp } from '../../../src/processor/payment-processor'
import { TEST_CARDS, testCardOfSlug } from '../../../src/processor/test/cards'
import { TEST_CARDS_BY_COUNTRY } from '../../../src/processor/test/cards-by-country'
import { testProcessor } from '../../../src/processor/test/processor'
import { publishedCards, refusalsAtAttach } from '../../helpers/cards/published-cards'

const fingerprintKey = 'a key of at least sixteen bytes'
const now = () => new Date('2026-08-15T12:00:00Z')
const processor = testProcessor({ fingerprintKey, now })
const blocking = testProcessor({ fingerprintKey, now, blockFailedCvc: true, blockFailedPostalCode: true })
const context: ProcessorContext = { account: 'acct_1', livemode: false, idempotencyKey: 'key_1' }
const address = { line1: '510 Townsend St', postal_code: '94103' }

const card = (more: Partial<CardDetails> = {}): CardDetails => ({
  number: '4242424242424242',
  exp_month: 12,
  exp_year: 2034,
  ...more
})

/** The error hash of the 402 that the work has to end with. */
async function refusal(work: Promise<unknown>): Promise<Record<string, unknown>> {
  const error = await caught(work)
  if (error instanceof CardRefused && error.status === 402 && error.executed) return error.fields
  throw new Error('expected a refusal', { cause: error })
}

const caught = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => error
  )

t.test('every published card, by number', async (t) => {
  t.equal(publishedCards.length, 48)
  for (const published of publishedCards) {
    const details = card({
      number: published.number,
      cvc: published.brand === 'amex' ? '1234' : '123',
      address
    })
    if (published.attach === 'never_made') {
      t.match(await refusal(processor.tokenize(details, context)), { code: 'incorrect_number' })
      continue
    }
    const made = await processor.tokenize(details, context)
    t.same(
      { ...made, token: '', fingerprint: '', verify: false, three_d_secure_usage: null },
      {
        token: '',
        brand: published.brand,
        country: published.country,
        display_brand: published.displayBrand,
        exp_month: 12,
        exp_year: 2034,
        fingerprint: '',
        funding: published.funding,
        last4: published.number.slice(-4),
        networks: { available: [published.brand], preferred: null },
        regulated_status: 'unregulated',
        three_d_secure_usage: null,
        checks: {
          address_line1_check: 'pass',
          address_postal_code_check: 'pass',
          cvc_check: 'pass',
          ...published.failing
        },
        verify: false
      },
      published.number
    )
    t.same(made.three_d_secure_usage, { supported: published.number !== '378282246310005' })
    const declines = published.attach === 'declines'
    t.equal(made.verify, declines, `${published.number} is asked about only where it declines`)
    if (declines) {
      t.same(await refusal(processor.verify(made.token, context)), {
        ...refusalsAtAttach[published.number],
        type: 'card_error'
      })
    } else {
      t.equal(await processor.verify(made.token, context), undefined)
    }
  }
})

t.test('every published card, by shared id and by token', async (t) => {
  for (const { number, paymentMethod, token, failing } of publishedCards) {
    if (paymentMethod === undefined) continue
    const byNumber = await processor.tokenize(card({ number, cvc: '123' }), context)
    const byId = await processor.sharedPaymentMethod(paymentMethod, context)
    t.same(
      byId,
      {
        ...byNumber,
        token: byId?.token,
        exp_month: 8,
        exp_year: 2027,
        checks: { ...byNumber.checks, ...failing }
      },
      `${paymentMethod} is ${number}, one year ahead`
    )
    t.equal(await processor.redeem(paymentMethod, context), undefined, 'an id is not a token')
    if (token === undefined) {
      t.equal(await processor.redeem(paymentMethod.replace('pm_card_', 'tok_'), context), undefined)
    } else {
      t.same(await processor.redeem(token, context), byId, token)
      t.equal(await processor.sharedPaymentMethod(token, context), undefined, 'a token is not an id')
    }
    if (byId?.verify) await refusal(processor.verify(byId.token, context))
  }
})

t.test('other spellings of the same card, and cards by country and network', async (t) => {
  const last4 = async (id: string) => (await processor.sharedPaymentMethod(id, context))?.last4
  t.equal(await last4('pm_card_chargeDeclined'), '0002')
  t.equal(await last4('pm_card_chargeDeclinedInsufficientFunds'), '9995')
  t.equal(await last4('pm_card_chargeDeclinedLostCard'), '9987')
  t.equal(await last4('pm_card_chargeDeclinedStolenCard'), '9979')
  t.equal(await last4('pm_card_chargeDeclinedVelocityLimitExceeded'), '6975')
  t.equal(await last4('pm_card_visa_chargeDeclinedExpiredCard'), '0069')
  t.equal(await last4('pm_card_amex_threeDSecureNotSupported'), '0005')
  t.equal(await last4('pm_card_debit_visaFsaProductCode'), '0072')
  for (const unknown of ['pm_card_nobody', 'pm_1MqM05LkdIwHu7ixlDxxO6Mc', '__proto__', 'visa_us_4242', '']) {
    t.equal(await last4(unknown), undefined)
  }
  for (const country of ['gb', 'au', 'jp']) {
    t.match(await processor.redeem(`tok_${country}`, context), {
      brand: 'visa',
      country: country.toUpperCase()
    })
  }
  t.match(await processor.redeem('tok_visa_debit_eftposAuCoBranded', context), {
    brand: 'visa',
    country: 'AU',
    funding: 'debit',
    networks: { available: ['eftpos_au', 'visa'], preferred: null }
  })
})

t.test('every card has a name and a number of its own, and can be made by its number', async (t) => {
  const all = [...TEST_CARDS, ...TEST_CARDS_BY_COUNTRY]
  const names = all.flatMap(({ paymentMethods, tokens }) => [...paymentMethods, ...tokens])
  for (const keys of [all.map(({ slug }) => slug), all.map(({ number }) => number), names]) {
    t.equal(new Set(keys).size, keys.length)
  }
  for (const { number, attach } of all) {
    if (attach === 'never_made') continue
    const made = await processor.tokenize(card({ number }), context)
    t.equal(made.last4, number.slice(-4))
  }
})

t.test('remembers what cards do when money is asked of them', (t) => {
  const confirm = (slug: string) => testCardOfSlug(slug)?.confirm
  t.equal(confirm('visa_us_4242'), 'succeeds')
  t.equal(confirm('visa_us_0341'), 'declines')
  t.equal(confirm('visa_fr_3155'), 'authenticates_unless_set_up')
  t.equal(confirm('visa_de_3184'), 'authenticates')
  t.equal(confirm('visa_it_0446'), 'authenticates_on_session')
  t.equal(confirm('visa_gb_3178'), 'authenticates_then_declines')
  t.equal(testCardOfSlug('visa_us_0019')?.decline?.decline_code, 'fraudulent')
  t.end()
})

t.test('checks only what was given', async (t) => {
  const none = { address_line1_check: null, address_postal_code_check: null, cvc_check: null }
  const checks = async (more: Partial<CardDetails>) => (await processor.tokenize(card(more), context)).checks
  t.same(await checks({}), none)
  t.same(await checks({ address: { city: 'Paris', line1: '' } }), none)
  t.same(await checks({ cvc: '123' }), { ...none, cvc_check: 'pass' })
  t.same(await checks({ address: { line1: 'a' } }), { ...none, address_line1_check: 'pass' })
  t.same(await checks({ address: { postal_code: '1' } }), { ...none, address_postal_code_check: 'pass' })
  t.same(await checks({ number: '4000000000000101' }), none)
  t.same(await checks({ number: '4000000000000010', cvc: '123' }), { ...none, cvc_check: 'pass' })
})

t.test('the card with the wrong CVC is attached where no CVC was given', async (t) => {
  const made = await processor.tokenize(card({ number: '4000000000000127', address }), context)
  t.equal(made.verify, false)
  t.equal(await processor.verify(made.token, context), undefined)
})

t.test('blocks a failed CVC where the account says so and one was given', async (t) => {
  const number = '4000000000000101'
  const given = await blocking.tokenize(card({ number, cvc: '123' }), context)
  t.equal(given.verify, true)
  t.same(await refusal(blocking.verify(given.token, context)), {
    code: 'incorrect_cvc',
    message: "Your card's security code is incorrect.",
    param: 'cvc',
    type: 'card_error'
  })
  t.equal(await processor.verify(given.token, context), undefined, 'the rule that counts is that of today')
  const without = await blocking.tokenize(card({ number, address }), context)
  t.equal(without.verify, false)
  t.equal(await blocking.verify(without.token, context), undefined)
  await refusal(blocking.verify(await sharedToken(blocking, 'pm_card_cvcCheckFail'), context))
})

t.test('blocks a failed postal code where the account says so and one was given', async (t) => {
  for (const number of ['4000000000000036', '4000000000000010']) {
    const given = await blocking.tokenize(card({ number, address: { postal_code: '94103' } }), context)
    t.equal(given.verify, true)
    t.same(await refusal(blocking.verify(given.token, context)), {
      code: 'incorrect_zip',
      message:
        'Your card could not be authorized using the postal code provided. Please update the postal code, or contact your card issuer for further details.',
      param: 'address_zip',
      type: 'card_error'
    })
    const without = await blocking.tokenize(card({ number, cvc: '123', address: { line1: 'x' } }), context)
    t.equal(without.verify, false)
  }
  for (const number of ['4242424242424242', '4000000000000028', '4000000000000044']) {
    t.equal((await blocking.tokenize(card({ number, cvc: '123', address }), context)).verify, false)
  }
  await refusal(blocking.verify(await sharedToken(blocking, 'pm_card_avsZipFail'), context))
})

t.test('refuses numbers that can not be a card', async (t) => {
  const wrong = [
    '4242424242424241',
    '42424242424242',
    '424242424242424242424',
    '4242x',
    '',
    '6200000000000006'
  ]
  for (const number of wrong) {
    t.same(await refusal(processor.tokenize(card({ number }), context)), {
      code: 'incorrect_number',
      message: 'Your card number is incorrect.',
      param: 'number',
      type: 'card_error'
    })
  }
})

t.test('reads a number as people type it', async (t) => {
  for (const number of ['4242 4242 4242 4242', '4242-4242-4242-4242', ' 4242424242424242 ']) {
    t.same(await processor.tokenize(card({ number }), context), await processor.tokenize(card(), context))
  }
})

t.test('keeps the preferred network of a card of two, and says where it does not fit', async (t) => {
  const number = '4000002500001001'
  const prefer = (
    preferred_network: 'cartes_bancaires' | 'mastercard' | 'visa',
    more: Partial<CardDetails>
  ) => processor.tokenize(card({ ...more, preferred_network }), context)

  const available = ['cartes_bancaires', 'visa']
  t.match(await processor.tokenize(card({ number }), context), {
    brand: 'visa',
    display_brand: 'visa',
    networks: { available, preferred: null }
  })
  t.match(await prefer('cartes_bancaires', { number }), {
    brand: 'visa',
    display_brand: 'cartes_bancaires',
    networks: { available, preferred: 'cartes_bancaires' }
  })
  t.match(await prefer('mastercard', { number }), {
    display_brand: 'visa',
    networks: { available, preferred: 'invalid_preference' }
  })
  t.match(await prefer('visa', {}), { networks: { available: ['visa'], preferred: 'visa' } })
})

t.test('refuses a real card in test mode', async (t) => {
  for (const number of ['4111111111111111', '4012888888881881', '5454545454545454']) {
    t.same(await refusal(processor.tokenize(card({ number }), context)), {
      code: 'card_declined',
      decline_code: 'test_mode_live_card',
      message:
        'Your card was declined. Your request was in test mode, but used a non test (live) card. For a list of valid test cards, visit: https://stripe.com/docs/testing.',
      param: '',
      type: 'card_error'
    })
  }
})

t.test('refuses every number in live mode, and knows no shared ids there', async (t) => {
  const live = { ...context, livemode: true }
  const fields = await refusal(processor.tokenize(card(), live))
  t.match(fields, {
    type: 'card_error',
    message: /^Sending credit card numbers directly .* generally unsafe\. /
  })
  t.match(fields.message, /CardProcessor/)
  t.notOk('code' in fields)
  t.equal(await processor.sharedPaymentMethod('pm_card_visa', live), undefined)
  t.equal(await processor.redeem('tok_visa', live), undefined)
})

t.test('refuses expiry dates that are over or are none', async (t) => {
  const month = {
    code: 'invalid_expiry_month',
    message: "Your card's expiration month is invalid.",
    param: 'exp_month',
    type: 'card_error'
  }
  const year = {
    code: 'invalid_expiry_year',
    message: "Your card's expiration year is invalid.",
    param: 'exp_year',
    type: 'card_error'
  }
  const cases: [number, number, object | undefined][] = [
    [0, 2034, month],
    [13, 2034, month],
    [-1, 2034, month],
    [1.5, 2034, month],
    [7, 2026, month],
    [7, 26, month],
    [8, 2026, undefined],
    [8, 26, undefined],
    [12, 2025, year],
    [12, 25, year],
    [12, 95, year],
    [12, 126, year],
    [12, 2027.5, year],
    [12, -1, year],
    [12, 2076, undefined],
    [12, 76, undefined],
    [1, 2077, year]
  ]
  for (const [exp_month, exp_year, fields] of cases) {
    const work = processor.tokenize(card({ exp_month, exp_year }), context)
    if (fields === undefined) t.match(await work, { exp_month, exp_year: 2000 + (exp_year % 100) })
    else t.same(await refusal(work), fields, `${exp_month}/${exp_year}`)
  }
})

t.test('a card is good through the last moment of its month', async (t) => {
  const at = (time: string) => testProcessor({ fingerprintKey, now: () => new Date(time) })
  const august = card({ exp_month: 8, exp_year: 2026 })
  t.match(await at('2026-08-31T23:59:59.999Z').tokenize(august, context), { exp_month: 8 })
  t.match(await refusal(at('2026-09-01T00:00:00.000Z').tokenize(august, context)), { param: 'exp_month' })
  t.match(await at('2026-12-31T23:59:59Z').sharedPaymentMethod('pm_card_visa', context), {
    exp_month: 12,
    exp_year: 2027
  })
})

t.test('refuses a CVC of the wrong length', async (t) => {
  const fields = {
    code: 'invalid_cvc',
    message: "Your card's security code is invalid.",
    param: 'cvc',
    type: 'card_error'
  }
  const amex = '378282246310005'
  const refused: Partial<CardDetails>[] = [
    { cvc: '12' },
    { cvc: '1234' },
    { cvc: '12a' },
    { cvc: '' },
    { number: amex, cvc: '12' },
    { number: amex, cvc: '12345' }
  ]
  for (const more of refused) t.same(await refusal(processor.tokenize(card(more), context)), fields)
  for (const cvc of ['123', '1234']) {
    t.match(await processor.tokenize(card({ number: amex, cvc }), context), { checks: { cvc_check: 'pass' } })
  }
})

t.test(
  'names the first fault: number, month, year, CVC, and only then that no such test card exists',
  async (t) => {
    const faulty = { number: '4111111111111112', exp_month: 13, exp_year: 1999, cvc: '1' }
    const steps: [Partial<CardDetails>, string][] = [
      [{}, 'incorrect_number'],
      [{ number: '4111111111111111' }, 'invalid_expiry_month'],
      [{ exp_month: 1 }, 'invalid_expiry_year'],
      [{ exp_year: 2034 }, 'invalid_cvc'],
      [{ cvc: '123' }, 'card_declined']
    ]
    for (const [mended, code] of steps) {
      Object.assign(faulty, mended)
      t.equal((await refusal(processor.tokenize(faulty, context))).code, code)
    }
  }
)

t.test('a fingerprint tells numbers apart within an account, and nothing to anyone else', async (t) => {
  const print = async (more: Partial<CardDetails>, account = 'acct_1', key = fingerprintKey) =>
    (await testProcessor({ fingerprintKey: key, now }).tokenize(card(more), { ...context, account }))
      .fingerprint

  const first = await print({})
  t.match(first, /^[0-9A-Za-z]{16}$/)
  t.equal(await print({ exp_year: 2030, cvc: '123', number: '4242-4242-4242-4242' }), first)
  t.equal((await processor.sharedPaymentMethod('pm_card_visa', context))?.fingerprint, first)
  t.not(await print({ number: '5555555555554444' }), first)
  t.not(await print({}, 'acct_2'), first)
  t.not(await print({}, 'acct_1', 'another key of sixteen bytes'), first)
  const all = TEST_CARDS.filter(({ attach }) => attach !== 'never_made')
  const prints = await Promise.all(all.map(({ number }) => print({ number })))
  t.equal(new Set(prints).size, all.length)
  t.throws(() => testProcessor({ fingerprintKey: 'too short' }), { message: /at least 16 bytes/ })
})

t.test('the number, the CVC and the key are in nothing that comes back', async (t) => {
  const secrets = (number: string) => [number, fingerprintKey, '9876', Buffer.from(number).toString('base64')]
  const clean = (value: unknown, number: string) => {
    const text = inspect(value, { depth: null, showHidden: true }) + JSON.stringify(value)
    for (const secret of secrets(number)) t.notOk(text.includes(secret), `${number.slice(-4)} stays inside`)
  }
  for (const { number } of [...publishedCards, { number: '4111111111111111' }]) {
    const details = card({ number, cvc: '9876', address })
    for (const call of [details, { ...details, cvc: '987' }, { ...details, exp_month: 13 }]) {
      for (const livemode of [false, true]) {
        const outcome: unknown = await processor
          .tokenize(call, { ...context, livemode })
          .catch((e: unknown) => e)
        clean(outcome, number)
        if (outcome instanceof Error || !isTokenized(outcome)) continue
        clean(await processor.verify(outcome.token, context).catch((e: unknown) => e), number)
      }
    }
  }
  clean(processor, '4242424242424242')
  await t.rejects(processor.verify('4242424242424242', context), { message: /did not make/ })
  clean(await processor.verify('4242424242424242', context).catch((e: unknown) => e), '4242424242424242')
})

t.test('a refusal is an error of the wire and sends its own keys only', (t) => {
  const careless = { code: 'card_declined', message: 'No.', number: '4242424242424242' } as const
  const refused = new CardRefused(careless)
  t.ok(refused instanceof WireError)
  t.same(refused.fields, { code: 'card_declined', message: 'No.', param: '', type: 'card_error' })
  t.end()
})

// What a card does when it is set up and paid with: `ok`, `action` where its holder has to authenticate, or the code
// of the decline. Cards that are not named succeed each time.
// number, at a set-up, on session, off session, once authenticated, after a set-up: on session and off session
const AT_CONFIRM = `
  4000000000000002 generic_decline        generic_decline        generic_decline         -                  -      -
  4000000000009995 insufficient_funds     insufficient_funds     insufficient_funds      -                  -      -
  4000000000009987 lost_card              lost_card              lost_card               -                  -      -
  4000000000009979 stolen_card            stolen_card            stolen_card             -                  -      -
  4000000000000069 expired_card           expired_card           expired_card            -                  -      -
  4000000000000127 incorrect_cvc          incorrect_cvc          incorrect_cvc           -                  -      -
  4000000000000119 processing_error       processing_error       processing_error        -                  -      -
  4000000000006975 card_velocity_exceeded card_velocity_exceeded card_velocity_exceeded  -                  -      -
  4000000000000341 generic_decline        generic_decline        generic_decline         -                  -      -
  4100000000000019 fraudulent             fraudulent             fraudulent              -                  -      -
  4000008400001280 generic_decline        generic_decline        generic_decline         -                  -      -
  4000002500003155 action                 action                 authentication_required ok                 ok     ok
  4000002760003184 action                 action                 authentication_required ok                 action authentication_required
  4000003800000446 action                 action                 ok                      ok                 action ok
  4000008260003178 action                 action                 authentication_required insufficient_funds -      -
  4000000000003220 action                 action                 authentication_required ok                 action authentication_required
  4000008400001629 action                 action                 authentication_required generic_decline    -      -
`

const setUp = (token: string, more: Partial<SetUp> = {}): SetUp => ({
  token,
  usage: 'off_session',
  return_url: 'https://example.com',
  ...more
})

const payment = (token: string, more: Partial<Payment> = {}): Payment => ({
  token,
  amount: 2000,
  currency: 'usd',
  capture: 'automatic',
  off_session: false,
  setup_future_usage: null,
  return_url: 'https://example.com',
  ...more
})

const of = (from: CardProcessor): PaymentProcessor => {
  if (!from.payments) throw new Error('it takes no payments')
  return from.payments
}
const { setUp: setsUp, authorize, capture, cancel, refund } = of(processor)

/** `ok`, `action`, or the code of the decline. */
async function outcome(work: Promise<{ status: string }>): Promise<unknown> {
  const answer = await work.catch((error: unknown) => error)
  if (answer instanceof CardRefused) return answer.fields.decline_code ?? answer.fields.code
  if (answer instanceof Error) throw answer
  return (answer as { status: string }).status === 'requires_action' ? 'action' : 'ok'
}

/** The reference of the authentication that is wanted. */
async function wanted(work: ReturnType<typeof authorize> | ReturnType<typeof setsUp>): Promise<string> {
  const answer = await work
  if (answer.status !== 'requires_action') throw new Error('no authentication is wanted')
  return answer.reference
}

t.test('every published card, set up and paid with, on session and off', async (t) => {
  const rows = new Map(
    AT_CONFIRM.trim()
      .split('\n')
      .map((line) => line.trim().split(/ +/))
      .map(([number = '', ...expected]) => [number, expected])
  )
  for (const { number, brand, attach } of publishedCards) {
    if (attach === 'never_made') continue
    const always = ['ok', 'ok', 'ok', '-', 'ok', 'ok']
    const [atSetUp, onSession, offSession, passed, savedOn, savedOff] = rows.get(number) ?? always
    rows.delete(number)
    const details = card({ number, cvc: brand === 'amex' ? '1234' : '123', address })
    const { token } = await processor.tokenize(details, context)
    t.equal(await outcome(setsUp(setUp(token), context)), atSetUp, `${number} at a set-up`)
    t.equal(await outcome(authorize(payment(token), context)), onSession, `${number} on session`)
    const off_session = true
    t.equal(await outcome(authorize(payment(token, { off_session }), context)), offSession, `${number} off`)

    let authentication: string | undefined
    if (atSetUp === 'action') {
      authentication = await wanted(setsUp(setUp(token), context))
      t.equal(await outcome(setsUp(setUp(token, { authentication }), context)), passed, `${number} passed`)
      const paying = await wanted(authorize(payment(token), context))
      t.equal(await outcome(authorize(payment(token, { authentication: paying }), context)), passed)
    }
    if (savedOn === '-') continue
    const done = await setsUp(setUp(token, { authentication }), context)
    const saved = 'token' in done ? (done.token ?? '') : ''
    t.not(saved, token, 'the set-up is known by another token')
    t.equal(await outcome(authorize(payment(saved), context)), savedOn, `${number} saved, on session`)
    t.equal(await outcome(authorize(payment(saved, { off_session }), context)), savedOff, `${number}, off`)
    t.equal(await processor.verify(saved, context), undefined, 'which is understood everywhere')
  }
  t.same([...rows.keys()], [], 'each of them is published')
})

t.test('declines in the words that the card declines with at an attach', async (t) => {
  for (const [number, fields] of Object.entries(refusalsAtAttach)) {
    const { token } = await processor.tokenize(card({ number, cvc: '123' }), context)
    for (const work of [setsUp(setUp(token), context), authorize(payment(token), context)]) {
      t.same(await refusal(work), { ...fields, type: 'card_error' }, number)
    }
  }
  const { token } = await processor.tokenize(card({ number: '4000002760003184' }), context)
  t.same(await refusal(authorize(payment(token, { off_session: true }), context)), {
    code: 'authentication_required',
    decline_code: 'authentication_required',
    message: 'Your card was declined. This transaction requires authentication.',
    param: '',
    type: 'card_error'
  })
  const uncvced = await processor.tokenize(card({ number: '4000000000000127' }), context)
  t.equal(await outcome(authorize(payment(uncvced.token), context)), 'ok', 'no CVC, none that is wrong')
})

t.test('what the account blocks at an attach it blocks at a payment and a set-up', async (t) => {
  for (const [number, code] of [
    ['4000000000000101', 'incorrect_cvc'],
    ['4000000000000036', 'incorrect_zip'],
    ['4000000000000010', 'incorrect_zip']
  ] as const) {
    const { token } = await processor.tokenize(card({ number, cvc: '123', address }), context)
    const blocked = of(blocking)
    for (const each of [token, `${token}:set_up`]) {
      t.equal(await outcome(authorize(payment(each), context)), 'ok', number)
      t.equal(await outcome(blocked.authorize(payment(each), context)), code)
      t.equal(await outcome(blocked.setUp(setUp(each), context)), code)
      t.equal((await refusal(blocking.verify(each, context))).code, code)
    }
    const without = await processor.tokenize(card({ number }), context)
    t.equal(await outcome(blocked.authorize(payment(without.token), context)), 'ok', 'nothing to check')
  }
})

t.test('only a set-up for off-session use gives another token, and only once', async (t) => {
  const { token } = await processor.tokenize(card({ cvc: '123' }), context)
  const saved = `${token}:set_up`
  t.same(await setsUp(setUp(token, { usage: 'on_session' }), context), { status: 'succeeded' })
  t.same(await setsUp(setUp(token), context), { status: 'succeeded', token: saved })
  t.same(await setsUp(setUp(saved), context), { status: 'succeeded', token: saved })
  for (const [setup_future_usage, newer] of [
    [null, undefined],
    ['on_session', undefined],
    ['off_session', saved]
  ] as const) {
    const paid = await authorize(payment(token, { setup_future_usage }), context)
    t.equal('token' in paid ? paid.token : undefined, newer, `kept for ${setup_future_usage}`)
  }
  const french = await processor.tokenize(card({ number: '4000002500003155' }), context)
  const authentication = await wanted(setsUp(setUp(french.token, { usage: 'on_session' }), context))
  const onSession = await setsUp(setUp(french.token, { usage: 'on_session', authentication }), context)
  t.same(onSession, { status: 'succeeded' })
  await t.rejects(authorize(payment('4242424242424242'), context), { message: /did not make/ })
  await t.rejects(setsUp(setUp('visa_us_9999:set_up'), context), { message: /did not make/ })
})

t.test('an authentication is of one card', async (t) => {
  const tokens = ['4000002760003184', '4000000000003220'].map(
    async (number) => (await processor.tokenize(card({ number }), context)).token
  )
  const [own = '', other = ''] = await Promise.all(tokens)
  const authentication = await wanted(authorize(payment(own), context))
  t.equal(await outcome(authorize(payment(own, { authentication }), context)), 'ok')
  for (const wrong of [await wanted(authorize(payment(other), context)), 'auth_', 'auth', '', own]) {
    t.equal(await outcome(authorize(payment(own, { authentication: wrong }), context)), 'action', wrong)
    t.equal(await outcome(setsUp(setUp(own, { authentication: wrong }), context)), 'action', wrong)
  }
})

t.test('the same key has the same outcome, and another key another', async (t) => {
  const another = { ...context, idempotencyKey: 'key_2' }
  for (const number of ['4242424242424242', '4000002760003184']) {
    const { token } = await processor.tokenize(card({ number }), context)
    const first = await authorize(payment(token), context)
    t.same(await authorize(payment(token), context), first)
    const second = await authorize(payment(token), another)
    t.equal(second.status, first.status)
    t.not(second.reference, first.reference)
  }
})

t.test('captures, cancels and gives back what it authorised, and no more', async (t) => {
  const { token } = await processor.tokenize(card(), context)
  const authorized = await authorize(payment(token, { capture: 'manual' }), context)
  const { reference } = authorized
  const all = { reference, amount: 2000, currency: 'usd' }
  for (const part of [1, 1999, 2000]) {
    await t.resolves(capture({ ...all, amount_to_capture: part }, context))
    await t.resolves(refund({ ...all, amount_to_refund: part }, context))
  }
  await t.resolves(cancel(all, context))
  for (const part of [0, -1, 2001, NaN, Infinity]) {
    await t.rejects(capture({ ...all, amount_to_capture: part }, context), { message: /more than/ })
    await t.rejects(refund({ ...all, amount_to_refund: part }, context), { message: /more than/ })
  }
  const german = await processor.tokenize(card({ number: '4000002760003184' }), context)
  const authentication = await wanted(authorize(payment(german.token), context))
  for (const wrong of [authentication, token, 'pi_1', 'pay_', 'pay_nobody_key_1', '']) {
    const theirs = { ...all, reference: wrong }
    await t.rejects(capture({ ...theirs, amount_to_capture: 1 }, context), { message: /did not/ }, wrong)
    await t.rejects(refund({ ...theirs, amount_to_refund: 1 }, context), { message: /did not/ })
    await t.rejects(cancel(theirs, context), { message: /did not/ })
  }
})

t.test('no money moves in live mode', async (t) => {
  const live = { ...context, livemode: true }
  const { token } = await processor.tokenize(card(), context)
  for (const work of [setsUp(setUp(token), live), authorize(payment(token), live)]) {
    t.match(await refusal(work), { message: /generally unsafe.*CardProcessor/, type: 'card_error' })
  }
  const { reference } = (await authorize(payment(token), context)) as { reference: string }
  const all = { reference, amount: 2000, currency: 'usd' }
  await t.rejects(capture({ ...all, amount_to_capture: 1 }, live), { message: /did not/ })
  await t.rejects(cancel(all, live), { message: /did not/ })
  await t.rejects(refund({ ...all, amount_to_refund: 1 }, live), { message: /did not/ })
})

t.test('a processor that gives or takes the wrong thing does not compile', (t) => {
  const right: CardProcessor = {
    tokenize: (details, context) => processor.tokenize(details, context),
    verify: async () => undefined
  }
  // @ts-expect-error a card without its last four digits can't be shown
  const lacking: CardProcessor = { ...right, tokenize: async () => ({ token: 'x', brand: 'visa' }) }
  const misspelt: CardProcessor = {
    ...right,
    // @ts-expect-error the wire knows no such outcome
    verify: async () => ({ address_line1_check: null, address_postal_code_check: null, cvc_check: 'passed' })
  }
  // @ts-expect-error a processor that can't verify would attach cards that were refused
  const silent: CardProcessor = { tokenize: (details, context) => processor.tokenize(details, context) }
  const greedy: CardProcessor = {
    ...right,
    // @ts-expect-error the vault does not pass a PIN
    tokenize: (details: CardDetails & { pin: string }, context) => processor.tokenize(details, context)
  }
  // @ts-expect-error a refusal needs a message
  const wordless = () => new CardRefused({ code: 'card_declined' })
  // @ts-expect-error and a code that the wire knows
  const unheard = () => new CardRefused({ code: 'declined', message: 'No.' })
  t.ok([right, lacking, misspelt, silent, greedy, wordless, unheard])
  t.end()
})

async function sharedToken(from: Required<CardProcessor>, id: string): Promise<string> {
  const made = await from.sharedPaymentMethod(id, context)
  return made?.token ?? ''
}

const isTokenized = (value: unknown): value is TokenizedCard =>
  typeof value === 'object' && value !== null && 'token' in value
