import Fastify from 'fastify'
import pg from 'pg'
import { stringify } from 'qs'
import root, { type Test } from 'tap'
import { handleErrors } from '../../../plugins/reply/error-handler'
import { answerHeaders } from '../../../plugins/reply/headers'
import { hashParameters } from '../../../plugins/idempotency/idempotency'
import { createKey } from '../../../src/resources/accounts/keys'
import { insertAccount } from '../../../src/resources/accounts/store'
import { type CardProcessor, CardRefused, paymentVault, testProcessor } from '../../../src/index'
import { newId } from '../../../src/protocol/values/ids'
import { part } from '../../helpers/document/bodies'
import { startBeside } from '../../helpers/server/beside'
import { everyRow, tables } from '../../helpers/database/rows'
import { terminateWaiting } from '../../helpers/database/terminate-waiting'
import {
  fingerprintKey,
  newPair,
  type Reply,
  startVault,
  type TestVault,
  typedCard
} from '../../helpers/vault'

/** One call, the same call with other parameters, and how many rows it adds. */
interface Sample {
  path: string
  params: object
  other: object
}

// For every POST route there is, calls that change something; a new route needs a line of its own here.
const samples: Record<string, (vault: TestVault) => Promise<Sample[]>> = {
  '/v1/payment_methods': async () => [
    {
      path: '/v1/payment_methods',
      params: { type: 'card', card: typedCard, expand: ['customer'] },
      other: { type: 'card', card: { ...typedCard, exp_month: 9 }, expand: ['customer'] }
    }
  ],
  '/v1/payment_methods/:payment_method': async (vault) => {
    const { paymentMethod, customer } = await newPair(vault)
    await vault.post(`/v1/payment_methods/${paymentMethod}/attach`, { customer })
    return [
      {
        path: `/v1/payment_methods/${paymentMethod}`,
        params: { metadata: { a: '1' } },
        other: { metadata: { a: '2' } }
      }
    ]
  },
  '/v1/payment_methods/:payment_method/attach': async (vault) => {
    const { paymentMethod, customer } = await newPair(vault)
    const { paymentMethod: second, customer: other } = await newPair(vault)
    return [
      {
        path: `/v1/payment_methods/${paymentMethod}/attach`,
        params: { customer },
        other: { customer: other }
      },
      {
        path: `/v1/payment_methods/${second}/attach`,
        params: { customer, expand: ['customer'] },
        other: { customer }
      },
      { path: '/v1/payment_methods/pm_card_visa/attach', params: { customer }, other: { customer: other } }
    ]
  },
  '/v1/payment_methods/:payment_method/detach': async (vault) => {
    const { paymentMethod, customer } = await newPair(vault)
    await vault.post(`/v1/payment_methods/${paymentMethod}/attach`, { customer })
    return [
      { path: `/v1/payment_methods/${paymentMethod}/detach`, params: {}, other: { expand: ['customer'] } }
    ]
  },
  '/v1/customers': async (vault) => {
    const { paymentMethod } = await newPair(vault)
    return [
      { path: '/v1/customers', params: { name: 'Ada' }, other: { name: 'Eve' } },
      { path: '/v1/customers', params: { payment_method: paymentMethod }, other: {} },
      { path: '/v1/customers', params: { payment_method: 'pm_card_visa' }, other: {} }
    ]
  },
  '/v1/customers/:customer': async (vault) => {
    const { customer } = await newPair(vault)
    return [{ path: `/v1/customers/${customer}`, params: { name: 'Ada' }, other: { name: 'Eve' } }]
  },
  '/v1/tokens': async () => [
    {
      path: '/v1/tokens',
      params: { card: { ...typedCard, exp_month: '8', exp_year: '2033' } },
      other: { card: { ...typedCard, exp_month: '9', exp_year: '2033' } }
    }
  ],
  '/v1/setup_intents': async () => [
    { path: '/v1/setup_intents', params: { description: 'a' }, other: { description: 'b' } },
    { path: '/v1/setup_intents', params: { payment_method: 'pm_card_visa' }, other: {} }
  ],
  '/v1/setup_intents/:intent': async (vault) => [
    { path: await newIntent(vault, 'setup'), params: { description: 'a' }, other: { description: 'b' } }
  ],
  '/v1/setup_intents/:intent/confirm': async (vault) => [
    {
      path: `${await newIntent(vault, 'setup')}/confirm`,
      params: { payment_method: 'pm_card_visa' },
      other: { payment_method: 'pm_card_mastercard' }
    }
  ],
  '/v1/setup_intents/:intent/cancel': async (vault) => [
    {
      path: `${await newIntent(vault, 'setup')}/cancel`,
      params: {},
      other: { cancellation_reason: 'abandoned' }
    }
  ],
  '/v1/payment_intents': async () => [
    {
      path: '/v1/payment_intents',
      params: { amount: 100, currency: 'usd' },
      other: { amount: 101, currency: 'usd' }
    }
  ],
  '/v1/payment_intents/:intent': async (vault) => [
    { path: await newIntent(vault, 'payment'), params: { description: 'a' }, other: { description: 'b' } }
  ],
  '/v1/payment_intents/:intent/confirm': async (vault) => [
    {
      path: `${await newIntent(vault, 'payment')}/confirm`,
      params: { payment_method: 'pm_card_visa' },
      other: { payment_method: 'pm_card_mastercard' }
    }
  ],
  '/v1/payment_intents/:intent/capture': async (vault) => [
    {
      path: `${await newIntent(vault, 'payment', { ...confirmed, capture_method: 'manual' })}/capture`,
      params: { amount_to_capture: 60 },
      other: { amount_to_capture: 70 }
    }
  ],
  '/v1/payment_intents/:intent/cancel': async (vault) => [
    { path: `${await newIntent(vault, 'payment')}/cancel`, params: {}, other: { expand: ['customer'] } },
    {
      path: `${await newIntent(vault, 'payment', { ...confirmed, capture_method: 'manual' })}/cancel`,
      params: {},
      other: { expand: ['customer'] }
    }
  ],
  '/v1/refunds': async (vault) => {
    const payment_intent = (await newIntent(vault, 'payment', confirmed)).split('/').at(-1)
    return [
      {
        path: '/v1/refunds',
        params: { payment_intent, amount: 60 },
        other: { payment_intent, amount: 50 }
      }
    ]
  },
  '/v1/webhook_endpoints': async () => [
    { path: '/v1/webhook_endpoints', params: newEndpoint, other: { ...newEndpoint, description: 'other' } }
  ],
  '/v1/webhook_endpoints/:webhook_endpoint': async (vault) => {
    const { body } = await vault.post('/v1/webhook_endpoints', newEndpoint)
    return [
      {
        path: `/v1/webhook_endpoints/${String(body.id)}`,
        params: { description: 'a' },
        other: { description: 'b' }
      }
    ]
  }
}

