import { Writable } from 'node:stream'
import t, { type Test } from 'tap'
import {
  BankAccountRefused,
  type BankAccountDetails,
  type CardProcessor,
  type TokenizedBankAccount,
  testProcessor
} from '../../../src/index'
import {
  noSuch,
  parameterMissing,
  parameterUnknown,
  part,
  type Refusal,
  refused
} from '../../helpers/document/bodies'
import { eventsOf, everyRow } from '../../helpers/database/rows'
import {
  fingerprintKey,
  type Json,
  type Reply,
  startVault,
  type TestVault,
  typedCard
} from '../../helpers/vault'

interface Sample {
  given: Json
  /** The same account, typed otherwise. */
  again?: Json
  /** Other accounts: each must have a fingerprint of its own. */
  others: Json[]
  /** What may never be found anywhere: the numbers as they were typed and without what parts them. */
  numbers: string[]
  /** The hash, but for its fingerprint. */
  shown: Json
}

/** The published test numbers of each type. */
const samples: Record<string, Sample> = {
  acss_debit: {
    given: { account_number: '000123456789', institution_number: '000', transit_number: '11000' },
    again: { account_number: '0001-2345-6789', institution_number: '000', transit_number: '11000' },
    others: [
      { account_number: '900123456789', institution_number: '000', transit_number: '11000' },
      { account_number: '000123456789', institution_number: '000', transit_number: '11001' },
      { account_number: '000123456789', institution_number: '001', transit_number: '11000' }
    ],
    numbers: ['000123456789', '0001-2345-6789', '900123456789'],
    shown: {
      bank_name: 'STRIPE TEST BANK',
      institution_number: '000',
      last4: '6789',
      transit_number: '11000'
    }
  },
  au_becs_debit: {
    given: { account_number: '000123456', bsb_number: '000-000' },
    again: { account_number: '000 123 456', bsb_number: '000000' },
    others: [
      { account_number: '900123456', bsb_number: '000000' },
      { account_number: '000123456', bsb_number: '000001' }
    ],
    numbers: ['000123456', '000 123 456', '900123456'],
    shown: { bsb_number: '000000', last4: '3456' }
  },
  bacs_debit: {
    given: { account_number: '00012345', sort_code: '10-88-00' },
    again: { account_number: '0001 2345', sort_code: '108800' },
    others: [
      { account_number: '90012345', sort_code: '108800' },
      { account_number: '00012345', sort_code: '108801' }
    ],
    numbers: ['00012345', '0001 2345', '90012345'],
    shown: { last4: '2345', sort_code: '108800' }
  },
  sepa_debit: {
    given: { iban: 'DE89370400440532013000' },
    again: { iban: 'de89 3704 0044 0532 0130 00' },
    others: [{ iban: 'DE62370400440532013001' }, { iban: 'AT611904300234573201' }],
    numbers: ['89370400440532013000', '0532013000', '0532 0130 00', '62370400440532013001', '00234573201'],
    shown: {
      bank_code: '37040044',
      branch_code: null,
      country: 'DE',
      generated_from: { charge: null, setup_attempt: null },
      last4: '3000'
    }
  },
  us_bank_account: {
    given: {
      account_holder_type: 'individual',
      account_number: '000123456789',
      account_type: 'checking',
      routing_number: '110000000'
    },
    again: { account_number: '0001 2345 6789', routing_number: '110-000-000' },
    others: [
      { account_number: '000111111116', routing_number: '110000000' },
      { account_number: '000123456789', routing_number: '021000021' }
    ],
    numbers: ['000123456789', '0001 2345 6789', '000111111116'],
    shown: {
      account_holder_type: 'individual',
      account_type: 'checking',
      bank_name: 'STRIPE TEST BANK',
      financial_connections_account: null,
      last4: '6789',
      networks: { preferred: 'ach', supported: ['ach'] },
      routing_number: '110000000',
      status_details: {}
    }
  }
}
const types = Object.keys(samples)

