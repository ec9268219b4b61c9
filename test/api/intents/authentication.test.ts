import Fastify, { type FastifyRequest } from 'fastify'
import { Writable } from 'node:stream'
import { setImmediate as nextTurn } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { type FoundKey, keyAuthentication } from '../../../plugins/auth/api-keys'
import { Database } from '../../../plugins/database/database'
import { createKey } from '../../../src/resources/accounts/keys'
import { insertAccount, listKeys, revokeKey } from '../../../src/resources/accounts/store'
import { paymentVault, type Principal } from '../../../src/index'
import { newId } from '../../../src/protocol/values/ids'
import { noSuch, part, type Refusal, refused } from '../../helpers/document/bodies'
import { newDatabase } from '../../helpers/database/database'
import { documentedCalls, filledIn } from '../../helpers/document/documented-parameters'
import { everyRow } from '../../helpers/database/rows'
import {
  fingerprintKey,
  type Json,
  newPair,
  type Reply,
  startVault,
  type TestVault,
  typedCard
} from '../../helpers/vault'

// Of wrong keys there are many here.
const shared = startVault(t, { limitKeyGuesses: false })

/** Any call, with exactly this Authorization header or none. */
async function authorized(authorization?: string, url?: string): Promise<Reply> {
  const vault = await shared
  const headers = authorization === undefined ? {} : { authorization }
  const response = await fetch(`${url ?? vault.url}/v1/customers?limit=1`, { headers })
  const text = await response.text()
  return { status: response.status, headers: response.headers, text, body: JSON.parse(text) as Json }
}

const base64 = (text: string): string => Buffer.from(text).toString('base64')

const noKey = {
  message:
    "You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY'). See https://stripe.com/docs/api#authentication for details, or we can help at https://support.stripe.com/."
}

t.test('takes a key as Bearer and as Basic, with the colon or without', async (t) => {
  const { test: key } = (await shared).keys
  const forms = [
    `Bearer ${key}`,
    `bearer ${key}`,
    `Bearer  ${key} `,
    `Basic ${base64(`${key}:`)}`,
    `Basic ${base64(key)}`,
    `Basic ${base64(`${key}:password`)}`,
    `basic ${base64(`${key}:`)}`,
    `Basic ${key}`,
    `Basic ${key}:`
  ]
  for (const form of forms) t.equal((await authorized(form)).status, 200, form.replaceAll(key, 'KEY'))
})

t.test('without a key it says how to give one', async (t) => {
  const { test: key } = (await shared).keys
  const forms = [undefined, '', 'Bearer', 'Bearer ', 'Basic', `Basic ${base64(':')}`, key, `Digest ${key}`]
  for (const form of forms) refused(t, await authorized(form), 401, noKey, String(form))
})

t.test('masks a wrong key: eight characters and four stay', async (t) => {
  const masks: [key: string, mask: string][] = [
    ['sk_test_4eC39HqLyjWDarjtT1zdp7dc', 'sk_test_********************p7dc'],
    ['sk_live_4eC39HqLyjWDarjtT1zdp7dc', 'sk_live_********************p7dc'],
    ['sk_test_12345', 'sk_test_*2345'],
    ['sk_test_1234', '************'],
    ['sk_test_', '********'],
    ['x', '*'],
    ['sk_test_\u00e9\u00e9\u00e9\u00e91234', 'sk_test_****1234'],
    ['\u00e9\u00e8sk_test_12345', '??sk_tes***2345'],
    [`sk_test_${'x'.repeat(300)}`, `sk_test_${'*'.repeat(188)}xxxx`]
  ]
  for (const [key, mask] of masks) {
    for (const form of [
      `Bearer ${key}`,
      ...(key.includes('_') && !/[^ -~]/.test(key) ? [`Basic ${key}:`] : [])
    ]) {
      refused(t, await authorized(form), 401, { message: `Invalid API Key provided: ${mask}` }, form)
    }
  }
  const basic = await authorized(`Basic ${base64('sk_test_12345:')}`)
  refused(t, basic, 401, { message: 'Invalid API Key provided: sk_test_*2345' })
  const twelve = await authorized('Bearer sk_test_abcd')
  t.equal(twelve.text.length, 114, 'as long as it was recorded for twelve characters')
})