const confirmed = { confirm: true, payment_method: 'pm_card_visa' }
const newEndpoint = { url: 'https://example.com/hooks', enabled_events: ['account.updated'] }

/** The path of a new intent. */
async function newIntent(vault: TestVault, kind: 'payment' | 'setup', more: object = {}): Promise<string> {
  const path = `/v1/${kind}_intents`
  const money = kind === 'payment' && { amount: 100, currency: 'usd' }
  return `${path}/${String((await vault.post(path, { ...money, ...more })).body.id)}`
}

root.setTimeout(300_000)

/** The vault that most of these share, and another app on its database. */
let vault: Promise<TestVault> | undefined
let another: ReturnType<typeof startBeside> | undefined
const one = () => (vault ??= startVault(root))

root.test('holds for every POST route that there is', async (t) => {
  const found: string[] = []
  const app = Fastify()
  app.addHook('onRoute', ({ method, url }) => {
    if ([method].flat().includes('POST') && url.startsWith('/v1/') && !url.includes('*')) found.push(url)
  })
  const pool = new pg.Pool()
  await app.register(paymentVault, { pool, fingerprintKey, migrate: 'off' })
  await app.ready()
  await app.close()
  await pool.end()
  t.strictSame(found.sort(), Object.keys(samples).sort())
})