const log: string[] = []
const stream = new Writable({
  write(chunk: Buffer, _encoding, done) {
    log.push(chunk.toString())
    done()
  }
})
const answers: string[] = []
const shared = startVault(t, {}, { logger: { level: 'trace', stream } })
const newest = { headers: { 'stripe-version': '2026-07-29.dahlia' } }

/** Creates one, in the newest version, and remembers what was answered. */
async function create(type: string, hash?: Json, more: Json = {}, headers: Json = {}): Promise<Reply> {
  const params = { type, ...(hash && { [type]: hash }), ...more }
  const reply = await (
    await shared
  ).post('/v1/payment_methods', params, { headers: { ...newest.headers, ...headers } })
  answers.push(reply.text)
  return reply
}

const sampleOf = (type: string): Sample => {
  const sample = samples[type]
  if (!sample) throw new Error(`there is no sample of ${type}`)
  return sample
}

for (const type of types) {
  t.test(`${type}: is created, retrieved, attached, listed by its type and detached`, async (t) => {
    const vault = await shared
    const { given, shown } = sampleOf(type)
    const made = await create(type, given)
    t.equal(made.status, 200, made.text)
    const fingerprint = part(made.body, `${type}.fingerprint`)
    t.match(fingerprint, /^[0-9A-Za-z]{16}$/)
    t.same(made.body[type], { ...shown, fingerprint })
    t.match(made.body, { object: 'payment_method', customer: null, livemode: false, type })
    t.notOk('card' in made.body)
    wireOrder(t, made.text)

    const path = `/v1/payment_methods/${String(made.body.id)}`
    t.equal((await vault.get(path, {}, newest)).text, made.text)

    const customer = String((await vault.post('/v1/customers')).body.id)
    const attached = await vault.post(`${path}/attach`, { customer }, newest)
    t.same(attached.body, { ...made.body, customer })
    wireOrder(t, attached.text)
    t.same((await vault.post(`${path}/attach`, { customer }, newest)).body, attached.body, 'twice is once')
    refused(t, await vault.post(`${path}/attach`, { customer: 'cus_none' }), 400, {
      ...noSuch('customer', 'cus_none', 'customer')
    })

    const card = await vault.post('/v1/payment_methods/pm_card_visa/attach', { customer })
    for (const url of ['/v1/payment_methods', `/v1/customers/${customer}/payment_methods`]) {
      const of = url === '/v1/payment_methods' ? { customer } : {}
      const ids = async (filter: Json) =>
        ((await vault.get(url, { ...of, ...filter }, newest)).body.data as Json[]).map(
          ({ id }) => id as string
        )
      t.same(await ids({ type }), [made.body.id])
      t.same(await ids({ type: 'card' }), [card.body.id])
      t.same(await ids({ type: 'alipay' }), [])
      t.same((await ids({})).sort(), [made.body.id, card.body.id].sort())
    }

    const detached = await vault.post(`${path}/detach`, {}, newest)
    t.same(detached.body, { ...made.body, customer: null })
    t.match((await vault.post(`${path}/attach`, { customer })).body, {
      error: { message: /may not be used again/ }
    })
    t.same(
      (await eventsOf(vault, String(made.body.id))).map((event) => event.type),
      ['payment_method.attached', 'payment_method.detached']
    )
  })

  t.test(
    `${type}: one account has one fingerprint, however it is typed, and others have others`,
    async (t) => {
      const { given, again, others } = sampleOf(type)
      const print = async (hash: Json) => part((await create(type, hash)).body, `${type}.fingerprint`)
      const first = await print(given)
      t.equal(await print(again ?? given), first)
      const prints = [first, ...(await Promise.all(others.map(print)))]
      t.equal(new Set(prints).size, prints.length, 'each its own')
    }
  )
}