t.test('a 401 is a challenge, without request id and version', async (t) => {
  const vault = await shared
  for (const key of [null, 'sk_test_wrong_key_1234', vault.keys.publishable]) {
    const { status, headers, text } = await vault.post(
      '/v1/customers',
      {},
      {
        key,
        headers: { 'stripe-version': '2023-10-16', 'idempotency-key': newId('req') }
      }
    )
    t.equal(status, 401)
    t.equal(headers.get('www-authenticate'), 'Bearer realm="Stripe"')
    for (const name of ['request-id', 'stripe-version', 'idempotency-key', 'original-request']) {
      t.notOk(headers.has(name), `no ${name}`)
    }
    t.match(text, /\}\n$/)
  }
  const unknown = await vault.get('/v1/nope', {}, { key: null })
  refused(t, unknown, 401, noKey, 'also where there is nothing')
  t.notOk((await vault.get('/v1/customers')).headers.has('www-authenticate'))
})

t.test('the test page shows an amount in the unit that the API counts', async (t) => {
  const vault = await shared
  const shown = {
    usd: '$50.00',
    jpy: '¥5,000',
    kwd: 'KWD\u00a05.000',
    isk: 'ISK\u00a050.00',
    ugx: 'UGX\u00a050.00'
  }
  for (const [currency, price] of Object.entries(shown)) {
    const { body } = await vault.post('/v1/payment_intents', {
      amount: 5000,
      currency,
      payment_method: 'pm_card_authenticationRequired',
      confirm: true
    })
    const action = body.next_action as { use_stripe_sdk: { stripe_js: string } }
    const page = await (await fetch(action.use_stripe_sdk.stripe_js)).text()
    t.match(page, `A payment of <strong>${price}</strong>`, currency)
  }
})

t.test('a revoked key is a wrong key', async (t) => {
  const vault = await startVault(t)
  const key = await createKey(vault.db, { livemode: false, kind: 'secret' })
  const keyed = (): Promise<Reply> => vault.get('/v1/customers', {}, { key })
  t.equal((await keyed()).status, 200)
  const id = (await listKeys(vault.db)).find(({ hint }) => hint.endsWith(key.slice(-4)))?.id ?? ''
  t.equal(await revokeKey(vault.db, id), true)
  t.match((await keyed()).body.error, { message: /^Invalid API Key provided: sk_test_\*{20}/ })
  t.equal((await vault.get('/v1/customers')).status, 200, 'the others stay')
})

t.test('a key is remembered for as long as it is told', async (t) => {
  for (const [rememberKeysFor, stays] of [
    [60_000, true],
    [50, false]
  ] as const) {
    const vault = await startVault(t, { rememberKeysFor })
    const key = 'sk_test_not_yet_made_but_soon'
    const ask = async (key: string) => (await vault.get('/v1/customers', {}, { key })).status
    t.equal(await ask(key), 401)
    await createKey(vault.db, { livemode: false, kind: 'secret', key })
    t.equal(await ask(key), 200, 'what is wrong is not remembered')
    for (const { id } of await listKeys(vault.db)) await revokeKey(vault.db, id)
    await new Promise((resolve) => setTimeout(resolve, 60))
    t.equal(await ask(key), stays ? 200 : 401, `remembered for ${rememberKeysFor} ms`)
    t.equal(await ask(vault.keys.test), 401, 'one that was never seen is not')
  }
})

t.test('so many may wait for a lookup, and whoever comes then is refused, unseen', async (t) => {
  const principal = { account: 'acct_1', livemode: false }
  const pending: ((found: FoundKey | undefined) => void)[] = []
  let known = true
  const find = () =>
    known ? { principal } : new Promise<FoundKey | undefined>((found) => pending.push(found))
  const authenticate = keyAuthentication(async () => find(), { cacheMs: 60_000 })
  const call = async (key: string) =>
    authenticate({ ip: '192.0.2.1', headers: { authorization: `Bearer ${key}` } } as FastifyRequest)
  t.equal(await call('sk_test_remembered'), principal)
  known = false
  const outcomes = Promise.allSettled(Array.from({ length: 2000 }, (_, i) => call(`sk_test_${i % 2}`)))
  // Nothing takes what a lookup of these would be rejected with: one that had begun would end the process.
  for (const key of ['sk_test_0', 'sk_test_another']) {
    const refused = await Promise.race([call(key).catch((error: unknown) => error), nextTurn('let wait')])
    t.match(refused, { status: 429, fields: { code: 'lock_timeout' } }, key)
  }
  t.equal(await call('sk_test_remembered'), principal, 'who need not wait goes on')
  t.equal(pending.length, 2)
  known = true
  for (const [i, found] of pending.entries()) found(i === 0 ? { principal } : undefined)
  const statuses = (await outcomes).map((outcome) =>
    outcome.status === 'fulfilled' ? 200 : (outcome.reason as { status: number }).status
  )
  t.equal(statuses.filter((status) => status === 200).length, 1000)
  t.equal(statuses.filter((status) => status === 401).length, 1000)
  await nextTurn()
  t.equal(await call('sk_test_next'), principal, 'there is room again')
})