for (const [route, samplesOf] of Object.entries(samples)) {
  root.test(`POST ${route}: the first answer, to every app, until other parameters come`, async (t) => {
    const vault = await one()
    const beside = await (another ??= startBeside(root, vault))
    for (const [i, { path, params, other }] of (await samplesOf(vault)).entries()) {
      const headers = { 'idempotency-key': `${route} ${i}` }
      const before = await everyRow(vault)
      const first = await vault.post(path, params, { headers })
      t.equal(first.status, 200, first.text)
      const after = await everyRow(vault)
      t.not(after, before)
      isFirst(t, first, `${route} ${i}`)
      t.equal(await transactionsOf(vault, first), 1, 'key, answer, change and event were committed as one')

      const replays = [
        await beside.post(path, params, headers),
        await vault.post(path, params, { headers }),
        await vault.post(path, params, { headers: { ...headers, 'stripe-version': '2026-07-29.dahlia' } }),
        await vault.post(path, JSON.stringify(params), {
          headers: { ...headers, 'content-type': 'application/json' }
        })
      ]
      for (const replay of replays) isReplay(t, replay, first)
      t.equal(new Set([first, ...replays].map(requestId)).size, 5, 'every request has an id of its own')

      isMisuse(t, await vault.post(path, other, { headers }), otherParameters(`${route} ${i}`))
      isMisuse(t, await beside.post(path, other, headers), otherParameters(`${route} ${i}`))
      const elsewhere = path === '/v1/customers' ? '/v1/customers/cus_x' : '/v1/customers'
      isMisuse(
        t,
        await vault.post(elsewhere, {}, { headers }),
        `Keys for idempotent requests can only be used for the same endpoint they were first used for ('${path}' vs '${elsewhere}'). Try using a key other than '${route} ${i}' if you meant to execute a different request.`
      )
      t.equal(await everyRow(vault), after, 'and nothing more was done')
    }
  })
}

root.test('keeps an answer as it was, whatever becomes of the object', async (t) => {
  const vault = await one()
  const { paymentMethod, customer } = await newPair(vault)
  const path = `/v1/payment_methods/${paymentMethod}`
  const newest = { 'stripe-version': '2026-07-29.dahlia' }
  const attach = (key: string, more: Record<string, string> = {}) =>
    vault.post(`${path}/attach`, { customer }, { headers: { 'idempotency-key': key, ...more } })
  const first = await attach('first', newest)
  t.equal(first.body.customer_account, null, 'in the first version')
  const second = await attach('second')
  await vault.post(path, { metadata: { changed: 'since' } })
  const third = await attach('third')
  t.strictSame(third.body.metadata, { changed: 'since' })
  await vault.post(`${path}/detach`)
  await vault.del(`/v1/customers/${customer}`)

  isReplay(t, await attach('first'), first)
  isReplay(t, await attach('second', newest), second)
  isReplay(t, await attach('third'), third)
})

root.test('keeps a refusal by state, after its reason is gone', async (t) => {
  const vault = await one()
  const { paymentMethod, customer } = await newPair(vault)
  const { paymentMethod: theirs, customer: them } = await newPair(vault)
  const path = `/v1/payment_methods/${paymentMethod}`
  await vault.post(`/v1/payment_methods/${theirs}/attach`, { customer: them })
  const calls: [path: string, params: object][] = [
    [`${path}/detach`, {}],
    [path, { metadata: { a: '1' } }],
    [`/v1/payment_methods/${theirs}/attach`, { customer }],
    [`/v1/payment_methods/${theirs}/attach`, { customer, expand: ['customer'] }],
    ['/v1/customers', { payment_method: theirs }]
  ]
  const send = async () => {
    const replies: Reply[] = []
    for (const [i, [to, params]] of calls.entries())
      replies.push(await vault.post(to, params, { headers: { 'idempotency-key': `state-${i}` } }))
    return replies
  }
  const firsts = await send()
  for (const [i, first] of firsts.entries()) {
    t.equal(first.status, 400)
    isFirst(t, first, `state-${i}`)
  }
  await vault.post(`${path}/attach`, { customer })
  await vault.post(`/v1/payment_methods/${theirs}/detach`)
  const before = await everyRow(vault)
  for (const [i, replay] of (await send()).entries()) isReplay(t, replay, firsts[i])
  t.equal(await everyRow(vault), before)
  t.equal((await vault.post(path, { metadata: { a: '1' } })).status, 200, 'without the key it is done')
})