/** `id`, `object`, then ascending, in the hash of the type as well. */
function wireOrder(t: Test, text: string): void {
  const body = JSON.parse(text) as Json
  const [id, object, ...keys] = Object.keys(body)
  t.same([id, object], ['id', 'object'])
  t.same(keys, [...keys].sort())
  const hash = Object.keys(body[String(body.type)] as Json)
  t.same(hash, [...hash].sort())
}

t.test('link: an account named by its e-mail address, without a number', async (t) => {
  const vault = await shared
  const made = await create('link', undefined, { billing_details: { email: 'jenny@example.com' } })
  t.same(made.body.link, { email: 'jenny@example.com' })
  wireOrder(t, made.text)
  t.same((await create('link')).body.link, { email: null })
  refused(t, await create('link', { email: 'x' }), 400, parameterUnknown('link[email]'))

  const customer = String((await vault.post('/v1/customers')).body.id)
  const path = `/v1/payment_methods/${String(made.body.id)}`
  t.equal((await vault.post(`${path}/attach`, { customer })).body.customer, customer)
  const list = await vault.get('/v1/payment_methods', { customer, type: 'link' })
  t.equal(part(list.body, 'data.0.id'), made.body.id)
  t.equal((await vault.post(`${path}/detach`)).body.customer, null)
})

t.test('the first version shows the same hash, and none of the keys that came later', async (t) => {
  const vault = await shared
  const { given, shown } = sampleOf('us_bank_account')
  const { body } = await vault.post('/v1/payment_methods', {
    type: 'us_bank_account',
    us_bank_account: given
  })
  t.match(body.us_bank_account, shown)
  t.same(Object.keys(body), [
    'id',
    'object',
    'billing_details',
    'created',
    'customer',
    'livemode',
    'metadata',
    'type',
    'us_bank_account'
  ])
})

t.test('a bank has a name only where it is known, and what was not given is null', async (t) => {
  const us = await create('us_bank_account', { account_number: '000123456789', routing_number: '021000021' })
  t.match(us.body.us_bank_account, { account_holder_type: null, account_type: 'checking', bank_name: null })
  const acss = await create('acss_debit', {
    account_number: '1234567',
    institution_number: '001',
    transit_number: '00011'
  })
  t.match(acss.body.acss_debit, { bank_name: null, institution_number: '001', transit_number: '00011' })
  for (const [iban, bank_code, branch_code] of [
    ['FR1420041010050500013M02606', '20041', '01005'],
    ['GB82WEST12345698765432', 'WEST', '123456'],
    ['AT611904300234573201', '19043', null],
    // Published, though its account number has another check digit than Croatia's banks give.
    ['HR7624020064583467589', null, null]
  ] as const) {
    const sepa = await create('sepa_debit', { iban })
    t.match(sepa.body.sepa_debit, {
      bank_code,
      branch_code,
      country: iban.slice(0, 2),
      last4: iban.slice(-4)
    })
  }
})