/** Ids of one owner, by what they are in the calls below. */
interface Owned {
  customer: string
  paymentMethod: string
}

/** Every call that can name somebody else's object, in its path or in a parameter. */
function callsNaming(
  other: Owned,
  own: Owned & { free: string }
): [method: string, path: string, params: Json][] {
  const { customer, paymentMethod } = other
  const defaultIs = { invoice_settings: { default_payment_method: paymentMethod } }
  const inPath = { customer, payment_method: paymentMethod }
  const needed: Record<string, Json> = {
    'POST /v1/payment_methods/{payment_method}/attach': { customer: own.customer },
    'POST /v1/payment_methods/{payment_method}': { metadata: { x: '1' } },
    'POST /v1/customers/{customer}': { name: 'x' }
  }
  const cursors = (path: string, id: string, whose: Json = {}): [string, string, Json][] => [
    ['GET', path, { ...whose, starting_after: id }],
    ['GET', path, { ...whose, ending_before: id }]
  ]
  const ownPath = `/v1/customers/${own.customer}`
  return [
    ...documentedCalls
      .filter(({ path }) => path.includes('{'))
      .map(({ method, path }): [string, string, Json] => [
        method,
        filledIn(path, inPath),
        needed[`${method} ${path}`] ?? {}
      ]),
    ['GET', `${ownPath}/payment_methods/${paymentMethod}`, {}],
    ['GET', `/v1/customers/${customer}/payment_methods/${own.paymentMethod}`, {}],
    ['POST', `/v1/payment_methods/${own.free}/attach`, { customer }],
    ['POST', '/v1/payment_methods/pm_card_visa/attach', { customer }],
    ['GET', '/v1/payment_methods', { customer }],
    ...cursors('/v1/payment_methods', paymentMethod, { customer: own.customer }),
    ...cursors(`${ownPath}/payment_methods`, paymentMethod),
    ...cursors('/v1/customers', customer),
    ['POST', '/v1/customers', { payment_method: paymentMethod }],
    ['POST', '/v1/customers', defaultIs],
    ['POST', ownPath, defaultIs]
  ]
}

t.test('accounts and modes never see each other', async (t) => {
  const vault = await startVault(t)
  const own = await ownedBy(vault)
  const [row] = (
    await vault.db.pool.query<{ account_id: string }>(
      'select account_id from payment_vault.customers limit 1'
    )
  ).rows
  const account = row?.account_id ?? ''
  const other = newId('acct')
  await insertAccount(vault.db, other)
  const inLive = await copiedTo(vault, own, account.replace(':test', ':live'))
  const another = await copiedTo(vault, own, `${other}:test`)
  const anotherLive = await copiedTo(vault, own, `${other}:live`)
  const otherKey = await createKey(vault.db, { account: other, livemode: false, kind: 'secret' })

  const callers = [
    {
      key: vault.keys.test,
      of: own,
      hidden: [another, anotherLive],
      mode: 'test',
      twin: inLive,
      twinMode: 'live'
    },
    {
      key: vault.keys.live,
      of: inLive,
      hidden: [another, anotherLive],
      mode: 'live',
      twin: own,
      twinMode: 'test'
    },
    { key: otherKey, of: another, hidden: [own, inLive], mode: 'test', twin: anotherLive, twinMode: 'live' }
  ]
  const before = await everyRow(vault)
  for (const { key, of, hidden, mode, twin, twinMode } of callers) {
    const askAll = async (whose: Owned) => {
      const answers = []
      for (const [method, path, params] of callsNaming(whose, of)) {
        const { status, headers, text } = await vault.ask(method, path, { params, key })
        const about = anonymous(`${method} ${path} ${JSON.stringify(params)}`, whose)
        answers.push({ about, status, text: anonymous(text, whose), names: [...headers.keys()].join() })
      }
      return answers
    }
    const ofNobody = await askAll({ customer: newId('cus'), paymentMethod: newId('pm') })
    for (const { about, status } of ofNobody) t.ok(status === 400 || status === 404, about)
    for (const whose of hidden) t.same(await askAll(whose), ofNobody, 'as if it were not there')

    const hint = `; a similar object exists in ${twinMode} mode, but a ${mode} mode key was used to make this request.`
    const hinted = ofNobody.map((answer) => ({ ...answer, text: answer.text.replace("'ID'", `'ID'${hint}`) }))
    t.same(await askAll(twin), hinted, 'of one’s own other mode, with a hint')
    const list = await vault.get('/v1/customers', {}, { key })
    t.same(
      (list.body.data as { id: string }[]).map(({ id }) => id),
      [of.customer],
      'a list has their own alone'
    )
  }
  t.equal(await everyRow(vault), before, 'and nothing was changed')
  t.equal((await vault.get(`/v1/payment_methods/${own.free}`)).body.customer, null)
})