root.test('keeps the refusal of a card, also when the card would pass by now', async (t) => {
  const card = switchable()
  const vault = await startVault(t, { processor: card.processor })
  const { paymentMethod, customer } = await newPair(vault)
  const calls: [path: string, params: object][] = [
    ['/v1/payment_methods', { type: 'card', card: { ...typedCard, number: '4242424242424241' } }],
    ['/v1/payment_methods', { type: 'card', card: typedCard }],
    [`/v1/payment_methods/${paymentMethod}/attach`, { customer }],
    [`/v1/payment_methods/${paymentMethod}/attach`, { customer, expand: ['customer'] }],
    ['/v1/payment_methods/pm_card_visa/attach', { customer }],
    ['/v1/customers', { payment_method: paymentMethod }]
  ]
  const send = async () => {
    const replies: Reply[] = []
    for (const [i, [to, params]] of calls.entries())
      replies.push(await vault.post(to, params, { headers: { 'idempotency-key': `card-${i}` } }))
    return replies
  }
  card.declines = true
  const firsts = await send()
  for (const [i, first] of firsts.entries()) {
    t.equal(first.status, 402)
    t.equal(part(first.body, 'error.type'), 'card_error')
    isFirst(t, first, `card-${i}`)
  }
  card.declines = false
  const before = await everyRow(vault)
  const asked = card.asked
  for (const [i, replay] of (await send()).entries()) isReplay(t, replay, firsts[i])
  t.equal(await everyRow(vault), before)
  t.equal(card.asked, asked, 'nobody is asked about a card again')
  const path = `/v1/payment_methods/${paymentMethod}/attach`
  t.equal((await vault.post(path, { customer }, key('another'))).status, 200)
})

root.test('keeps nothing of what never ran: the next call with the key does', async (t) => {
  const vault = await one()
  const { paymentMethod, customer } = await newPair(vault)
  const attached = await newPair(vault)
  await vault.post(`/v1/payment_methods/${attached.paymentMethod}/attach`, { customer: attached.customer })
  const path = `/v1/payment_methods/${attached.paymentMethod}`
  const ok = { customer }
  const attach = `/v1/payment_methods/${paymentMethod}/attach`
  const failing: [what: string, path: string, params: object | string, status: number][] = [
    ['an unknown parameter', attach, { ...ok, bogus: '1' }, 400],
    ['a missing one', attach, {}, 400],
    ['an empty one', attach, { customer: '' }, 400],
    ['one of a wrong type', attach, { customer: { a: '1' } }, 400],
    ['what cannot be expanded', attach, { ...ok, expand: ['bogus'] }, 400],
    ['an unknown customer', attach, { customer: 'cus_x' }, 400],
    ['an unknown customer, with expand', attach, { customer: 'cus_x', expand: ['customer'] }, 400],
    [
      'an unknown customer of a shared id',
      '/v1/payment_methods/pm_card_visa/attach',
      { customer: 'cus_x' },
      400
    ],
    ['an unknown payment method', '/v1/payment_methods/pm_x/attach', ok, 404],
    ['an unknown payment method to detach', '/v1/payment_methods/pm_x/detach', {}, 404],
    ['an unknown payment method to change', '/v1/payment_methods/pm_x', {}, 404],
    ['a choice that there is not', path, { allow_redisplay: 'never' }, 400],
    ['an unknown customer to change', '/v1/customers/cus_x', {}, 404],
    ['an unknown payment method of a new customer', '/v1/customers', { payment_method: 'pm_x' }, 400],
    [
      'an unknown default',
      `/v1/customers/${customer}`,
      { invoice_settings: { default_payment_method: 'pm_x' } },
      400
    ],
    [
      "another customer's default",
      `/v1/customers/${customer}`,
      { invoice_settings: { default_payment_method: attached.paymentMethod } },
      400
    ],
    ['a documented parameter that is not supported', '/v1/customers', { coupon: 'x' }, 400],
    ['a token that there is not', '/v1/payment_methods', { type: 'card', card: { token: 'tok_x' } }, 400],
    ['a bad form', attach, '%ff=1', 400],
    ['an unknown URL', '/v1/nowhere', {}, 404]
  ]
  for (const [i, [what, to, params, status]] of failing.entries()) {
    const headers = { 'idempotency-key': `never-${i}` }
    const before = await everyRow(vault)
    const reply = await vault.post(to, params, { headers })
    t.equal(reply.status, status, what)
    t.equal(reply.headers.get('stripe-should-retry'), null)
    t.equal(reply.headers.get('idempotency-key'), `never-${i}`)
    t.equal(reply.headers.get('original-request'), requestId(reply))
    t.equal(await everyRow(vault), before)
    const next = await vault.post('/v1/customers', { name: 'next' }, { headers })
    t.equal(next.status, 200, 'the key is free, for any call')
    isFirst(t, next, `never-${i}`)
  }

  const nobody = await vault.post('/v1/customers', {}, { key: 'sk_test_nobody', ...key('401') })
  t.equal(nobody.status, 401)
  const somebody = await vault.post('/v1/customers', {}, key('401'))
  t.equal(somebody.status, 200)
  isFirst(t, somebody, '401')
})