t.test('refuses numbers that can’t be, by the name of the parameter, and never repeats them', async (t) => {
  const vault = await shared
  const before = await everyRow(vault)
  const routing = 'routing_number_invalid'
  const account = 'account_number_invalid'
  const digits = (name: string, count: string) => `The ${name} is not valid: it must have ${count} digits.`
  const checkDigit = 'The routing number is not valid: its check digit does not fit.'
  const rows: [type: string, name: string, value: string, code: string, message: string][] = [
    ['us_bank_account', 'routing_number', '110000001', routing, checkDigit],
    ['us_bank_account', 'routing_number', '11000000', routing, digits('routing number', '9')],
    ['us_bank_account', 'routing_number', '1100000000', routing, digits('routing number', '9')],
    ['us_bank_account', 'account_number', '9876', account, digits('account number', '5 to 17')],
    ['us_bank_account', 'account_number', '987654321098765432', account, digits('account number', '5 to 17')],
    ['us_bank_account', 'account_number', '98765x3210', account, digits('account number', '5 to 17')],
    ['acss_debit', 'institution_number', '00', routing, digits('institution number', '3')],
    ['acss_debit', 'transit_number', '110000', routing, digits('transit number', '5')],
    ['acss_debit', 'account_number', '987654', account, digits('account number', '7 to 12')],
    ['acss_debit', 'account_number', '9876543210987', account, digits('account number', '7 to 12')],
    ['au_becs_debit', 'bsb_number', '00000', routing, digits('BSB number', '6')],
    ['au_becs_debit', 'account_number', '9876', account, digits('account number', '5 to 9')],
    ['au_becs_debit', 'account_number', '9876543210', account, digits('account number', '5 to 9')],
    ['bacs_debit', 'sort_code', '1088000', routing, digits('sort code', '6')],
    ['bacs_debit', 'account_number', '9876543', account, digits('account number', '8')],
    ['sepa_debit', 'iban', 'DE89370400440532013001', account, 'The IBAN is not valid.'],
    ['sepa_debit', 'iban', 'DE8937040044', account, 'The IBAN is not valid.'],
    ['sepa_debit', 'iban', '9876543210', account, 'The IBAN is not valid.'],
    ['sepa_debit', 'iban', 'BR1500000000000010932840814P2', account, 'The IBAN is of a country outside SEPA.']
  ]
  for (const [type, name, value, code, message] of rows) {
    const reply = await create(type, { ...sampleOf(type).given, [name]: value })
    refused(t, reply, 400, { code, message, param: `${type}[${name}]` }, `${type}[${name}]=${value}`)
    t.notMatch(reply.text, value)
  }
  const secret = '9876543210'.repeat(501)
  for (const [type, name] of [
    ['us_bank_account', 'account_number'],
    ['acss_debit', 'account_number'],
    ['au_becs_debit', 'account_number'],
    ['bacs_debit', 'account_number'],
    ['sepa_debit', 'iban']
  ] as const) {
    const param = `${type}[${name}]`
    const long = await create(type, { ...sampleOf(type).given, [name]: secret })
    refused(t, long, 400, { message: 'Invalid string; must be at most 5000 characters', param })
    const list = await create(type, { ...sampleOf(type).given, [name]: { x: '9876543210' } })
    refused(t, list, 400, { message: 'Invalid string', param })
  }
  t.equal(await everyRow(vault), before, 'and nothing was written')
})

t.test('refuses what is missing, unknown, or of another type', async (t) => {
  const post = (params: object) => shared.then((vault) => vault.post('/v1/payment_methods', params))
  for (const type of types) {
    const { given } = sampleOf(type)
    refused(t, await post({ type }), 400, parameterMissing(type))
    for (const name of Object.keys(given).filter((key) => !key.endsWith('_type'))) {
      const rest = Object.fromEntries(Object.entries(given).filter(([key]) => key !== name))
      // A form can't send an empty hash.
      const missed = name === 'iban' ? type : `${type}[${name}]`
      refused(t, await post({ type, [type]: rest }), 400, parameterMissing(missed))
    }
    refused(
      t,
      await post({ type, [type]: { ...given, bogus: 'x' } }),
      400,
      parameterUnknown(`${type}[bogus]`)
    )
    refused(t, await post({ type, [type]: given, card: typedCard }), 400, fitsNot('card', type))
    refused(t, await post({ type: 'card', card: typedCard, [type]: given }), 400, fitsNot(type, 'card'))
  }
  const { given } = sampleOf('us_bank_account')
  const param = 'us_bank_account[financial_connections_account]'
  refused(
    t,
    await post({ type: 'us_bank_account', us_bank_account: { financial_connections_account: 'fca_1' } }),
    400,
    { message: `This vault does not support the parameter '${param}'.`, param }
  )
  refused(t, await post({ type: 'us_bank_account', us_bank_account: { ...given, account_type: 'x' } }), 400, {
    message: 'Invalid us_bank_account[account_type]: must be one of checking or savings',
    param: 'us_bank_account[account_type]'
  })
  refused(t, await post({ type: 'klarna', klarna: { x: 'y' } }), 400, notSaved('klarna'))
})

