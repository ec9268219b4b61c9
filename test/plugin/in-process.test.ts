import pg from 'pg'
import t, { type Test } from 'tap'
import {
  type CallOptions,
  type JoinedCallOptions,
  openApiDocument,
  PaymentVaultError,
  type PaymentVault,
  type PaymentVaultOptions,
  type VaultEvent
} from '../../src/index'
import { firstAccount } from '../../src/resources/accounts/keys'
import { part } from '../helpers/document/bodies'
import { startReceiver } from '../helpers/webhooks/receiver'
import { eventsOf, everyRow } from '../helpers/database/rows'
import { until } from '../helpers/until'
import { type Ask, newPair, type Reply, startVault, type TestVault, typedCard } from '../helpers/vault'

t.setTimeout(300_000)

// The vault called by the host's own code, without HTTP: `app.paymentVault.paymentMethods.attach(…)`.

interface Host {
  vault: TestVault
  own: PaymentVault
  who: CallOptions
  /** Runs `work` in a transaction of the host's, which has a table `public.notes` of its own. */
  within: <T>(work: (tx: pg.PoolClient) => Promise<T>, end?: string) => Promise<T>
  notes: () => Promise<string[]>
}

async function startHost(t: Test, options: Partial<PaymentVaultOptions> = {}): Promise<Host> {
  const vault = await startVault(t, options)
  const { pool } = vault.db
  await pool.query('create table public.notes (note text not null)')
  const account = await firstAccount(vault.db)
  return {
    vault,
    own: vault.app.paymentVault,
    who: { account, livemode: false },
    within: async (work, end = 'commit') => {
      const tx = await pool.connect()
      try {
        await tx.query('begin')
        const value = await work(tx)
        await tx.query(end)
        return value
      } finally {
        // A test that failed in between must not hold locks.
        await tx.query('rollback')
        tx.release()
      }
    },
    notes: async () =>
      (await pool.query<{ note: string }>('select note from notes')).rows.map(({ note }) => note)
  }
}

/** What a call is refused with; throws where it is not. */
async function refusal(call: Promise<unknown>): Promise<PaymentVaultError> {
  const answer: unknown = await call.catch((error: unknown) => error)
  if (answer instanceof PaymentVaultError) return answer
  throw new Error('it was not refused', { cause: answer })
}

const text = (value: unknown) => JSON.stringify(value, null, 2)