root.test('compares what was meant, not how it was written', async (t) => {
  const vault = await one()
  const params = {
    name: 'Ada Byron',
    address: { city: 'London', line1: '1 Main Street' },
    balance: 10,
    preferred_locales: ['en', 'de'],
    metadata: { a: '1', b: 'ü' }
  }
  const first = await vault.post('/v1/customers', params, key('compared'))
  const json = (body: object) => ({
    ...{ params: JSON.stringify(body) },
    headers: { 'idempotency-key': 'compared', 'content-type': 'application/json; charset=utf-8' }
  })
  const reversed = Object.fromEntries(Object.entries(params).reverse())
  const same: [what: string, reply: Reply][] = [
    ['another order', await vault.post('/v1/customers', reversed, key('compared'))],
    ['JSON', await vault.ask('POST', '/v1/customers', json(params))],
    [
      'JSON in another order',
      await vault.ask('POST', '/v1/customers', json({ ...reversed, metadata: { b: 'ü', a: '1' } }))
    ],
    [
      'plain brackets',
      await vault.post(
        '/v1/customers',
        stringify(params, { encode: false, encodeValuesOnly: true }),
        key('compared')
      )
    ],
    [
      'brackets without index',
      await vault.post('/v1/customers', stringify(params, { arrayFormat: 'brackets' }), key('compared'))
    ],
    [
      'a number with a plus for the space',
      await vault.post('/v1/customers', stringify(params, { format: 'RFC1738' }), key('compared'))
    ]
  ]
  for (const [what, reply] of same) {
    await t.test(what, async (t) => {
      isReplay(t, reply, first)
    })
  }

  for (const other of [
    { ...params, balance: 11 },
    { ...params, preferred_locales: ['de', 'en'] },
    { ...params, metadata: { a: '1' } },
    { ...params, name: 'ada byron' },
    { ...params, address: { city: 'London' } },
    { ...params, expand: ['tax'] },
    {}
  ]) {
    isMisuse(t, await vault.post('/v1/customers', other, key('compared')), otherParameters('compared'))
  }
})

root.test('tells another number or CVC apart, and stores neither', async (t) => {
  const vault = await startVault(t)
  const card = { number: '378282246310005', exp_month: 8, exp_year: 2033, cvc: '9173' }
  const params = { type: 'card', card, billing_details: { name: 'Ada' } }
  const first = await vault.post('/v1/payment_methods', params, key('k'))
  t.equal(first.status, 200)
  for (const change of [{ number: '371449635398431' }, { cvc: '9174' }, { cvc: '' }, { exp_year: 2034 }]) {
    const reply = await vault.post(
      '/v1/payment_methods',
      { ...params, card: { ...card, ...change } },
      key('k')
    )
    t.equal(reply.status, 400)
  }
  isMisuse(
    t,
    await vault.post('/v1/payment_methods', { ...params, card: { ...card, cvc: '9174' } }, key('k')),
    otherParameters('k')
  )
  isReplay(t, await vault.post('/v1/payment_methods', params, key('k')), first)
  const refused = { type: 'card', card: { ...card, number: '378282246310006' } }
  t.equal((await vault.post('/v1/payment_methods', refused, key('refused'))).status, 402)

  // Hashes and times are left out: four digits may well stand in them by chance.
  const rows = await vault.db.pool.query<{ row: string }>(
    `select (to_jsonb(k) - 'parameters' - 'created' - 'request_id')::text as row from payment_vault.idempotency_keys k
     union all select (details || billing_details || metadata || jsonb_build_object('token', token))::text
     from payment_vault.payment_methods`
  )
  t.equal(rows.rows.length, 3)
  const hidden = /378282246310|82246310005|9173/
  t.notMatch(
    rows.rows.map(({ row }) => row.replaceAll(/"created\\*": \d+/g, '').replaceAll(/pm_\w+/g, '')).join('\n'),
    hidden
  )
  t.notMatch(await everyRow(vault), /378282246310|82246310005/)

  const kept = await vault.db.pool.query<{ parameters: Buffer }>(
    "select parameters from payment_vault.idempotency_keys where key = 'k'"
  )
  t.equal(kept.rows[0]?.parameters.length, 16)
  const guess = hashParameters({ ...params }, Buffer.from('a guessed key'))
  t.notSame(kept.rows[0]?.parameters, guess, 'nobody can try numbers out without the key of the hash')
})