const fitsNot = (param: string, type: string): Refusal => ({
  message: `The parameter '${param}' does not fit a payment method of the type '${type}'.`,
  param
})

const notSaved = (type: string): Refusal => ({
  message: `This vault does not save payment methods of the type '${type}'.`,
  param: 'type'
})

t.test('updates whose bank account it is and of what kind, and nothing else of it', async (t) => {
  const vault = await shared
  const made = await create('us_bank_account', sampleOf('us_bank_account').given)
  const path = `/v1/payment_methods/${String(made.body.id)}`
  const update = (params: Json) => vault.post(path, params, newest)
  t.match((await update({ us_bank_account: { account_type: 'savings' } })).body, {
    error: { message: 'You must save this PaymentMethod to a customer before you can update it.' }
  })
  const customer = String((await vault.post('/v1/customers')).body.id)
  await vault.post(`${path}/attach`, { customer })

  const { body } = await update({
    us_bank_account: { account_holder_type: 'company', account_type: 'savings' },
    billing_details: { name: 'Jenny' },
    metadata: { order: '1' }
  })
  t.same(body.us_bank_account, {
    ...(made.body.us_bank_account as Json),
    account_holder_type: 'company',
    account_type: 'savings'
  })
  t.match(body, { billing_details: { name: 'Jenny' }, metadata: { order: '1' } })
  t.same((await vault.get(path, {}, newest)).body, body)
  const [, event] = await eventsOf(vault, String(made.body.id))
  t.match(event, {
    type: 'payment_method.updated',
    previous_attributes: {
      us_bank_account: { account_holder_type: 'individual', account_type: 'checking' }
    }
  })

  refused(t, await update({ card: { exp_month: 8 } }), 400, fitsNot('card', 'us_bank_account'))
  refused(t, await update({ us_bank_account: { account_number: '000123456789' } }), 400, {
    ...parameterUnknown('us_bank_account[account_number]')
  })
  const card = await vault.post('/v1/payment_methods/pm_card_visa/attach', { customer })
  const cards = `/v1/payment_methods/${String(card.body.id)}`
  refused(t, await vault.post(cards, { us_bank_account: { account_type: 'savings' } }), 400, {
    ...fitsNot('us_bank_account', 'card')
  })
  const sepa = await create('sepa_debit', sampleOf('sepa_debit').given)
  const sepas = `/v1/payment_methods/${String(sepa.body.id)}`
  await vault.post(`${sepas}/attach`, { customer })
  const changed = await vault.post(sepas, { metadata: { a: 'b' } }, newest)
  t.same(changed.body, { ...sepa.body, customer, metadata: { a: 'b' } })
})

t.test('a publishable key creates one, and is not shown the fingerprint', async (t) => {
  const vault = await shared
  for (const type of types) {
    const params = { type, [type]: sampleOf(type).given }
    const made = await vault.post('/v1/payment_methods', params, { ...newest, key: vault.keys.publishable })
    t.same(made.body[type], sampleOf(type).shown)
    const whole = await vault.get(`/v1/payment_methods/${String(made.body.id)}`, {}, newest)
    t.match(part(whole.body, `${type}.fingerprint`), /^\w{16}$/)
    answers.push(made.text, whole.text)
  }
})

t.test('compares the number under an idempotency key, without keeping it', async (t) => {
  for (const type of types) {
    const { given, others } = sampleOf(type)
    const key = { 'idempotency-key': `bank account of ${type}` }
    const first = await create(type, given, {}, key)
    const replay = await create(type, given, {}, key)
    t.equal(replay.text, first.text)
    t.equal(replay.headers.get('idempotent-replayed'), 'true')
    const other = await create(type, others[0], {}, key)
    t.match({ status: other.status, ...other.body }, { status: 400, error: { type: 'idempotency_error' } })
  }
  const key = { 'idempotency-key': 'corrected' }
  t.equal((await create('sepa_debit', { iban: 'DE00' }, {}, key)).status, 400)
  t.equal(
    (await create('sepa_debit', sampleOf('sepa_debit').given, {}, key)).status,
    200,
    'a fault is not kept'
  )
})