const anonymous = (text: string, { customer, paymentMethod }: Owned): string =>
  text.replaceAll(customer, 'ID').replaceAll(paymentMethod, 'ID')

/** A customer with a payment method, and one that is unattached. */
async function ownedBy(vault: TestVault): Promise<Owned & { free: string }> {
  const { paymentMethod, customer } = await newPair(vault)
  await vault.post(`/v1/payment_methods/${paymentMethod}/attach`, { customer })
  const free = await vault.post('/v1/payment_methods', { type: 'card', card: typedCard })
  return { paymentMethod, customer, free: String(free.body.id) }
}

/** The same rows in another account, under ids of their own. */
async function copiedTo(
  vault: TestVault,
  own: Owned & { free: string },
  account: string
): Promise<Owned & { free: string }> {
  const copy = async (table: string, id: string, changes: Json): Promise<void> => {
    await vault.db.pool.query(
      `insert into payment_vault.${table}
       select (jsonb_populate_record(r, $2)).* from payment_vault.${table} r where id = $1`,
      [id, { ...changes, account_id: account }]
    )
  }
  const ids = { customer: newId('cus'), paymentMethod: newId('pm'), free: newId('pm') }
  await copy('customers', own.customer, { id: ids.customer })
  await copy('payment_methods', own.paymentMethod, { id: ids.paymentMethod, customer_id: ids.customer })
  await copy('payment_methods', own.free, { id: ids.free })
  return ids
}

t.test('a host says who is calling', async (t) => {
  const asked: string[] = []
  const vault = await startVault(t, {
    authenticate: (request) => {
      asked.push(request.url)
      const account = String(request.headers['x-tenant'])
      return { account, livemode: request.headers['x-live'] === 'yes' }
    }
  })
  const as = (tenant: string, live = 'no') => ({ key: null, headers: { 'x-tenant': tenant, 'x-live': live } })
  const made = await vault.post('/v1/customers', { name: 'A' }, as('a'))
  t.match({ status: made.status, ...made.body }, { status: 200, livemode: false })
  const path = `/v1/customers/${String(made.body.id)}`
  t.equal((await vault.get(path, {}, as('a'))).text, made.text)
  refused(t, await vault.get(path, {}, as('b')), 404, noSuch('customer', String(made.body.id), 'id'))
  const live = await vault.get(path, {}, as('a', 'yes'))
  t.match(live.body.error, { message: /a similar object exists in test mode/ })
  t.equal(asked.length, 4, 'once for each call')
  t.match(made.headers.get('request-id'), /^req_/)
})

t.test('a host may find out later, and may let in publishable callers', async (t) => {
  const vault = await startVault(t, {
    authenticate: async ({ headers }) => {
      await new Promise((resolve) => setTimeout(resolve, 5))
      return { account: 'tenant', livemode: false, publishable: headers['x-browser'] === 'yes' }
    }
  })
  const browser = { key: null, headers: { 'x-browser': 'yes' } }
  t.equal((await vault.get('/v1/customers', {}, { key: null })).status, 200)
  t.match((await vault.get('/v1/customers', {}, browser)).body.error, { code: 'secret_key_required' })
  const made = await vault.post('/v1/payment_methods', { type: 'card', card: typedCard }, browser)
  t.equal(made.status, 200)
  t.notOk('metadata' in made.body)
})