/** What differs from call to call. */
const alike = (body: string) =>
  body
    .replaceAll(
      /\b(cus|pm|tok|setatt|seti|pi|ch|re|evt|we|req|card)_[0-9A-Za-z]+(_secret_[0-9A-Za-z]+)?/g,
      '$1_…'
    )
    .replaceAll(/"(created|invoice_prefix|secret|fingerprint|receipt_number)": ("[^"]*"|\d+)/g, '"$1": …')

t.test('every route is there, and no other', async (t) => {
  const { vault, own } = await startHost(t)
  const document = (await openApiDocument()) as { paths: Record<string, Record<string, object>> }
  const documented = Object.values(document.paths).flatMap((path) =>
    Object.values(path).filter((operation) => 'operationId' in operation)
  )
  const { on, off, ...resources } = own
  const callable = Object.values(resources).flatMap((each) => Object.keys(each))
  t.equal(callable.length, documented.length)
  t.type(on, 'function')
  t.type(off, 'function')
  await vault.app.close()
})

t.test('answers what HTTP answers, key for key', async (t) => {
  for (const apiVersion of ['2022-11-15', '2026-06-24.dahlia']) {
    const { vault, own, who: anyone } = await startHost(t)
    const who = { ...anyone, apiVersion }
    const headers = { 'stripe-version': apiVersion }
    const same = async (what: string, mine: Promise<object>, theirs: Promise<Reply>) => {
      const [object, reply] = [await mine, await theirs]
      t.equal(reply.status, 200, reply.text)
      t.equal(alike(text(object)), alike(reply.text), `${what} in ${apiVersion}`)
      return [object, reply.body] as { id: string }[]
    }
    const post = (path: string, params: object = {}) => vault.post(path, params, { headers })
    const get = (path: string, params: object = {}) => vault.get(path, params, { headers })

    const customer = {
      name: 'Ada',
      email: 'ada@example.com',
      metadata: { b: '1', a: '2' },
      address: { line1: 'A 1', country: 'GB' },
      preferred_locales: ['en']
    }
    const [mine, theirs] = await same(
      'a customer',
      own.customers.create(customer, who),
      post('/v1/customers', customer)
    )
    const card = { type: 'card', card: typedCard, billing_details: { email: 'a@example.com' } } as const
    const [ownCard, theirCard] = await same(
      'a card',
      own.paymentMethods.create(card, who),
      post('/v1/payment_methods', card)
    )
    if (!mine || !theirs || !ownCard || !theirCard) throw new Error('nothing was made')
    await same(
      'an attach',
      own.paymentMethods.attach({ payment_method: ownCard.id, customer: mine.id, expand: ['customer'] }, who),
      post(`/v1/payment_methods/${theirCard.id}/attach`, { customer: theirs.id, expand: ['customer'] })
    )
    const change = { metadata: { a: '', c: 'd' }, billing_details: { address: { line1: 'B 2' }, email: '' } }
    await same(
      'a change',
      own.paymentMethods.update({ payment_method: ownCard.id, ...change }, who),
      post(`/v1/payment_methods/${theirCard.id}`, change)
    )
    await same(
      'a list by path',
      own.customers.listPaymentMethods({ customer: mine.id, limit: 1 }, who),
      get(`/v1/customers/${theirs.id}/payment_methods`, { limit: 1 })
    )
    await same(
      'one of a customer',
      own.customers.retrievePaymentMethod({ customer: mine.id, payment_method: ownCard.id }, who),
      get(`/v1/customers/${theirs.id}/payment_methods/${theirCard.id}`)
    )
    const intent = { confirm: true, usage: 'off_session' } as const
    const [setup] = await same(
      'a setup intent',
      own.setupIntents.create({ ...intent, customer: mine.id, payment_method: ownCard.id }, who),
      post('/v1/setup_intents', { ...intent, customer: theirs.id, payment_method: theirCard.id })
    )
    const payment = { amount: 1099, currency: 'eur', confirm: true, capture_method: 'manual' } as const
    const [paid, paidToo] = await same(
      'a payment',
      own.paymentIntents.create({ ...payment, customer: mine.id, payment_method: ownCard.id }, who),
      post('/v1/payment_intents', { ...payment, customer: theirs.id, payment_method: theirCard.id })
    )
    if (!setup || !paid || !paidToo) throw new Error('nothing was made')
    await same(
      'a capture',
      own.paymentIntents.capture({ intent: paid.id, amount_to_capture: 99 }, who),
      post(`/v1/payment_intents/${paidToo.id}/capture`, { amount_to_capture: 99 })
    )
    await same(
      'a refund',
      own.refunds.create({ payment_intent: paid.id, amount: 9 }, who),
      post('/v1/refunds', { payment_intent: paidToo.id, amount: 9 })
    )
    await same(
      'a webhook endpoint',
      own.webhookEndpoints.create({ url: 'http://127.0.0.1:1/', enabled_events: ['*'] }, who),
      post('/v1/webhook_endpoints', { url: 'http://127.0.0.1:1/', enabled_events: ['*'] })
    )
    await same(
      'a detach',
      own.paymentMethods.detach({ payment_method: ownCard.id }, who),
      post(`/v1/payment_methods/${theirCard.id}/detach`)
    )
    await same(
      'a customer who goes',
      own.customers.delete({ customer: mine.id }, who),
      vault.del(`/v1/customers/${theirs.id}`, { headers })
    )

    // Of the very same objects, nothing may differ.
    const reads: [() => Promise<object>, string, object?][] = [
      [() => own.customers.retrieve({ customer: mine.id }, who), `/v1/customers/${mine.id}`],
      [() => own.customers.list({ created: { gt: 5 } }, who), '/v1/customers', { created: { gt: 5 } }],
      [
        () => own.customers.search({ query: "name:'Ada'" }, who),
        '/v1/customers/search',
        { query: "name:'Ada'" }
      ],
      [
        () => own.paymentMethods.retrieve({ payment_method: ownCard.id }, who),
        `/v1/payment_methods/${ownCard.id}`
      ],
      [
        () => own.paymentMethods.list({ customer: theirs.id }, who),
        '/v1/payment_methods',
        { customer: theirs.id }
      ],
      [() => own.setupIntents.retrieve({ intent: setup.id }, who), `/v1/setup_intents/${setup.id}`],
      [() => own.setupIntents.list({}, who), '/v1/setup_intents'],
      [
        () => own.setupAttempts.list({ setup_intent: setup.id }, who),
        '/v1/setup_attempts',
        { setup_intent: setup.id }
      ],
      [() => own.paymentIntents.list({ limit: 1 }, who), '/v1/payment_intents', { limit: 1 }],
      [
        () => own.charges.list({ expand: ['data.customer'] }, who),
        '/v1/charges',
        { expand: ['data.customer'] }
      ],
      [() => own.refunds.list({}, who), '/v1/refunds'],
      [() => own.events.list({ limit: 100 }, who), '/v1/events', { limit: 100 }],
      [() => own.webhookEndpoints.list({}, who), '/v1/webhook_endpoints']
    ]
    for (const [mine, path, params] of reads) {
      const object = await mine().catch((error: unknown) => error)
      const reply = await get(path, params)
      // The customers are gone; the refusal of both is the same as well.
      if (object instanceof PaymentVaultError)
        t.strictSame([object.statusCode, object.error], [reply.status, reply.body.error])
      else t.equal(text(object), reply.text, `${path} in ${apiVersion}`)
    }
  }
})

t.test('refuses what HTTP refuses, in the same words', async (t) => {
  const { vault, own, who } = await startHost(t)
  const { paymentMethod, customer } = await newPair(vault)
  const { body: other } = await vault.post('/v1/customers')
  await vault.post(`/v1/payment_methods/${paymentMethod}/attach`, { customer })
  const attachAs = (params: object) =>
    own.paymentMethods.attach({ payment_method: paymentMethod, ...params }, who)
  const attach = `/v1/payment_methods/${paymentMethod}/attach`
  const declined = { type: 'card', card: { ...typedCard, number: '4000000000000002' } } as const
  const { body: bad } = await vault.post('/v1/payment_methods', declined)
  const invalid = { type: 'card', card: { ...typedCard, number: '4242424242424241' } } as const
  const before = await everyRow(vault)

  const cases: [() => Promise<unknown>, string, object][] = [
    [() => attachAs({}), attach, {}],
    [() => attachAs({ customer: '' }), attach, { customer: '' }],
    [() => attachAs({ customer: 'cus_none' }), attach, { customer: 'cus_none' }],
    [() => attachAs({ customer: ['cus_1'] }), attach, { customer: ['cus_1'] }],
    [() => attachAs({ custmer: 'cus_1' }), attach, { custmer: 'cus_1' }],
    [() => attachAs({ customer, expand: ['nobody'] }), attach, { customer, expand: ['nobody'] }],
    [() => attachAs({ customer: 'a\0b' }), attach, { customer: 'a\0b' }],
    [() => attachAs({ customer: String(other.id) }), attach, { customer: String(other.id) }],
    [
      () => own.paymentMethods.attach({ payment_method: 'pm_none', customer }, who),
      '/v1/payment_methods/pm_none/attach',
      { customer }
    ],
    [
      () => own.paymentMethods.attach({ payment_method: String(bad.id), customer }, who),
      `/v1/payment_methods/${String(bad.id)}/attach`,
      { customer }
    ],
    [() => own.paymentMethods.create(invalid, who), '/v1/payment_methods', invalid],
    [
      () => own.customers.create({ name: 'x'.repeat(5001) }, who),
      '/v1/customers',
      { name: 'x'.repeat(5001) }
    ],
    [
      () => attachAs({ customer, expand: Array<string>(1001).fill('customer') }),
      attach,
      { customer, expand: Array<string>(1001).fill('customer') }
    ],
    [
      () => own.customers.create({ metadata: { ['k'.repeat(41)]: 'v' } }, who),
      '/v1/customers',
      { metadata: { ['k'.repeat(41)]: 'v' } }
    ]
  ]
  for (const [mine, path, params] of cases) {
    const error = await refusal(mine())
    const { status, body } = await vault.post(path, params)
    const { request_log_url, ...hash } = error.error as Record<string, unknown>
    t.equal(request_log_url, undefined)
    t.strictSame([error.statusCode, hash], [status, body.error])
    const { type, code, param, message, decline_code } = body.error as Record<string, unknown>
    t.strictSame(
      [error.type, error.code, error.param, error.message, error.declineCode],
      [type, code, param, message, decline_code]
    )
    t.match(error.requestId, /^req_/)
  }
  t.equal(await everyRow(vault), before, 'and nothing was written')

  const unknown = await refusal(own.customers.create({}, { ...who, apiVersion: 'yesterday' }))
  const theirs = await vault.post('/v1/customers', {}, { headers: { 'stripe-version': 'yesterday' } })
  t.strictSame(unknown.error, theirs.body.error)
  const long = { 'idempotency-key': 'k'.repeat(256) }
  const tooLong = await refusal(own.customers.create({}, { ...who, idempotencyKey: 'k'.repeat(256) }))
  t.strictSame(tooLong.error, (await vault.post('/v1/customers', {}, { headers: long })).body.error)
})

t.test('knows who is acting: an account in a mode, and nobody else', async (t) => {
  const { vault, own, who } = await startHost(t)
  const made = await own.customers.create({ name: 'here' }, who)
  for (const stranger of [
    { ...who, livemode: true },
    { ...who, account: 'acct_other' }
  ]) {
    const error = await refusal(own.customers.retrieve({ customer: made.id }, stranger))
    t.strictSame([error.statusCode, error.code], [404, 'resource_missing'])
    t.strictSame((await own.customers.list({}, stranger)).data, [])
  }
  t.equal((await own.customers.create({}, { ...who, livemode: true })).livemode, true)

  const wrong: [object | undefined, string][] = [
    [undefined, '`account` must be the id of the acting account.'],
    [{ livemode: false }, '`account` must be the id of the acting account.'],
    [{ account: '', livemode: false }, '`account` must be the id of the acting account.'],
    [{ account: 'acct_1' }, '`livemode` must be true or false.'],
    [{ ...who, apiversion: '2022-11-15' }, "A call has no option 'apiversion'."],
    [{ ...who, idempotencyKey: 1 }, '`idempotencyKey` must be a string.'],
    [{ ...who, tx: {} }, '`tx` must be a pg client.']
  ]
  for (const [options, message] of wrong) {
    await t.rejects(own.customers.create({}, options as unknown as CallOptions), {
      name: 'TypeError',
      message
    })
  }
  // @ts-expect-error it has to be said
  await t.rejects(own.customers.list({}), { name: 'TypeError' })
  // @ts-expect-error nothing is called so
  await t.rejects(own.paymentMethods.attach({ payment_method: 'pm_1', custmer: 'cus_1' }, who))
  await t.rejects(own.customers.create([] as never, who), { name: 'TypeError' })

  const testOnly = await startHost(t, { liveMode: false })
  const live = await refusal(testOnly.own.customers.list({}, { ...testOnly.who, livemode: true }))
  const { status, body } = await testOnly.vault.get('/v1/customers', {}, { key: testOnly.vault.keys.live })
  t.strictSame([live.statusCode, live.error], [status, body.error])
  t.equal(live.statusCode, 403)
  t.equal((await vault.get(`/v1/customers/${made.id}`)).status, 200)
})

t.test('commits with the transaction of the host, or not at all', async (t) => {
  const { vault, own, who, within, notes } = await startHost(t)
  const { paymentMethod, customer } = await newPair(vault)
  const before = await everyRow(vault)
  const attach = (tx: pg.PoolClient) =>
    own.paymentMethods.attach(
      { payment_method: paymentMethod, customer },
      { ...who, idempotencyKey: 'attach', tx }
    )

  const undone = await within(async (tx) => {
    await tx.query("insert into notes values ('undone')")
    const made = await own.customers.create({ name: 'Undone' }, { ...who, idempotencyKey: 'create', tx })
    const attached = await attach(tx)
    t.equal(attached.customer, customer)
    const inside = await own.paymentMethods.retrieve({ payment_method: paymentMethod }, { ...who, tx })
    t.equal(inside.customer, customer, 'the transaction sees it')
    t.equal((await own.customers.retrieve({ customer: made.id }, { ...who, tx })).object, 'customer')
    t.equal(await everyRow(vault), before, 'and nobody else')
    return made.id
  }, 'rollback')
  t.equal(await everyRow(vault), before, 'no row, no event, no key')
  t.strictSame(await notes(), [])
  t.equal((await vault.get(`/v1/customers/${undone}`)).status, 404)

  const done = await within(async (tx) => {
    await tx.query("insert into notes values ('done')")
    const attached = await attach(tx)
    t.equal((await vault.get(`/v1/payment_methods/${paymentMethod}`)).body.customer, null)
    return attached
  })
  t.strictSame(await notes(), ['done'])
  t.equal((await vault.get(`/v1/payment_methods/${paymentMethod}`)).text, text(done))
  const [event, ...others] = await eventsOf(vault, paymentMethod)
  t.strictSame([event?.type, event?.idempotency_key, others.length], ['payment_method.attached', 'attach', 0])
  const again = await vault.post(
    `/v1/payment_methods/${paymentMethod}/attach`,
    { customer },
    { headers: { 'idempotency-key': 'attach' } }
  )
  t.strictSame([again.headers.get('idempotent-replayed'), again.text], ['true', text(done)])
})

t.test('every change can join: made, changed, detached, deleted', async (t) => {
  const { vault, own, who, within } = await startHost(t)
  const change = (tx: pg.PoolClient) => async () => {
    const joined: JoinedCallOptions = { ...who, tx }
    const { id } = await own.customers.create({ name: 'Ada' }, joined)
    const card = await own.paymentMethods.create({ type: 'card', card: typedCard }, joined)
    await own.paymentMethods.attach({ payment_method: card.id, customer: id }, joined)
    await own.paymentMethods.attach({ payment_method: 'pm_card_visa', customer: id }, joined)
    await own.paymentMethods.update({ payment_method: card.id, metadata: { a: 'b' } }, joined)
    await own.customers.update(
      { customer: id, invoice_settings: { default_payment_method: card.id } },
      joined
    )
    await own.customers.create(
      { payment_method: 'pm_card_mastercard', expand: ['invoice_settings.default_payment_method'] },
      joined
    )
    const token = await own.tokens.create(
      { card: { ...typedCard, exp_month: '8', exp_year: '2033' } },
      joined
    )
    t.equal(token.client_ip, null)
    await own.paymentMethods.create({ type: 'card', card: { token: token.id } }, joined)
    await own.paymentMethods.detach({ payment_method: card.id }, joined)
    await own.webhookEndpoints.create({ url: 'http://127.0.0.1:1/', enabled_events: ['*'] }, joined)
    await own.customers.delete({ customer: id }, joined)
    return own.events.list({ limit: 100 }, joined)
  }
  const before = await everyRow(vault)
  await within((tx) => change(tx)(), 'rollback')
  t.equal(await everyRow(vault), before)

  const { data } = await within((tx) => change(tx)())
  t.strictSame(data.map(({ type }) => type).reverse(), [
    'customer.created',
    'payment_method.attached',
    'payment_method.attached',
    'payment_method.updated',
    'customer.updated',
    'payment_method.attached',
    'customer.created',
    'payment_method.detached',
    'customer.updated',
    'payment_method.detached',
    'customer.deleted'
  ])
  t.equal(
    text(await own.events.list({ limit: 100 }, who)),
    text({ ...(await own.events.list({ limit: 100 }, who)), data })
  )
})

t.test('a refused call leaves the transaction as it was', async (t) => {
  const { vault, own, who, within, notes } = await startHost(t)
  const { paymentMethod, customer } = await newPair(vault)
  const { body: other } = await vault.post('/v1/customers')
  const declined = { type: 'card', card: { ...typedCard, number: '4000000000000002' } } as const
  const { body: bad } = await vault.post('/v1/payment_methods', declined)
  await within(async (tx) => {
    const joined = { ...who, tx }
    await tx.query("insert into notes values ('before')")
    await own.paymentMethods.attach({ payment_method: paymentMethod, customer }, joined)
    const taken = await refusal(
      own.paymentMethods.attach({ payment_method: paymentMethod, customer: String(other.id) }, joined)
    )
    t.equal(taken.statusCode, 400)
    const card = await refusal(
      own.paymentMethods.attach(
        { payment_method: String(bad.id), customer },
        { ...joined, idempotencyKey: 'd' }
      )
    )
    t.strictSame([card.statusCode, card.type, card.code], [402, 'card_error', 'card_declined'])
    // Half of it was written when it came upon the default.
    const half = await refusal(
      own.customers.create(
        {
          name: 'Half',
          payment_method: 'pm_card_visa',
          invoice_settings: { default_payment_method: 'pm_none' }
        },
        joined
      )
    )
    t.equal(half.code, 'resource_missing')
    await tx.query("insert into notes values ('behind')")
  })
  t.strictSame(await notes(), ['before', 'behind'])
  t.equal((await vault.get(`/v1/payment_methods/${paymentMethod}`)).body.customer, customer)
  t.equal(part((await vault.get('/v1/customers')).body, 'data.length'), 2)
  const kept = await vault.post(
    `/v1/payment_methods/${String(bad.id)}/attach`,
    { customer },
    { headers: { 'idempotency-key': 'd' } }
  )
  t.strictSame([kept.status, kept.headers.get('idempotent-replayed')], [402, 'true'], 'its refusal is kept')
})

t.test('a statement that fails within a call does not end the transaction', async (t) => {
  const host = await startHost(t, {
    beforeAttach: async (tx) => {
      await tx.query('select 1 / 0')
    }
  })
  const { vault, own, who, within, notes } = host
  const { paymentMethod, customer } = await newPair(vault)
  await within(async (tx) => {
    await t.rejects(
      own.paymentMethods.attach(
        { payment_method: paymentMethod, customer },
        { ...who, tx, idempotencyKey: 'k' }
      ),
      { message: '`beforeAttach` failed' }
    )
    await tx.query("insert into notes values ('here')")
  })
  t.strictSame(await notes(), ['here'])
  t.strictSame((await vault.db.pool.query('select from payment_vault.idempotency_keys')).rowCount, 0)
})

t.test('the settings of the transaction are as they were, also behind a refusal', async (t) => {
  const { vault, own, who, within } = await startHost(t, {
    beforeAttach: async (tx) => {
      await tx.query('select 1')
    }
  })
  const { paymentMethod, customer } = await newPair(vault)
  const settings = async (tx: pg.PoolClient) =>
    (
      await tx.query(
        "select current_setting('lock_timeout') lock, current_setting('statement_timeout') statement, current_setting('transaction_isolation') isolation"
      )
    ).rows[0] as unknown
  for (const set of ['select 1', "set local lock_timeout = '1234ms'; set local statement_timeout = '55s'"]) {
    await within(async (tx) => {
      await tx.query(set)
      const before = await settings(tx)
      await own.paymentMethods.attach({ payment_method: paymentMethod, customer }, { ...who, tx })
      t.strictSame(await settings(tx), before)
      await refusal(own.paymentMethods.attach({ payment_method: 'pm_none', customer }, { ...who, tx }))
      t.strictSame(await settings(tx), before)
      await own.customers.search({ query: "name:'a'" }, { ...who, tx })
      t.strictSame(await settings(tx), before)
    }, 'rollback')
  }
})

t.test(
  'listeners and webhooks hear of it after the commit, and of nothing that is rolled back',
  async (t) => {
    const { vault, own, who, within } = await startHost(t, { deliverWebhooks: true })
    const receiver = await startReceiver(t)
    await own.webhookEndpoints.create({ url: receiver.url, enabled_events: ['customer.created'] }, who)
    const heard: VaultEvent[] = []
    own.on('*', (event) => heard.push(event))
    const named = (name: string, tx?: pg.PoolClient) => own.customers.create({ name }, { ...who, tx })

    await within((tx) => named('undone', tx), 'rollback')
    await within(async (tx) => {
      await named('joined', tx)
      await named('joined too', tx)
      // Whatever was to be told by now has been.
      await named('alone')
      await until(() => heard.length > 0 && receiver.got.length > 0)
      t.strictSame(namesOf(heard), ['alone'])
      t.equal(part((await vault.get('/v1/events')).body, 'data.length'), 1)
    })
    await until(() => heard.length >= 3 && receiver.got.length >= 3)
    t.strictSame(namesOf(heard), ['alone', 'joined', 'joined too'])
    t.equal(heard[1]?.type === 'customer.created' && heard[1].data.object.object, 'customer')
    const { data } = await own.events.list({}, who)
    t.strictSame(heard.map(({ id }) => id).sort(), data.map(({ id }) => id).sort())
    t.strictSame(receiver.got.map(({ id }) => id).sort(), heard.map(({ id }) => id).sort())

    // An app that closes right behind the commit still tells.
    await within((tx) => named('last', tx))
    await vault.app.close()
    t.strictSame(namesOf(heard).slice(3), ['last'])
  }
)

const namesOf = (events: VaultEvent[]) => events.map(({ data }) => (data.object as { name?: string }).name)

t.test('an idempotency key is one, by HTTP or not', async (t) => {
  const { vault, own, who, within } = await startHost(t)
  const key = (name: string): Ask => ({ headers: { 'idempotency-key': name } })
  const params = { name: 'Ada', metadata: { b: '1', a: '' } }
  const keyed = (idempotencyKey: string) => ({ ...who, idempotencyKey })

  const mine = await own.customers.create(params, keyed('a'))
  t.equal(text(await own.customers.create({ ...params, email: undefined as never }, keyed('a'))), text(mine))
  const theirs = await vault.post('/v1/customers', params, key('a'))
  t.strictSame([theirs.text, theirs.headers.get('idempotent-replayed')], [text(mine), 'true'])

  const first = await vault.post('/v1/customers', params, key('b'))
  t.equal(text(await own.customers.create(params, keyed('b'))), first.text)
  t.equal(await within((tx) => own.customers.create(params, { ...keyed('b'), tx }).then(text)), first.text)

  const { paymentMethod, customer } = await newPair(vault)
  const detach = () => own.paymentMethods.detach({ payment_method: paymentMethod }, keyed('detach'))
  await own.paymentMethods.attach({ payment_method: paymentMethod, customer }, keyed('c'))
  const attached = await vault.post(`/v1/payment_methods/${paymentMethod}/attach`, { customer }, key('c'))
  t.equal(attached.headers.get('idempotent-replayed'), 'true')
  const detached = await detach()
  const again = await vault.post(`/v1/payment_methods/${paymentMethod}/detach`, {}, key('detach'))
  t.strictSame([again.text, again.headers.get('idempotent-replayed')], [text(detached), 'true'])
  t.equal(text(await detach()), again.text)

  for (const other of [
    () => own.customers.create({ name: 'Bob' }, keyed('a')),
    () => own.paymentMethods.detach({ payment_method: paymentMethod }, keyed('a')),
    () => within((tx) => own.customers.create({ name: 'Bob' }, { ...keyed('a'), tx }))
  ]) {
    t.strictSame(await refusal(other()).then(({ statusCode, type }) => [statusCode, type]), [
      400,
      'idempotency_error'
    ])
  }
  t.equal((await own.customers.list({}, who)).data.length, 3)
})

t.test('of racing attaches by HTTP, by the host and in its transactions, one wins', async (t) => {
  const { vault, own, who, within } = await startHost(t)
  const customers = await Promise.all(
    Array.from({ length: 9 }, async (_, i) => (await own.customers.create({ name: `${i}` }, who)).id)
  )
  for (let round = 0; round < 15; round++) {
    const { id: payment_method } = await own.paymentMethods.create({ type: 'card', card: typedCard }, who)
    const won = await Promise.all(
      customers.map(async (customer, i) => {
        if (i % 3 === 0) {
          const { status } = await vault.post(`/v1/payment_methods/${payment_method}/attach`, { customer })
          return status === 200 ? [customer] : []
        }
        const attach = (tx?: pg.PoolClient) =>
          own.paymentMethods.attach({ payment_method, customer }, { ...who, tx }).then(
            () => [customer],
            (error: unknown) => {
              t.match(error, { name: 'PaymentVaultError', statusCode: 400 })
              return []
            }
          )
        return i % 3 === 1 ? attach() : within(attach)
      })
    )
    const { customer } = await own.paymentMethods.retrieve({ payment_method }, who)
    t.strictSame(won.flat(), [customer])
    t.equal((await eventsOf(vault, payment_method)).length, 1)
  }
})

t.test('calls that come together in one transaction take turns', async (t) => {
  const { vault, own, who, within } = await startHost(t)
  await within(async (tx) => {
    const outcomes = await Promise.allSettled(
      Array.from({ length: 20 }, (_, i) =>
        i % 4 === 3
          ? own.customers.create(
              {
                name: 'undone',
                payment_method: 'pm_card_visa',
                invoice_settings: { default_payment_method: 'pm_none' }
              },
              { ...who, tx }
            )
          : own.customers.create({ name: `${i}` }, { ...who, tx })
      )
    )
    t.strictSame(
      outcomes.map(({ status }, i) => (status === 'rejected') === (i % 4 === 3)),
      Array(20).fill(true)
    )
  })
  t.equal(part((await vault.get('/v1/customers', { limit: 100 })).body, 'data.length'), 15)
})

t.test('what the database gives up is told as the database tells it', async (t) => {
  const { vault, own, who } = await startHost(t)
  const { paymentMethod, customer } = await newPair(vault)
  const tx = await vault.db.pool.connect()
  await tx.query('begin isolation level repeatable read')
  await tx.query('select 1')
  await vault.post(`/v1/payment_methods/${paymentMethod}/attach`, { customer })
  await t.rejects(own.paymentMethods.attach({ payment_method: paymentMethod, customer }, { ...who, tx }), {
    code: '40001'
  })
  await tx.query('rollback')
  await tx.query('begin isolation level serializable')
  await own.paymentMethods.attach({ payment_method: paymentMethod, customer }, { ...who, tx })
  await tx.query('commit')
  tx.release()

  // Whose row is held for longer than a call waits: told as over HTTP.
  const [holder, waiter] = [await vault.db.pool.connect(), await vault.db.pool.connect()]
  await holder.query('begin')
  await own.customers.update({ customer, name: 'held' }, { ...who, tx: holder })
  await waiter.query('begin')
  const busy = await refusal(own.customers.update({ customer, name: 'late' }, { ...who, tx: waiter }))
  t.strictSame([busy.statusCode, busy.code], [429, 'lock_timeout'])
  t.equal((await waiter.query('select 1')).rowCount, 1, 'the transaction goes on')
  for (const client of [holder, waiter]) {
    await client.query('rollback')
    client.release()
  }
})

t.test('refuses what is no transaction, and what can not be in one', async (t) => {
  const { vault, own, who, within } = await startHost(t)
  const message = '`tx` is in no transaction: begin it before, on one client of the pool.'
  const idle = await vault.db.pool.connect()
  await t.rejects(own.customers.create({}, { ...who, tx: idle }), { name: 'TypeError', message })
  // @ts-expect-error a pool is no transaction, and looks like one to the compiler only by its `query`
  const pool: never = vault.db.pool
  await t.rejects(own.customers.create({}, { ...who, tx: pool }), { name: 'TypeError', message })
  idle.release()

  await within(async (tx) => {
    const options = { ...who, tx } as CallOptions
    const calls: (() => Promise<unknown>)[] = [
      () => own.setupIntents.create({}, options),
      () => own.paymentIntents.create({ amount: 100, currency: 'eur' }, options),
      () => own.refunds.create({ charge: 'ch_1' }, options)
    ]
    for (const call of calls) {
      await t.rejects(call(), { name: 'TypeError', message: /^This call takes no `tx`/ })
    }
    // @ts-expect-error nor does its type
    await t.rejects(own.paymentIntents.list({}, { ...who, tx }))
  })
  await within(async (tx) => {
    await tx.query('select 1 / 0').catch(() => undefined)
    await t.rejects(own.customers.create({}, { ...who, tx }), { code: '25P02' }, 'failed before')
  }, 'rollback')
  t.equal(part((await vault.get('/v1/customers')).body, 'data.length'), 0)
})

t.test('works on a schema of another name, with prepared statements', async (t) => {
  const { own, who, within } = await startHost(t, { schema: 'other vault', preparedStatements: true })
  for (const end of ['rollback', 'commit']) {
    await within((tx) => own.customers.create({ name: end }, { ...who, tx }), end)
  }
  t.strictSame(
    (await own.customers.list({}, who)).data.map(({ name }) => name),
    ['commit']
  )
})

t.test("a host's route that lets a refusal through answers with its status", async (t) => {
  const { vault, own, who } = await startHost(t)
  const Fastify = (await import('fastify')).default
  const app = Fastify()
  app.get('/card', async () => own.paymentMethods.retrieve({ payment_method: 'pm_none' }, who))
  const { statusCode, body } = await app.inject('/card')
  t.equal(statusCode, 404)
  t.match(JSON.parse(body), { message: "No such PaymentMethod: 'pm_none'", code: 'resource_missing' })
  await app.close()
  await vault.app.close()
})