root.test('takes a key of 255 characters and none that is longer', async (t) => {
  const vault = await one()
  const longest = 'k'.repeat(255)
  isFirst(t, await vault.post('/v1/customers', {}, key(longest)), longest)
  const before = await everyRow(vault)
  const reply = await vault.post('/v1/customers', {}, key(`${longest}k`))
  t.equal(reply.status, 400)
  t.equal(part(reply.body, 'error.type'), 'invalid_request_error')
  t.equal(await everyRow(vault), before)
})

root.test('means nothing on a GET, and is only echoed on a DELETE', async (t) => {
  const vault = await one()
  const { customer } = await newPair(vault)
  const got = await vault.get(`/v1/customers/${customer}`, {}, key('echoed'))
  t.equal(got.headers.get('idempotency-key'), null)
  const deleted = await vault.del(`/v1/customers/${customer}`, key('echoed'))
  t.equal(deleted.headers.get('idempotency-key'), 'echoed')
  t.equal(deleted.headers.get('original-request'), null)
  t.equal((await vault.del(`/v1/customers/${customer}`, key('echoed'))).status, 404)
  isFirst(t, await vault.post('/v1/customers', {}, key('echoed')), 'echoed')
})

root.test('belongs to one account in one mode', async (t) => {
  const vault = await one()
  const account = newId('acct')
  await insertAccount(vault.db, account)
  const stranger = await createKey(vault.db, { account, livemode: false, kind: 'secret' })
  const ids = new Set<string>()
  for (const who of [vault.keys.test, vault.keys.live, stranger]) {
    const reply = await vault.post('/v1/customers', { name: who }, { key: who, ...key('shared') })
    isFirst(t, reply, 'shared')
    ids.add(String(reply.body.id))
  }
  t.equal(ids.size, 3)
})

root.test('leaves nothing behind, and the key free, when the database gives up in the middle', async (t) => {
  const vault = await one()
  const all = await Promise.all(Object.values(samples).map((samplesOf) => samplesOf(vault)))
  const changed = tables
    .filter((table) => table !== 'idempotency_keys')
    .map((table) => `payment_vault.${table}`)
  for (const [i, { path, params }] of all.flat().entries()) {
    const headers = { 'idempotency-key': `crash-${i}` }
    const before = await everyRow(vault)
    // The key is claimed, and the change waits for the table.
    const holder = await vault.db.pool.connect()
    let lost: Reply
    try {
      await holder.query(`begin; lock table ${changed.join(', ')} in share mode`)
      const answer = vault.post(path, params, { headers })
      await terminateWaiting(holder)
      lost = await answer
    } finally {
      await holder.query('rollback')
      holder.release()
    }
    t.equal(lost.status, 503, `${path}: ${lost.text}`)
    t.equal(part(lost.body, 'error.type'), 'api_error')
    t.equal(lost.headers.get('stripe-should-retry'), 'true')
    t.equal(await everyRow(vault), before)
    const next = await vault.post(path, params, { headers })
    t.equal(next.status, 200, next.text)
    isFirst(t, next, `crash-${i}`)
  }
})

root.test('answers that a key is in use where its time ends at this very moment', async (t) => {
  const vault = await startVault(t)
  const { paymentMethod, customer } = await newPair(vault)
  // What a claim meets, and is gone before it can be read: nothing is inserted, and nothing is there.
  await vault.db.pool.query(
    `create function payment_vault.gone() returns trigger language plpgsql as 'begin return null; end';
     create trigger gone before insert on payment_vault.idempotency_keys
     for each row execute function payment_vault.gone()`
  )
  for (const path of [
    `/v1/payment_methods/${paymentMethod}/attach`,
    '/v1/payment_methods/pm_card_visa/attach'
  ]) {
    const reply = await vault.post(path, { customer }, key('k'))
    t.equal(reply.status, 409)
    t.equal(
      part(reply.body, 'error.message'),
      'There is currently another in-progress request using this Idempotent Key (that probably means you submitted twice, and the other request is still going through): k. Please try again later.'
    )
  }
})