t.test('a host’s refusal has the wire’s shape, and its failure lets nobody in', async (t) => {
  const refusal = (statusCode: number, message: string) => Object.assign(new Error(message), { statusCode })
  const inside = {
    type: 'api_error',
    message: 'An error occurred inside the server. It has been logged; the request may be retried.'
  }
  const away = { ...inside, message: 'The server cannot answer at the moment. Please try again later.' }
  const unfit = (principal: unknown) => () => principal as Principal
  const thenable = { then: (take: (principal: Principal) => unknown) => Promise.resolve(take(nobody)) }
  const nobody = { account: '', livemode: false }
  const rows: [
    name: string,
    authenticate: () => Principal | Promise<Principal>,
    status: number,
    error: Refusal
  ][] = [
    ['401', () => raise(refusal(401, 'Log in first.')), 401, { message: 'Log in first.' }],
    ['403', async () => raise(refusal(403, 'Not you.')), 403, { message: 'Not you.' }],
    [
      '429',
      async () => raise(refusal(429, 'Slow down.')),
      429,
      { message: 'Slow down.', code: 'rate_limit' }
    ],
    ['a failure', () => raise(new Error('the directory is down: secret-host')), 500, inside],
    ['a later failure', async () => raise(new Error('the directory is down: secret-host')), 500, inside],
    ['503', () => raise(refusal(503, 'secret-host')), 503, away],
    ['502', () => raise(refusal(502, 'secret-host')), 500, inside],
    ['no error', async () => raise(undefined), 500, inside],
    ['a text', () => raise('no'), 500, inside],
    ['nobody', unfit(undefined), 500, inside],
    ['null', async () => unfit(null)(), 500, inside],
    ['an empty account', () => nobody, 500, inside],
    ['no account', async () => unfit({ livemode: false })(), 500, inside],
    ['a promise of another kind', unfit(thenable), 500, inside]
  ]
  let now: () => Principal | Promise<Principal> = () => nobody
  const vault = await startVault(t, { authenticate: () => now() })
  for (const [name, authenticate, status, error] of rows) {
    now = authenticate
    for (const path of ['/v1/customers', '/v1/nope']) {
      const reply = await vault.get(path)
      refused(t, reply, status, error, `${name}: ${path}`)
      t.equal(reply.headers.has('www-authenticate'), status === 401)
      t.equal(reply.headers.has('request-id'), status !== 401)
    }
  }
  t.match(await everyRow(vault), /^[a-z_]+(\n[a-z_]+)*$/, 'nothing was written')
})

function raise(error: unknown): never {
  throw error
}

t.test('every answer has the wire’s headers', async (t) => {
  const vault = await shared
  const { paymentMethod, customer } = await newPair(vault)
  const seen = new Set<string>()
  for (const { method, path } of [...documentedCalls, { method: 'GET', path: '/v1/nope' }]) {
    for (const ids of [{ payment_method: paymentMethod, customer }, {}]) {
      const { status, headers, text } = await vault.ask(method, filledIn(path, ids))
      const about = `${method} ${path} ${status}`
      t.match(
        Object.fromEntries(headers),
        {
          'access-control-allow-credentials': 'true',
          'access-control-allow-methods': 'GET, HEAD, PUT, PATCH, POST, DELETE',
          'access-control-allow-origin': '*',
          'access-control-expose-headers': /Request-Id, Stripe-Manage-Version, Stripe-Should-Retry/,
          'access-control-max-age': '300',
          'cache-control': 'no-cache, no-store',
          'content-length': String(Buffer.byteLength(text)),
          'content-type': /^application\/json$/,
          'request-id': /^req_[0-9A-Za-z]{14}$/,
          'stripe-version': '2022-11-15',
          vary: 'Origin'
        },
        about
      )
      seen.add(headers.get('request-id') ?? '')
      t.equal(
        text.endsWith('}\n'),
        status !== 200,
        `${about}: an error ends with a newline, an object without`
      )
      t.equal(text, `${JSON.stringify(JSON.parse(text), null, 2)}${status === 200 ? '' : '\n'}`, about)
    }
  }
  t.equal(seen.size, 2 * (documentedCalls.length + 1), 'no two have one request id')
})