t.test('takes none in live mode, where nobody stands behind it', async (t) => {
  const vault = await shared
  for (const type of [...types, 'link']) {
    const params = { type, ...(samples[type] && { [type]: sampleOf(type).given }) }
    const reply = await vault.post('/v1/payment_methods', params, { key: vault.keys.live })
    answers.push(reply.text)
    refused(t, reply, 400, {
      message:
        'In live mode this server takes bank accounts only when its host has passed it a CardProcessor of its own that tokenizes them.',
      param: 'type'
    })
  }
})

t.test("asks the host's processor, and keeps of its answer what is to be kept", async (t) => {
  const { tokenizeBankAccount, ...cardsOnly } = testProcessor({ fingerprintKey })
  const asked: BankAccountDetails[] = []
  const answersOf: Record<string, () => Promise<TokenizedBankAccount | undefined>> = {
    acss_debit: async () => undefined,
    bacs_debit: async () => Promise.reject(new BankAccountRefused({ message: 'No.', param: 'bacs_debit' })),
    sepa_debit: async () => ({ type: 'link', token: 'tok', email: null })
  }
  const processor: CardProcessor = {
    ...cardsOnly,
    tokenizeBankAccount: async (account, context) => {
      asked.push(account)
      const other = answersOf[account.type]
      if (other) return other()
      const given = await tokenizeBankAccount(account, context)
      const networks = { supported: ['ach'], preferred: 'ach', account_number: '000123456789' }
      return { ...account, ...given, networks } as unknown as TokenizedBankAccount
    }
  }
  const vault = await startVault(t, { processor })
  const post = (type: string, more: Json = {}) =>
    vault.post('/v1/payment_methods', { type, [type]: sampleOf(type).given, ...more })

  const made = await post('us_bank_account', { billing_details: { name: 'Jenny', email: 'j@example.com' } })
  t.match(made.body.us_bank_account, sampleOf('us_bank_account').shown)
  t.same(asked, [{ type: 'us_bank_account', ...sampleOf('us_bank_account').given, name: 'Jenny' }])
  const kept = await everyRow(vault)
  t.notMatch(kept, '000123456789')
  t.match(kept, 'last4"": ""6789')

  refused(t, await post('acss_debit'), 400, notSaved('acss_debit'))
  refused(t, await post('bacs_debit'), 400, { message: 'No.', param: 'bacs_debit' })
  t.equal((await post('sepa_debit')).status, 500)

  delete processor.tokenizeBankAccount
  for (const type of types) refused(t, await post(type), 400, notSaved(type))
  refused(t, await vault.post('/v1/payment_methods', { type: 'link' }), 400, notSaved('link'))
})

t.test('no number is in any table, any answer or any line of the log', async (t) => {
  const vault = await shared
  const tables = await everyTable(vault)
  const lines = log.join('')
  t.match(lines, '/v1/payment_methods', 'there is a log')
  t.match(tables, 'us_bank_account')
  const refusedNumber = '9876543210'
  for (const number of [...types.flatMap((type) => sampleOf(type).numbers), refusedNumber]) {
    t.notOk(tables.includes(number), `${number} is in no table`)
    t.notOk(lines.includes(number), `${number} is not in the log`)
    t.notOk(
      answers.some((text) => text.includes(number)),
      `${number} is in no answer`
    )
  }
})

/** All that the vault keeps, as text. */
async function everyTable({ db }: TestVault): Promise<string> {
  const { rows } = await db.pool.query<{ name: string }>(
    "select tablename as name from pg_tables where schemaname = 'payment_vault'"
  )
  const texts = rows.map(async ({ name }) => {
    const found = await db.pool.query<{ row: string }>(`select r::text as row from payment_vault.${name} r`)
    return found.rows.map(({ row }) => row).join('\n')
  })
  return (await Promise.all(texts)).join('\n')
}
