import { Writable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { createKey } from '../../../src/resources/accounts/keys'
import { insertAccount } from '../../../src/resources/accounts/store'
import { type CardProcessor, testProcessor } from '../../../src/index'
import { newId } from '../../../src/protocol/values/ids'
import { noSuch, parameterMissing, refused } from '../../helpers/document/bodies'
import { flakyProcessor } from '../../helpers/cards/flaky-processor'
import { everyRow } from '../../helpers/database/rows'
import {
  type Ask,
  fingerprintKey,
  type Json,
  type Reply,
  startVault,
  type TestVault
} from '../../helpers/vault'

t.setTimeout(300_000)

const log: string[] = []
const stream = new Writable({
  write(chunk: Buffer, _encoding, done) {
    log.push(chunk.toString())
    done()
  }
})
const answers: string[] = []
const shared = startVault(t, {}, { logger: { level: 'trace', stream } })
const newest = { 'stripe-version': '2026-07-29.dahlia' }

const card = { number: '4242424242424242', exp_month: '8', exp_year: '2033', cvc: '957' }
const holder = {
  name: 'Jenny Rosen',
  address_line1: '510 Townsend St',
  address_city: 'San Francisco',
  address_zip: '94103',
  address_country: 'US'
}
const bank = { country: 'US', routing_number: '110000000', account_number: '000123456789' }

const make = async (params: Json, ask: Ask = {}): Promise<Reply> => {
  const reply = await (await shared).post('/v1/tokens', params, ask)
  answers.push(reply.text)
  return reply
}

/** A new card token's id. */
const newToken = async (vault: TestVault, more: Json = {}): Promise<string> =>
  String((await vault.post('/v1/tokens', { card: { ...card, ...more } })).body.id)

const spend = (vault: TestVault, token: string, more: Json = {}, ask: Ask = {}): Promise<Reply> =>
  vault.post('/v1/payment_methods', { type: 'card', card: { token }, ...more }, ask)

const used = async (vault: TestVault, token: string): Promise<unknown> =>
  (await vault.get(`/v1/tokens/${token}`)).body.used

const refusedAsSpent = (t: Test, reply: Reply, token: string): void => {
  refused(t, reply, 400, {
    code: 'token_already_used',
    message: `You cannot use a Stripe token more than once: ${token}.`
  })
}

const shownCard = {
  id: '',
  object: 'card',
  address_city: 'San Francisco',
  address_country: 'US',
  address_line1: '510 Townsend St',
  address_line1_check: 'unchecked',
  address_line2: null,
  address_state: null,
  address_zip: '94103',
  address_zip_check: 'unchecked',
  brand: 'Visa',
  country: 'US',
  cvc_check: 'unchecked',
  dynamic_last4: null,
  exp_month: 8,
  exp_year: 2033,
  funding: 'credit',
  last4: '4242',
  name: 'Jenny Rosen',
  tokenization_method: null,
  wallet: null
}

t.test('a card token, as a secret key and a publishable one see it', async (t) => {
  const vault = await shared
  for (const key of [vault.keys.test, vault.keys.publishable]) {
    const publishable = key === vault.keys.publishable
    const { status, body } = await make({ card: { ...card, ...holder } }, { key })
    t.equal(status, 200)
    const { id, fingerprint, metadata, ...rest } = body.card as Record<string, unknown>
    t.match({ token: String(body.id), card: id }, { token: /^tok_1\w{23}$/, card: /^card_1\w{23}$/ })
    t.same({ ...rest, id: '' }, shownCard)
    if (publishable) t.same([fingerprint, metadata], [undefined, undefined])
    else t.match({ fingerprint, metadata }, { fingerprint: /^\w{16}$/, metadata: {} })
    t.same(
      { ...body, id: '', card: '', created: 0 },
      {
        id: '',
        object: 'token',
        card: '',
        client_ip: '127.0.0.1',
        created: 0,
        livemode: false,
        type: 'card',
        used: false
      }
    )
    t.ok(Math.abs(Number(body.created) - Date.now() / 1000) < 60)
    t.same(
      Object.keys(body.card as Json).slice(2),
      Object.keys(body.card as Json)
        .slice(2)
        .sort()
    )
    t.same((await vault.get(`/v1/tokens/${String(body.id)}`, {}, { key })).body, body, 'retrieved')
  }
})

t.test('shows nothing that was not given, and more in newer versions', async (t) => {
  const { number, exp_month, exp_year } = card
  const bare = (await make({ card: { number, exp_month, exp_year: '33' } })).body.card as Json
  t.match(bare, { exp_year: 2033, name: null, address_zip: null, address_zip_check: null, cvc_check: null })
  t.notOk('networks' in bare)
  t.notOk('regulated_status' in bare)
  const made = await make(
    {
      card: { number: '4000002500001001', exp_month, exp_year, networks: { preferred: 'cartes_bancaires' } }
    },
    { headers: newest }
  )
  t.match(made.body.card, { networks: { preferred: 'cartes_bancaires' }, regulated_status: 'unregulated' })
  for (const [number, brand] of [
    ['378282246310005', 'American Express'],
    ['5555555555554444', 'MasterCard'],
    ['6011111111111117', 'Discover'],
    ['3056930009020004', 'Diners Club'],
    ['3566002020360505', 'JCB'],
    ['6200000000000005', 'UnionPay']
  ] as const) {
    t.match((await make({ card: { number, exp_month, exp_year } })).body.card, { brand })
  }
})

t.test('a bank account token, as a secret key and a publishable one see it', async (t) => {
  const vault = await shared
  const bank_account = {
    ...bank,
    currency: 'usd',
    account_holder_name: 'Jane',
    account_holder_type: 'company'
  }
  for (const key of [vault.keys.test, vault.keys.publishable]) {
    const { status, body } = await make({ bank_account }, { key })
    t.equal(status, 200)
    const { id, fingerprint, ...rest } = body.bank_account as Record<string, unknown>
    t.match({ token: String(body.id), bank: id }, { token: /^btok_1\w{23}$/, bank: /^ba_1\w{23}$/ })
    t.same(rest, {
      object: 'bank_account',
      account_holder_name: 'Jane',
      account_holder_type: 'company',
      account_type: null,
      bank_name: 'STRIPE TEST BANK',
      country: 'US',
      currency: 'usd',
      last4: '6789',
      routing_number: '110000000',
      status: 'new'
    })
    t.match(String(fingerprint), key === vault.keys.publishable ? 'undefined' : /^\w{16}$/)
    t.match(body, { type: 'bank_account', used: false })
    t.notOk('card' in body)
    t.same((await vault.get(`/v1/tokens/${String(body.id)}`, {}, { key })).body, body, 'retrieved')
    refused(t, await spend(vault, String(body.id)), 400, {
      message: `The token ${String(body.id)} is of a bank account: a card can't be made of it.`,
      param: 'token'
    })
  }
  const saving = await make({ bank_account: { ...bank, account_type: 'savings' } })
  t.match(saving.body.bank_account, { account_holder_name: null, account_type: 'savings' })
})

t.test('refuses by name what it can not make a token of, and writes nothing', async (t) => {
  const vault = await shared
  const before = await everyRow(vault)
  for (const [name, value] of Object.entries({
    account: { business_type: 'company' },
    customer: 'cus_1',
    cvc_update: { cvc: '123' },
    person: { email: 'x' },
    pii: { id_number: '000000000' }
  })) {
    refused(t, await make({ [name]: value }), 400, {
      message: `This vault does not support the parameter '${name}'.`,
      param: name
    })
  }
  for (const params of [
    { card: { ...card, currency: 'usd' } },
    { bank_account: { ...bank, payment_method: 'pm_1' } }
  ]) {
    const name = 'card' in params ? 'card[currency]' : 'bank_account[payment_method]'
    refused(t, await make(params), 400, {
      message: `This vault does not support the parameter '${name}'.`,
      param: name
    })
  }
  for (const string of ['card_1', card.number]) {
    refused(t, await make({ card: string }), 400, {
      message:
        "This vault makes tokens of cards as they are typed, in a hash with number, exp_month and exp_year: 'card' can't be a string.",
      param: 'card'
    })
  }
  refused(t, await make({}), 400, {
    message: 'You must supply either a card or a bank account to create a token.'
  })
  refused(t, await make({ card, bank_account: bank }), 400, {
    code: 'parameters_exclusive',
    message: 'You may only specify one of these parameters: card, bank_account.',
    param: 'bank_account'
  })
  for (const [hash, names] of [
    [card, ['number', 'exp_month', 'exp_year']],
    [bank, ['country', 'account_number', 'routing_number']]
  ] as const) {
    const name = hash === card ? 'card' : 'bank_account'
    for (const missing of names) {
      const rest = Object.fromEntries(Object.entries(hash).filter(([key]) => key !== missing))
      refused(t, await make({ [name]: rest }), 400, parameterMissing(`${name}[${missing}]`))
    }
  }
  for (const [name, value] of [
    ['country', 'GB'],
    ['currency', 'eur'],
    ['account_type', 'futsu']
  ] as const) {
    refused(t, await make({ bank_account: { ...bank, [name]: value } }), 400, {
      message: `This vault makes tokens of bank accounts in the United States, in US dollars: '${value}' is not supported.`,
      param: `bank_account[${name}]`
    })
  }
  refused(t, await make({ bank_account: { ...bank, routing_number: '110000001' } }), 400, {
    code: 'routing_number_invalid',
    message: 'The routing number is not valid: its check digit does not fit.',
    param: 'bank_account[routing_number]'
  })
  refused(t, await make({ bank_account: { ...bank, account_number: '1' } }), 400, {
    code: 'account_number_invalid',
    message: 'The account number is not valid: it must have 5 to 17 digits.',
    param: 'bank_account[account_number]'
  })
  for (const [more, code] of [
    [{ number: '4242424242424241' }, 'incorrect_number'],
    [{ exp_month: '13' }, 'invalid_expiry_month'],
    [{ exp_month: 'August' }, 'invalid_expiry_month'],
    [{ exp_month: '8.5' }, 'invalid_expiry_month'],
    [{ exp_year: '1999' }, 'invalid_expiry_year'],
    [{ exp_year: '0x7f1' }, 'invalid_expiry_year'],
    [{ cvc: '12' }, 'invalid_cvc'],
    [{ number: '4111111111111111' }, 'card_declined']
  ] as const) {
    const reply = await make({ card: { ...card, ...more } })
    t.match({ status: reply.status, code: String((reply.body.error as Json).code) }, { status: 402, code })
  }
  const live = await make({ card }, { key: vault.keys.live })
  t.match({ status: live.status, ...live.body }, { status: 402, error: { message: /CardProcessor/ } })
  refused(t, await make({ bank_account: bank }, { key: vault.keys.live }), 400, {
    message:
      'In live mode this server takes bank accounts only when its host has passed it a CardProcessor of its own that tokenizes them.',
    param: 'bank_account'
  })
  refused(t, await make({ card, expand: ['card'] }), 400, {
    message: 'This property cannot be expanded (card).'
  })
  t.equal(await everyRow(vault), before, 'and nothing was written')
})

t.test('is spent once, and gives its name and address where none are given', async (t) => {
  const vault = await shared
  const token = await newToken(vault, holder)
  const made = await spend(vault, token)
  t.match(made, {
    status: 200,
    body: {
      billing_details: {
        address: {
          city: 'San Francisco',
          country: 'US',
          line1: '510 Townsend St',
          line2: null,
          postal_code: '94103',
          state: null
        },
        email: null,
        name: 'Jenny Rosen'
      },
      card: { checks: { address_postal_code_check: 'unchecked', cvc_check: 'unchecked' }, last4: '4242' },
      customer: null
    }
  })
  t.equal(await used(vault, token), true)
  for (let again = 0; again < 2; again++) refusedAsSpent(t, await spend(vault, token), token)

  const typed = { name: 'Ada', address: { line1: '1 Main St' }, email: 'ada@example.com' }
  const other = await spend(vault, await newToken(vault, holder), { billing_details: typed })
  t.match(other.body.billing_details, {
    name: 'Ada',
    email: 'ada@example.com',
    address: { line1: '1 Main St', city: null }
  })
  const named = await spend(vault, await newToken(vault, holder), { billing_details: { name: 'Ada' } })
  t.match(named.body.billing_details, { name: 'Ada', address: { line1: '510 Townsend St' } })

  const token2 = await newToken(vault, { number: '4000002500001001' })
  const preferred = { token: token2, networks: { preferred: 'cartes_bancaires' } }
  const chosen = await vault.post(
    '/v1/payment_methods',
    { type: 'card', card: preferred },
    { headers: newest }
  )
  t.match(chosen.body.card, {
    display_brand: 'cartes_bancaires',
    networks: { preferred: 'cartes_bancaires' }
  })
  const customer = String((await vault.post('/v1/customers')).body.id)
  const attached = await vault.post(`/v1/payment_methods/${String(made.body.id)}/attach`, { customer })
  t.match(attached.body, { customer, card: { checks: { cvc_check: 'pass' } } })

  const beside = { token: await newToken(vault), number: card.number }
  const refusal = await vault.post('/v1/payment_methods', { type: 'card', card: beside })
  t.match(refusal.body.error, { param: 'card[number]' })
  t.equal(await used(vault, beside.token), false)
})

t.test('what the issuer declines it declines behind a token as well', async (t) => {
  const vault = await shared
  const customer = String((await vault.post('/v1/customers')).body.id)
  const made = await spend(vault, await newToken(vault, { number: '4000000000009995' }))
  const attach = await vault.post(`/v1/payment_methods/${String(made.body.id)}/attach`, { customer })
  t.match(attach, { status: 402, body: { error: { decline_code: 'insufficient_funds' } } })
})

t.test('of twenty who spend it at once one does', async (t) => {
  const vault = await shared
  for (const path of ['/v1/payment_methods', '/v1/setup_intents']) {
    const token = await newToken(vault)
    const data = { type: 'card', card: { token } }
    const params = path === '/v1/payment_methods' ? data : { payment_method_data: data }
    const rows = () => count(vault, 'payment_methods')
    const before = await rows()
    const replies = await Promise.all(Array.from({ length: 20 }, () => vault.post(path, params)))
    t.equal(replies.filter(({ status }) => status === 200).length, 1, path)
    for (const reply of replies) if (reply.status !== 200) refusedAsSpent(t, reply, token)
    t.equal(await rows(), before + 1)
  }
})

t.test('is spent with what is made of it, or not at all', async (t) => {
  const vault = await startVault(t)
  const token = await newToken(vault)
  const { pool } = vault.db
  await pool.query('alter table payment_vault.payment_methods add constraint no_more check (false) not valid')
  t.equal((await spend(vault, token)).status, 500)
  t.equal(await used(vault, token), false)
  await pool.query('alter table payment_vault.payment_methods drop constraint no_more')
  const none = await vault.post('/v1/setup_intents', {
    customer: 'cus_none',
    payment_method_data: { type: 'card', card: { token } }
  })
  t.equal(none.status, 400)
  t.equal(await used(vault, token), false)
  t.equal((await spend(vault, token)).status, 200)
})

t.test(
  'a call that is sent again is answered as before, and does not find its own token spent',
  async (t) => {
    const vault = await shared
    const token = await newToken(vault)
    const headers = { 'idempotency-key': newId('req') }
    const first = await spend(vault, token, {}, { headers })
    const again = await spend(vault, token, {}, { headers })
    t.equal(again.text, first.text)
    t.equal(again.headers.get('idempotent-replayed'), 'true')

    const racing = await newToken(vault)
    const key = { headers: { 'idempotency-key': newId('req') } }
    const replies = await Promise.all(Array.from({ length: 10 }, () => spend(vault, racing, {}, key)))
    t.equal(new Set(replies.map(({ text }) => text)).size, 1)
    t.equal(replies[0]?.status, 200)

    const made = { headers: { 'idempotency-key': newId('req') } }
    t.equal((await make({ card }, made)).text, (await make({ card }, made)).text, 'a create too')
  }
)

t.test('goes into intents, and a retry goes on with what was begun with it', async (t) => {
  const processor = flakyProcessor()
  const vault = await startVault(t, { processor, processorTimeout: 200 })
  const customer = String((await vault.post('/v1/customers')).body.id)
  const withToken = (token: string) => ({
    customer,
    payment_method_data: { type: 'card', card: { token } },
    confirm: true
  })
  const setUp = await vault.post('/v1/setup_intents', withToken(await newToken(vault, holder)))
  t.match(setUp.body, { status: 'succeeded', customer })
  const saved = await vault.get(`/v1/payment_methods/${String(setUp.body.payment_method)}`)
  t.match(saved.body, { customer, billing_details: { name: 'Jenny Rosen' } })

  const amount = { amount: 2000, currency: 'usd' }
  const paid = await vault.post('/v1/payment_intents', { ...amount, ...withToken(await newToken(vault)) })
  t.match(paid.body, { status: 'succeeded', amount_received: 2000 })

  const late = await newToken(vault)
  const ask = (): Ask => ({ headers: { 'idempotency-key': newId('req') } })
  const lateKey = ask()
  processor.faults.push('hangs')
  const lost = await vault.post('/v1/payment_intents', { ...amount, ...withToken(late) }, lateKey)
  t.equal(lost.status, 503)
  t.equal(await used(vault, late), true, 'it is spent')
  const retried = await vault.post('/v1/payment_intents', { ...amount, ...withToken(late) }, lateKey)
  t.match(retried.body, { status: 'succeeded' }, 'and the same call ends what it began with it')
  refusedAsSpent(t, await vault.post('/v1/payment_intents', { ...amount, ...withToken(late) }, ask()), late)
})

t.test(
  'the same payment sent again while the first is under way is not told that its token is spent',
  async (t) => {
    const processor = testProcessor({ fingerprintKey })
    const { authorize } = processor.payments
    const references = new Set<string>()
    // Slow, so that all of them are there while it is asked.
    processor.payments.authorize = async (payment, context) => {
      await sleep(300)
      const outcome = await authorize(payment, context)
      references.add(outcome.reference)
      return outcome
    }
    const vault = await startVault(t, { processor })
    const params = {
      ...{ amount: 2000, currency: 'usd', confirm: true },
      payment_method_data: { type: 'card', card: { token: await newToken(vault) } }
    }
    const headers = { 'idempotency-key': newId('req') }
    const send = () => vault.post('/v1/payment_intents', params, { headers })
    const replies = await Promise.all(Array.from({ length: 8 }, send))
    t.equal(replies.filter(({ status }) => status === 200).length, 1)
    for (const reply of replies) {
      if (reply.status !== 200) t.match(reply.body.error, { code: 'idempotency_key_in_use' })
    }
    t.match((await send()).body, { status: 'succeeded' })
    t.equal(references.size, 1)
  }
)

t.test('refuses tokens that are none, or of somebody else', async (t) => {
  const vault = await shared
  const unknown = newId('tok')
  refused(t, await spend(vault, unknown), 400, noSuch('token', unknown, 'token'))
  refused(t, await vault.get(`/v1/tokens/${unknown}`), 404, noSuch('token', unknown, 'token'))
  refused(t, await vault.get('/v1/tokens/tok_visa'), 404, noSuch('token', 'tok_visa', 'token'))
  refused(t, await spend(vault, 'tok_none'), 400, { message: 'Invalid token id: tok_none', param: 'token' })
  for (let i = 0; i < 2; i++) t.equal((await spend(vault, 'tok_visa')).status, 200, 'a shared one is for all')

  const token = await newToken(vault)
  const stranger = newId('acct')
  await insertAccount(vault.db, stranger)
  const key = await createKey(vault.db, { account: stranger, livemode: false, kind: 'secret' })
  refused(t, await spend(vault, token, {}, { key }), 400, noSuch('token', token, 'token'))
  refused(t, await vault.get(`/v1/tokens/${token}`, {}, { key }), 404, noSuch('token', token, 'token'))
  const { live } = vault.keys
  const elsewhere = {
    ...noSuch('token', token, 'token'),
    message: `No such token: '${token}'; a similar object exists in test mode, but a live mode key was used to make this request.`
  }
  refused(t, await spend(vault, token, {}, { key: live }), 400, elsewhere)
  refused(t, await vault.get(`/v1/tokens/${token}`, {}, { key: live }), 404, elsewhere)
  t.equal(await used(vault, token), false)
})

t.test("asks the host's processor, and says where it takes no bank accounts", async (t) => {
  const { tokenize, verify } = testProcessor({ fingerprintKey })
  const asked: unknown[] = []
  const processor: CardProcessor = {
    verify,
    tokenize: async (details, context) => {
      asked.push(details)
      return tokenize(details, { ...context, livemode: false })
    }
  }
  const vault = await startVault(t, { processor })
  const { live } = vault.keys
  const made = await vault.post('/v1/tokens', { card: { ...card, ...holder } }, { key: live })
  t.match(made.body, { livemode: true, type: 'card' })
  t.match(asked, [
    {
      ...{ number: card.number, exp_month: 8, exp_year: 2033, cvc: card.cvc, name: 'Jenny Rosen' },
      address: { line1: '510 Townsend St', city: 'San Francisco', postal_code: '94103', country: 'US' }
    }
  ])
  t.match(await spend(vault, String(made.body.id), {}, { key: live }), { body: { livemode: true } })
  refused(t, await vault.post('/v1/tokens', { bank_account: bank }), 400, {
    message: 'The processor of this vault takes no bank accounts.',
    param: 'bank_account'
  })
})

t.test('the SDK makes one in the browser’s stead and spends it', async (t) => {
  const vault = await shared
  const browser = vault.stripe({ key: vault.keys.publishable })
  const token = await browser.tokens.create({ card: { ...card, name: 'Jenny Rosen' } })
  t.match(token, { object: 'token', used: false, card: { brand: 'Visa', networks: { preferred: null } } })
  const stripe = vault.stripe()
  const made = await stripe.paymentMethods.create({ type: 'card', card: { token: token.id } })
  t.equal(made.billing_details.name, 'Jenny Rosen')
  t.equal((await stripe.tokens.retrieve(token.id)).used, true)
  const again = stripe.paymentMethods.create({ type: 'card', card: { token: token.id } })
  await t.rejects(again, { code: 'token_already_used', type: 'StripeInvalidRequestError' })
  const bankToken = await stripe.tokens.create({ bank_account: bank })
  t.match(bankToken, { type: 'bank_account', bank_account: { last4: '6789' } })
})

t.test('no number and no CVC is in any row, any answer or any line of the log', async (t) => {
  const vault = await shared
  const marked = ['4000000000009987', '5555555555554444', '000123456789', '6011000990139424']
  await newToken(vault, { number: marked[0], cvc: '738' })
  await make({ card: { ...card, number: `${marked[1] ?? ''}0`, cvc: '738' } })
  await make({ card: { ...card, number: marked[3], bogus: marked[3] } })
  await make({ bank_account: { ...bank, country: marked[3] } })
  const rows = await everyRow(vault)
  t.match(rows, 'tok_1')
  const lines = log.join('')
  t.match(lines, '/v1/tokens', 'there is a log')
  for (const number of [...marked, card.number]) {
    t.notOk(rows.includes(number), `${number} is in no row`)
    t.notOk(lines.includes(number), `${number} is not in the log`)
    t.notOk(
      answers.some((text) => text.includes(number)),
      `${number} is in no answer`
    )
  }
  const { rows: kept } = await vault.db.pool.query<{ row: string }>(
    'select payment_method::text || details::text as row from payment_vault.tokens'
  )
  t.ok(kept.length > 10)
  for (const { row } of kept) t.notMatch(row, /"(738|957)"|:\s*(738|957)\b/)
})

async function count({ db }: TestVault, table: string): Promise<number> {
  const found = await db.pool.query<{ n: number }>(`select count(*)::int as n from payment_vault.${table}`)
  return found.rows[0]?.n ?? 0
}