t.test('keys are in the wire’s order, however deep', async (t) => {
  const vault = await shared
  const metadata = { z: '1', a: '2', M: '3' }
  const address = { state: 'BE', city: 'Berlin' }
  const made = await vault.post('/v1/customers', {
    shipping: { name: 'n', address, phone: '1' },
    name: 'n',
    address,
    metadata,
    payment_method: 'pm_card_visa',
    invoice_settings: {
      default_payment_method: 'pm_card_visa',
      custom_fields: [{ value: 'v', name: 'n' }],
      rendering_options: { template: 'x', amount_tax_display: 'exclude_tax' }
    },
    individual_name: 'i',
    business_name: 'b',
    expand: ['tax', 'sources', 'invoice_settings.default_payment_method.customer', 'cash_balance']
  })
  const customer = String(made.body.id)
  const id = String(part(made.body, 'invoice_settings.default_payment_method.id'))
  const newest = { headers: { 'stripe-version': '2026-07-29.dahlia' } }
  const replies = [
    made,
    await vault.get(`/v1/customers/${customer}`, { expand: ['tax_ids', 'subscriptions'] }, newest),
    await vault.post(
      `/v1/payment_methods/${id}`,
      { metadata, billing_details: { name: 'n', address } },
      newest
    ),
    await vault.get('/v1/payment_methods', { customer, expand: ['data.customer'] }, newest),
    await vault.get('/v1/customers', {}, newest),
    await vault.post('/v1/payment_methods/pm_card_chargeDeclined/attach', { customer }),
    await vault.get('/v1/payment_methods/pm_none'),
    await vault.get('/v1/nope'),
    await vault.del(`/v1/customers/${customer}`)
  ]
  for (const { text, status } of replies) {
    const unordered = hashesIn(JSON.parse(text)).filter((keys) => keys.join() !== inOrder(keys).join())
    t.same(unordered, [], `${status} ${text.slice(0, 60)}`)
  }
})

/** The keys of each hash, as they came. */
function hashesIn(value: unknown): string[][] {
  if (typeof value !== 'object' || value === null) return []
  const below = Object.values(value).flatMap(hashesIn)
  return Array.isArray(value) ? below : [Object.keys(value), ...below]
}

function inOrder(keys: readonly string[]): string[] {
  const first = ['id', 'object'].filter((key) => keys.includes(key))
  return [...first, ...keys.filter((key) => !first.includes(key)).sort()]
}

t.test('echoes the version, betas included, and refuses what is none', async (t) => {
  const vault = await shared
  const ask = (version: string) => vault.get('/v1/customers', {}, { headers: { 'stripe-version': version } })
  for (const version of [
    '2020-08-27',
    '2023-10-16',
    '2026-07-29.dahlia',
    '2023-10-16; risk_in_requirements_beta=v1',
    '2026-07-29.dahlia;a_beta=v1; another_beta=v2'
  ]) {
    const reply = await ask(version)
    t.equal(reply.status, 200)
    t.equal(reply.headers.get('stripe-version'), version)
  }
  for (const version of ['x', '2023', '2023-13-01', '2023-10-16.', '2023-10-16; beta', 'latest']) {
    const reply = await ask(version)
    refused(t, reply, 400, { message: `Invalid Stripe API version: ${version}` })
    t.equal(reply.headers.get('stripe-version'), '2022-11-15', 'answered in the default one')
  }
  const long = await ask(`2023-10-16${'; a_long_beta=v1'.repeat(40)}`)
  t.match(long.body.error, { message: /^Invalid Stripe API version: .{100}$/ })

  const newer = await startVault(t, { defaultVersion: '2024-06-20' })
  const made = await newer.post('/v1/payment_methods', { type: 'card', card: typedCard })
  t.equal(made.headers.get('stripe-version'), '2024-06-20')
  t.ok('allow_redisplay' in made.body)
})