const key = (value: string) => ({ headers: { 'idempotency-key': value } })

/** How many transactions wrote what a call left behind: its key, its events, and the object that it answered. */
async function transactionsOf(vault: TestVault, reply: Reply): Promise<number> {
  const found = await vault.db.pool.query<{ transactions: string[] }>(
    `select array_agg(xmin::text) as transactions from (
       select xmin from payment_vault.idempotency_keys where request_id = $1
       union all select xmin from payment_vault.events where request_id = $1
       union all select xmin from payment_vault.payment_methods where id = $2
       union all select xmin from payment_vault.customers where id = $2
       union all select xmin from payment_vault.setup_intents where id = $2
       union all select xmin from payment_vault.payment_intents where id = $2
       union all select xmin from payment_vault.refunds where id = $2
       union all select xmin from payment_vault.tokens where id = $2
       union all select xmin from payment_vault.webhook_endpoints where id = $2) written`,
    [requestId(reply), reply.body.id]
  )
  const transactions = found.rows[0]?.transactions ?? []
  if (transactions.length < 2) throw new Error('a key and an object were to be found')
  return new Set(transactions).size
}

const requestId = (reply: Reply) => reply.headers.get('request-id')

function isFirst(t: Test, reply: Reply, key: string): void {
  t.equal(reply.headers.get('idempotent-replayed'), null)
  t.match(requestId(reply), /^req_\w{14}$/)
  t.equal(reply.headers.get('original-request'), requestId(reply))
  t.equal(reply.headers.get('idempotency-key'), key)
  t.equal(reply.headers.get('stripe-should-retry'), 'false')
}

function isReplay(t: Test, reply: Reply, first: Reply | undefined): void {
  if (!first) throw new Error('there is no first answer')
  t.equal(reply.text, first.text)
  t.equal(reply.status, first.status)
  t.equal(reply.headers.get('idempotent-replayed'), 'true')
  t.equal(reply.headers.get('original-request'), requestId(first))
  t.not(requestId(reply), requestId(first))
  t.match(requestId(reply), /^req_\w{14}$/)
  t.equal(reply.headers.get('idempotency-key'), first.headers.get('idempotency-key'))
  t.equal(reply.headers.get('stripe-should-retry'), 'false')
  t.equal(reply.headers.get('content-type'), 'application/json')
}

const otherParameters = (key: string) =>
  `Keys for idempotent requests can only be used with the same parameters they were first used with. Try using a key other than '${key}' if you meant to execute a different request.`

function isMisuse(t: Test, reply: Reply, message: string): void {
  t.equal(reply.status, 400)
  t.equal(reply.text, `${JSON.stringify({ error: { message, type: 'idempotency_error' } }, null, 2)}\n`)
  t.equal(reply.headers.get('idempotent-replayed'), null)
}

/** The test cards' processor, every card of which must be verified, and declines as long as it is told to. */
function switchable(): { processor: CardProcessor; declines: boolean; asked: number } {
  const inner = testProcessor({ fingerprintKey })
  const card = { declines: false, asked: 0, processor: inner as CardProcessor }
  const answer = () => {
    card.asked++
    if (card.declines) throw new CardRefused({ code: 'card_declined', message: 'Your card was declined.' })
  }
  card.processor = {
    ...inner,
    tokenize: async (details, context) => {
      answer()
      return { ...(await inner.tokenize(details, context)), verify: true }
    },
    verify: async () => {
      answer()
      return undefined
    },
    sharedPaymentMethod: async (id, context) => {
      const found = await inner.sharedPaymentMethod(id, context)
      return found && { ...found, verify: true }
    }
  }
  return card
}

root.test('sends no answer to a POST that went past the keys', async (t) => {
  const app = Fastify()
  t.teardown(() => app.close())
  handleErrors(app)
  answerHeaders(app)
  app.post('/v1/forgotten', () => ({ object: 'forgotten' }))
  app.get('/v1/forgotten', () => ({ object: 'forgotten' }))
  t.equal((await app.inject({ method: 'POST', url: '/v1/forgotten' })).statusCode, 500)
  t.equal((await app.inject({ method: 'GET', url: '/v1/forgotten' })).statusCode, 200)
})