t.test('an unknown URL and a wrong method are the same 404', async (t) => {
  const vault = await shared
  const unknown: [method: string, path: string][] = [
    ['GET', '/v1/nope'],
    ['POST', '/v1/nope/deeper/still'],
    ['GET', '/v1/'],
    ['GET', '/v1/customers/'],
    ['POST', '/v1/customers/'],
    ['GET', '/v1/customers//payment_methods'],
    ['POST', '/v1/payment_methods//attach'],
    ['PUT', '/v1/customers'],
    ['DELETE', '/v1/customers'],
    ['PATCH', '/v1/customers/cus_1'],
    ['DELETE', '/v1/payment_methods/pm_1'],
    ['GET', '/v1/payment_methods/pm_1/attach'],
    ['POST', '/v1/customers/cus_1/payment_methods']
  ]
  for (const [method, path] of unknown) {
    refused(t, await vault.ask(method, path), 404, {
      message: `Unrecognized request URL (${method}: ${path}). Please see https://stripe.com/docs or we can help at https://support.stripe.com/.`
    })
  }
  const asked = await vault.get('/v1/nope', { secret: 'x' })
  t.match(
    asked.body.error,
    { message: /^Unrecognized request URL \(GET: \/v1\/nope\)\./ },
    'without its query'
  )
  const typed = await vault.post('/v1/nope', 'text', { headers: { 'content-type': 'text/plain' } })
  t.equal(typed.status, 404, 'whatever is sent there')
})

t.test('HEAD is GET without the body', async (t) => {
  const vault = await shared
  const { customer } = await newPair(vault)
  const head = (path: string, key = vault.keys.test) =>
    fetch(`${vault.url}${path}`, { method: 'HEAD', headers: { authorization: `Bearer ${key}` } })
  const get = await vault.get(`/v1/customers/${customer}`)
  const found = await head(`/v1/customers/${customer}`)
  t.equal(found.status, 200)
  t.equal(await found.text(), '')
  const namesIn = ({ headers }: { headers: Headers }) =>
    [...headers.keys()].filter((name) => name !== 'keep-alive')
  t.same(namesIn(found), namesIn(get))
  t.equal(found.headers.get('content-length'), String(get.text.length))
  t.equal((await head('/v1/customers/cus_none')).status, 404)
  t.equal((await head('/v1/nope')).status, 404)
  t.equal((await head('/v1/customers', 'sk_test_wrong_key')).status, 401)
})

t.test('neither a number nor a CVC nor a key is logged, kept, or sent back', async (t) => {
  const { routes, log, pool, keys, url } = await loggingApp(t)
  const calls = documentedCalls.map(({ method, path }) => `${method} ${path}`)
  t.same(
    routes.filter((route) => !calls.includes(route)),
    [],
    'every route is called'
  )

  const answers: string[] = []
  const send = async (
    method: string,
    path: string,
    body: string | undefined,
    headers: Record<string, string>
  ) => {
    const key = headers.key ?? keys.test
    const response = await fetch(`${url}${path}`, {
      method,
      headers: { 'content-type': form, ...headers, authorization: `Bearer ${key}` },
      ...(body !== undefined && { body })
    })
    answers.push(await response.text())
    return response.status
  }

  const bodiesWith = (card: string) => [
    `type=card&${card}&billing_details[email]=${person}`,
    `${card}&metadata[note]=${person}`,
    `type=card&${card}&bogus=1`
  ]
  const ids = { customer: 'cus_none', payment_method: 'pm_none' }
  for (const { method, path } of documentedCalls.filter((call) => call.method === 'POST')) {
    const creates = path === '/v1/payment_methods'
    for (const body of creates ? cards.flatMap(bodiesWith) : bodiesWith(good))
      await send(method, filledIn(path, ids), body, { 'idempotency-key': newId('req') })
  }
  for (const { method, path } of documentedCalls.filter((call) => call.method !== 'POST')) {
    await send(method, filledIn(path, ids), undefined, {})
  }
  const path = '/v1/payment_methods'
  for (const key of [keys.live, keys.publishable, `${keys.test}x`]) {
    for (const card of [good, cards[1]]) await send('POST', path, `type=card&${card}`, { key })
  }
  const json = JSON.stringify({
    type: 'card',
    card: { number: Number(numbers[0]), cvc: [cvcs[0]], exp_month: 8 }
  })
  for (const body of [json, json.slice(0, -1), JSON.stringify(numbers[0]), JSON.stringify([json])]) {
    await send('POST', path, body, { 'content-type': 'application/json' })
  }
  for (const type of ['text/plain', 'multipart/form-data; boundary=x', 'application/xml']) {
    await send('POST', path, `type=card&${good}`, { 'content-type': type })
  }
  for (const body of [
    `card=${numbers[0]}`,
    `card[number][0]=${numbers[0]}`,
    `card[cvc][0]=${cvcs[0]}`,
    `card[number]=${numbers[0]?.repeat(400)}`,
    `card[numbr]=${numbers[0]}`,
    `card[exp_year]=${numbers[0]}&card[exp_month]=${numbers[1]}`,
    `type=${numbers[0]}`,
    `type=card&card[token]=${numbers[0]}`,
    `${numbers[0]}=1`,
    `card[${numbers[0]}]=1`,
    `card[number]=${numbers[0]}%zz`,
    `card[number]=${numbers[0]}%00`,
    `${'a[b]'.repeat(20)}=${numbers[0]}`,
    `card[number]=${numbers[0]}&x=${'y'.repeat(600_000)}`
  ]) {
    await send('POST', path, `type=card&${body}`, {})
  }
  t.ok(
    answers.some((answer) => answer.includes('"last4": "0005"')),
    'some of them were good'
  )

  await pool.query('alter table payment_vault.payment_methods add check (metadata::text not like $$%boom%$$)')
  const failing = `type=card&${good}&metadata[boom]=1&billing_details[email]=${person}`
  t.equal(await send('POST', path, failing, {}), 500, 'one that the database refuses')

  const kept = await everyTable(pool)
  const logged = log.join('')
  t.match(logged, /request failed/)
  t.ok(kept.includes(person))
  const places: [name: string, text: string][] = [
    ['the log', logged],
    ['the database', kept],
    ['the answers', answers.join('\n')]
  ]
  for (const [name, text] of places) {
    for (const number of numbers) t.notOk(text.replace(/[ -]/g, '').includes(number), `${name}: no number`)
    for (const cvc of cvcs) {
      t.notOk(new RegExp(`(?<![\\w.])${cvc}(?![\\w.])`).test(text), `${name}: no CVC`)
    }
    for (const key of Object.values(keys)) t.notOk(text.includes(key), `${name}: no key`)
  }
  t.notOk(logged.includes(person), 'nor does the log name anybody')
  t.notOk(logged.includes('acct_'), 'or an account')
})

const form = 'application/x-www-form-urlencoded'
const person = 'a-person@example.com'
// Good, good, of a wrong check digit, and of no test card. The CVCs are such as nothing else looks like.
const numbers = ['378282246310005', '4000056655665556', '4000056655665557', '4111111111111111']
const cvcs = ['9173', '917364582031']
const good = 'card[number]=3782 822463 10005&card[cvc]=9173&card[exp_month]=8&card[exp_year]=2033'
const cards = numbers.flatMap((number) =>
  [number, number.replace(/(\d{4})(?=\d)/g, '$1 '), number.replace(/(\d{4})(?=\d)/g, '$1-')].flatMap(
    (written) =>
      cvcs.map((cvc) => `card[number]=${written}&card[cvc]=${cvc}&card[exp_month]=8&card[exp_year]=2033`)
  )
)

/** An app that logs all that it can, and tells which routes it has. */
async function loggingApp(t: Test) {
  const { pool } = await newDatabase(t)
  const log: string[] = []
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      log.push(chunk.toString())
      done()
    }
  })
  const app = Fastify({ logger: { level: 'trace', base: null, stream } })
  const routes: string[] = []
  app.addHook('onRoute', ({ method, url }) => {
    // The pages for people take no parameters that could hold a number.
    if (url.endsWith('*') || url.startsWith('/authenticate/') || method === 'HEAD') return
    routes.push(`${String(method)} ${url.replace(/:(\w+)/g, '{$1}')}`)
  })
  await app.register(paymentVault, { pool, fingerprintKey, rememberKeysFor: 0 })
  t.teardown(() => app.close())
  const url = await app.listen({ port: 0, host: '127.0.0.1' })
  const db = new Database(pool, { schema: 'payment_vault', prepared: false })
  const keys = {
    test: await createKey(db, { livemode: false, kind: 'secret' }),
    live: await createKey(db, { livemode: true, kind: 'secret' }),
    publishable: await createKey(db, { livemode: false, kind: 'publishable' })
  }
  return { routes, log, pool, keys, url }
}

/** All that the vault keeps, as text. */
async function everyTable(pool: { query: (sql: string) => Promise<{ rows: Json[] }> }): Promise<string> {
  const { rows } = await pool.query(
    "select tablename as name from pg_tables where schemaname = 'payment_vault'"
  )
  const texts: string[] = []
  for (const { name } of rows) {
    const found = await pool.query(`select r::text as row from payment_vault.${String(name)} r`)
    texts.push(String(name), ...found.rows.map(({ row }) => String(row)))
  }
  return texts.join('\n')
}
