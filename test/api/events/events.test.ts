import Fastify from 'fastify'
import pg from 'pg'
import t from 'tap'
import { Database } from '../../../plugins/database/database'
import type { Call } from '../../../src/resources/call'
import { CommittedEvents } from '../../../src/resources/events/committed'
import { listEvents } from '../../../src/resources/events/read-store'
import { removeEventsBefore, removeOldEvents } from '../../../src/resources/events/retention'
import { writeEvent } from '../../../src/resources/events/store'
import { type EventType, writtenTypes } from '../../../src/resources/events/event'
import { subscribableTypes } from '../../../src/resources/events/types'
import { firstId, newId } from '../../../src/protocol/values/ids'
import { noSuch, part, refused } from '../../helpers/document/bodies'
import { until } from '../../helpers/server/cli'
import { newDatabase } from '../../helpers/database/database'
import { type Json, newPair, type Reply, startVault, type TestVault } from '../../helpers/vault'

t.setTimeout(300_000)

const day = 24 * 3600
const now = () => Math.floor(Date.now() / 1000)
const newest = { headers: { 'stripe-version': '2026-07-29.dahlia' } }
const idsOf = ({ body }: Reply): string[] => (body.data as Json[]).map(({ id }) => String(id))
const typesOf = ({ body }: Reply): string[] => (body.data as Json[]).map(({ type }) => String(type))

const shared = startVault(t)

const byType = (events: Json[]): Json[] => events.sort((a, b) => String(a.type).localeCompare(String(b.type)))

/** What happened since, oldest first, and the answers' request ids. */
async function eventsOf(vault: TestVault, run: () => Promise<unknown>): Promise<Json[]> {
  const [last] = idsOf(await vault.get('/v1/events', { limit: 1 }))
  await run()
  const since = await vault.get('/v1/events', { limit: 100, ...(last && { ending_before: last }) })
  return (since.body.data as Json[]).reverse()
}

t.test('each change writes its events, whose object is what the API answers', async (t) => {
  const vault = await startVault(t)
  const post = (path: string, params: object = {}) =>
    vault.post(path, params, { headers: { 'idempotency-key': `key of ${path}` } })
  /** Makes a call, and compares the events that it wrote with the objects as they are (or were before) and `previous`. */
  const writes = async (
    call: () => Promise<Reply>,
    expected: [type: string, object: () => Promise<unknown>, previous?: Json][],
    key: string | null
  ) => {
    const reply: { made?: Reply } = {}
    // Those of one millisecond stand in any order.
    const events = byType(await eventsOf(vault, async () => (reply.made = await call())))
    t.equal(reply.made?.status, 200)
    t.same(
      events.map(({ type }) => type as string),
      expected.map(([type]) => type)
    )
    for (const [i, [type, object, previous]] of expected.entries()) {
      const { id, created, ...rest } = events[i] ?? {}
      t.match(id, /^evt_1[0-9A-Za-z]{23}$/)
      t.ok(Math.abs(Number(created) - now()) <= 2, 'just now')
      t.strictSame(
        rest,
        {
          object: 'event',
          api_version: '2022-11-15',
          data: { object: await object(), ...(previous && { previous_attributes: previous }) },
          livemode: false,
          pending_webhooks: 0,
          request: { id: reply.made?.headers.get('request-id'), idempotency_key: key },
          type
        },
        type
      )
    }
    return reply.made?.body ?? {}
  }
  const get = (path: string) => async () => (await vault.get(path)).body

  const customer = String((await vault.post('/v1/customers')).body.id)
  const ofCustomer = `/v1/customers/${customer}`
  const paymentMethod = await writes(
    () => post('/v1/payment_methods', { type: 'card', card: { token: 'tok_visa' } }),
    [],
    null
  )
  const own = `/v1/payment_methods/${String(paymentMethod.id)}`

  let made = ''
  await writes(
    async () => {
      const reply = await post('/v1/customers', { name: 'Ada', payment_method: 'pm_card_visa' })
      made = String(reply.body.id)
      return reply
    },
    [
      ['customer.created', () => get(`/v1/customers/${made}`)()],
      [
        'payment_method.attached',
        async () => part((await vault.get('/v1/payment_methods', { customer: made })).body, 'data.0')
      ]
    ],
    'key of /v1/customers'
  )
  await writes(
    () => post(`${own}/attach`, { customer }),
    [['payment_method.attached', get(own)]],
    `key of ${own}/attach`
  )
  await writes(() => vault.post(`${own}/attach`, { customer }), [], null)
  await writes(() => post(`${own}/attach`, { customer }), [], null)
  await writes(
    () => post(own, { metadata: { order: '1' }, billing_details: { name: 'Ada' }, card: { exp_month: 9 } }),
    [
      [
        'payment_method.updated',
        get(own),
        {
          billing_details: { name: null },
          card: { exp_month: part(paymentMethod, 'card.exp_month') },
          metadata: { order: null }
        }
      ]
    ],
    `key of ${own}`
  )
  await writes(() => vault.post(own, { metadata: { order: '1' } }), [], null)
  await writes(
    () => vault.post(ofCustomer, { email: 'ada@example.com', address: { city: 'London', line1: '1 St' } }),
    [['customer.updated', get(ofCustomer), { address: null, email: null }]],
    null
  )
  await writes(
    () => vault.post(ofCustomer, { invoice_settings: { default_payment_method: String(paymentMethod.id) } }),
    [['customer.updated', get(ofCustomer), { invoice_settings: { default_payment_method: null } }]],
    null
  )
  await writes(
    () => vault.post(`${own}/detach`),
    [
      [
        'customer.updated',
        get(ofCustomer),
        { invoice_settings: { default_payment_method: String(paymentMethod.id) } }
      ],
      ['payment_method.detached', get(own), { customer }]
    ],
    null
  )
  const { body: second } = await vault.post('/v1/payment_methods/pm_card_visa/attach', { customer })
  const whole = (await vault.get(ofCustomer)).body
  await writes(
    () => vault.del(ofCustomer),
    [
      ['customer.deleted', async () => whole],
      ['payment_method.detached', get(`/v1/payment_methods/${String(second.id)}`), { customer }]
    ],
    null
  )
})

t.test('an event and its object are shown in the version of whoever asks', async (t) => {
  const vault = await shared
  const { paymentMethod, customer } = await newPair(vault)
  const own = `/v1/payment_methods/${paymentMethod}`
  const [attached, updated, gated] = await eventsOf(vault, async () => {
    await vault.post(`${own}/attach`, { customer })
    await vault.post(own, {
      allow_redisplay: 'always',
      billing_details: { name: 'Ada', tax_id: '12', email: 'ada@example.com' },
      metadata: { b: '1', a: '2', order: '3' }
    })
    await vault.post(own, { allow_redisplay: 'limited', billing_details: { tax_id: '13' } })
  })
  const at = async (event: Json | undefined, more = {}) =>
    (await vault.get(`/v1/events/${String(event?.id)}`, {}, more)).body

  t.strictSame(await at(attached), attached, 'what a list shows')
  const [old, late] = [await at(updated), await at(updated, newest)]
  t.same(Object.keys(old), [
    ...['id', 'object', 'api_version', 'created', 'data', 'livemode', 'pending_webhooks', 'request', 'type']
  ])
  t.same(Object.keys(late), [
    ...['id', 'object', 'api_version', 'context', 'created', 'data', 'livemode', 'pending_webhooks'],
    ...['request', 'type']
  ])
  t.match([old.api_version, late.api_version, late.context], ['2022-11-15', '2026-07-29.dahlia', null])
  t.notOk('allow_redisplay' in (part(old, 'data.object') as Json))
  t.match(part(late, 'data.object'), { allow_redisplay: 'always', billing_details: { tax_id: '12' } })
  t.equal(
    JSON.stringify(part(old, 'data.previous_attributes')),
    '{"billing_details":{"email":null,"name":null},"metadata":{"a":null,"b":null,"order":null}}'
  )
  t.equal(
    JSON.stringify(part(late, 'data.previous_attributes')),
    '{"allow_redisplay":"unspecified","billing_details":{"email":null,"name":null,"tax_id":null},"metadata":{"a":null,"b":null,"order":null}}'
  )
  t.notOk('previous_attributes' in ((await at(gated)).data as Json), 'nothing that this version knows of')
  t.same(part(await at(gated, newest), 'data.previous_attributes'), {
    allow_redisplay: 'always',
    billing_details: { tax_id: '12' }
  })
  for (const version of ['2025-03-31.basil', '2025-04-30.basil', '2024-06-20; some_beta=v1']) {
    const shown = await at(attached, { headers: { 'stripe-version': version } })
    t.equal('context' in shown, version.startsWith('2025-04'), version)
    t.equal(shown.api_version, version)
  }
})

t.test('previous attributes keep what the change itself took away', async (t) => {
  const vault = await shared
  const { customer } = await newPair(vault)
  const path = `/v1/customers/${customer}`
  const changes: [first: Json, second: Json, previous: string][] = [
    [{ metadata: { gone: '1', kept: '1' } }, { metadata: { gone: '' } }, '{"metadata":{"gone":"1"}}'],
    [{ business_name: 'Ada & Co' }, { business_name: '' }, '{"business_name":"Ada & Co"}'],
    [
      { shipping: { name: 'Ada', address: { line1: '1 St', city: 'London' } } },
      { shipping: '' },
      '{"shipping":{"address":{"city":"London","country":null,"line1":"1 St","line2":null,"postal_code":null,"state":null},"name":"Ada","phone":null}}'
    ],
    [
      { invoice_settings: { custom_fields: [{ name: 'PO', value: '1' }] } },
      { invoice_settings: { custom_fields: [{ name: 'Order', value: '2' }] } },
      '{"invoice_settings":{"custom_fields":[{"name":"PO","value":"1"}]}}'
    ],
    [
      { metadata: { constructor: 'x' } },
      { metadata: { constructor: '' } },
      '{"metadata":{"constructor":"x"}}'
    ]
  ]
  for (const [first, second, previous] of changes) {
    await vault.post(path, first)
    const [event] = await eventsOf(vault, () => vault.post(path, second))
    t.equal(JSON.stringify(part(event, 'data.previous_attributes')), previous)
  }
  await vault.post(path, 'metadata[__proto__]=1')
  const [event] = await eventsOf(vault, () => vault.post(path, 'metadata[__proto__]='))
  t.equal(JSON.stringify(part(event, 'data.previous_attributes')), '{"metadata":{"__proto__":"1"}}')
})

t.test('pending_webhooks counts what waits for endpoints that are there', async (t) => {
  const vault = await startVault(t)
  const endpoint = async (enabled_events: string[]) =>
    String((await vault.post('/v1/webhook_endpoints', { url: 'http://127.0.0.1:9', enabled_events })).body.id)
  const all = await endpoint(['*'])
  const some = await endpoint(['customer.updated', 'customer.created'])
  const off = await endpoint(['*'])
  await vault.post(`/v1/webhook_endpoints/${off}`, { disabled: true })
  await endpoint(['customer.deleted'])
  await vault.db.pool.query(
    `insert into payment_vault.webhook_endpoints
     select (jsonb_populate_record(w, '{"id": "we_listens", "listens_until": 9999999999}')).*
     from payment_vault.webhook_endpoints w where id = $1`,
    [all]
  )
  const [event] = await eventsOf(vault, () => vault.post('/v1/customers'))
  const id = String(event?.id)
  const pending = async () => (await vault.get(`/v1/events/${id}`)).body.pending_webhooks as number
  const deliveries = await vault.db.pool.query('select 1 from payment_vault.webhook_deliveries')
  t.equal(deliveries.rowCount, 3)
  t.equal(event?.pending_webhooks, 2, 'not what listens at a terminal')
  const succeeded = async (delivery_success: boolean) =>
    idsOf(await vault.get('/v1/events', { delivery_success })).includes(id)
  t.same([await succeeded(true), await succeeded(false)], [false, true])

  const becomes = (endpoint: string, state: string) =>
    vault.db.pool.query('update payment_vault.webhook_deliveries set state = $2 where endpoint_id = $1', [
      endpoint,
      state
    ])
  await becomes(all, 'delivered')
  t.equal(await pending(), 1)
  await becomes(some, 'failed')
  t.equal(await pending(), 0)
  t.same([await succeeded(true), await succeeded(false)], [false, true], 'one has failed')
  await becomes(some, 'delivered')
  t.same([await succeeded(true), await succeeded(false)], [true, false])
  await becomes(some, 'pending')
  await vault.del(`/v1/webhook_endpoints/${some}`)
  t.equal(await pending(), 0, 'an endpoint that was deleted waits for nothing')
  t.same([await succeeded(true), await succeeded(false)], [true, false])
})

t.test('a list is narrowed by type, by time and by delivery', async (t) => {
  const vault = await startVault(t)
  const { paymentMethod, customer } = await newPair(vault)
  await vault.post(`/v1/payment_methods/${paymentMethod}/attach`, { customer })
  await vault.post(`/v1/customers/${customer}`, { name: 'Ada' })
  await vault.post(`/v1/payment_methods/${paymentMethod}/detach`)
  const get = (params: Json) => vault.get('/v1/events', params)
  const [created, attached, updated, detached] = [
    'customer.created',
    'payment_method.attached',
    'customer.updated',
    'payment_method.detached'
  ]
  const rows: [params: Json, types: unknown[]][] = [
    [{}, [detached, updated, attached, created]],
    [{ type: created }, [created]],
    [{ type: 'customer.*' }, [updated, created]],
    [{ type: 'payment_method.*' }, [detached, attached]],
    [{ type: '*' }, [detached, updated, attached, created]],
    [{ types: [created, detached] }, [detached, created]],
    [{ types: [created, created] }, [created]],
    [{ type: 'customer' }, []],
    [{ type: 'customer.' }, []],
    [{ type: 'custom.*' }, []],
    [{ type: 'invoice.paid' }, []],
    [{ types: ['no.such'] }, []],
    [{ type: 'customer.*', limit: 1 }, [updated]],
    [{ delivery_success: true }, [detached, updated, attached, created]],
    [{ delivery_success: false }, []],
    [{ type: created, delivery_success: true }, [created]]
  ]
  for (const [params, types] of rows) {
    const reply = await get(params)
    t.same(typesOf(reply), types, JSON.stringify(params))
    t.equal(reply.body.has_more, params.limit === 1)
    t.equal(reply.body.url, '/v1/events')
  }
  refused(t, await get({ type: created, types: [created] }), 400, {
    code: 'parameters_exclusive',
    message: 'You may only specify one of these parameters: type, types.'
  })
  t.equal((await get({ types: Array.from({ length: 20 }, () => created) })).status, 200)
  refused(t, await get({ types: Array.from({ length: 21 }, () => created) }), 400, {
    message: 'At most 20 types may be asked for at once.',
    param: 'types'
  })
  for (const [path, hint] of [
    ['/v1/events', "This property cannot be expanded (x). You may want to try expanding 'data.x' instead."],
    [`/v1/events/${idsOf(await get({}))[0] ?? ''}`, 'This property cannot be expanded (x).']
  ] as const) {
    refused(t, await vault.get(path, { expand: ['x'] }), 400, { message: hint })
  }
})

t.test('`created` is exact to the second, also where an id was made in the one beside it', async (t) => {
  const vault = await startVault(t)
  const at = 1_700_000_000
  await insertEvents(vault, await accountOf(vault), [
    [at, (at + 1) * 1000 + 5],
    [at, at * 1000 + 999],
    [at, at * 1000],
    [at, at * 1000 - 1],
    [at + 1, (at + 1) * 1000],
    [at - 1, (at - 1) * 1000],
    [at + 100, (at + 100) * 1000]
  ])
  const count = async (created: unknown) => idsOf(await vault.get('/v1/events', { created })).length
  const rows: [filter: unknown, count: number][] = [
    [at, 4],
    [at + 1, 1],
    [at + 2, 0],
    [{ gte: at }, 6],
    [{ gt: at }, 2],
    [{ lt: at }, 1],
    [{ lte: at }, 5],
    [{ gte: at, lte: at + 1 }, 5],
    [{ gt: at, lt: at + 1 }, 0],
    [{ gt: 0 }, 7],
    [{ gt: -5 }, 7],
    [{ lt: Number.MAX_SAFE_INTEGER }, 7],
    [{ gt: Number.MAX_SAFE_INTEGER }, 0],
    [{ gt: 3_600_000_000 }, 0],
    [0, 0],
    [-1, 0]
  ]
  for (const [filter, expected] of rows) t.equal(await count(filter), expected, JSON.stringify(filter))
})

t.test('cursors page both ways, newest first, also within a second and under a filter', async (t) => {
  const vault = await startVault(t)
  const account = await accountOf(vault)
  const second = now()
  const rows = Array.from({ length: 13 }, (_, i): [number, number] => [second, second * 1000 + i])
  const ids = (await insertEvents(vault, account, rows)).reverse()
  const get = async (params: Json): Promise<unknown[]> => {
    const reply = await vault.get('/v1/events', params)
    return [idsOf(reply), reply.body.has_more as boolean]
  }
  const filters = [{}, { created: second }, { type: 'customer.*' }, { delivery_success: true }]
  t.same(await get({}), [ids.slice(0, 10), true], 'ten unless told')
  for (const filter of filters) {
    const page = (params: Json) => get({ ...filter, ...params })
    t.same(await page({ limit: 5 }), [ids.slice(0, 5), true])
    t.same(await page({ limit: 5, starting_after: ids[4] }), [ids.slice(5, 10), true])
    t.same(await page({ limit: 5, starting_after: ids[7] }), [ids.slice(8), false])
    t.same(await page({ limit: 5, starting_after: ids[12] }), [[], false])
    t.same(await page({ limit: 5, ending_before: ids[12] }), [ids.slice(7, 12), true])
    t.same(await page({ limit: 5, ending_before: ids[5] }), [ids.slice(0, 5), false])
    t.same(await page({ limit: 5, ending_before: ids[0] }), [[], false])
  }
  const both = { starting_after: ids[0], ending_before: ids[2] }
  refused(t, await vault.get('/v1/events', both), 400, {
    message: 'Received both starting_after and ending_before parameters. Please pass in only one.'
  })
  for (const cursor of ['starting_after', 'ending_before']) {
    refused(
      t,
      await vault.get('/v1/events', { [cursor]: 'evt_none' }),
      400,
      noSuch('event', 'evt_none', cursor)
    )
  }
  refused(t, await vault.get('/v1/events/evt_none'), 404, noSuch('event', 'evt_none', 'id'))
})

t.test('nobody sees the events of another account or mode, and a browser sees none', async (t) => {
  const vault = await startVault(t)
  const { body: customer } = await vault.post('/v1/customers')
  const [id = ''] = idsOf(await vault.get('/v1/events'))
  const [foreign = ''] = await insertEvents(vault, 'acct_foreign:test', [[now(), Date.now()]])
  t.same(idsOf(await vault.get('/v1/events')), [id])
  refused(t, await vault.get(`/v1/events/${foreign}`), 404, noSuch('event', foreign, 'id'))
  const live = { key: vault.keys.live }
  t.same((await vault.get('/v1/events', {}, live)).body.data, [])
  refused(t, await vault.get(`/v1/events/${id}`, {}, live), 404, {
    ...noSuch('event', id, 'id'),
    message: `No such event: '${id}'; a similar object exists in test mode, but a live mode key was used to make this request.`
  })
  await vault.post('/v1/customers', {}, live)
  t.match((await vault.get('/v1/events', {}, live)).body.data, [
    { livemode: true, data: { object: { livemode: true } } }
  ])
  t.match((await vault.get(`/v1/events/${id}`)).body, { data: { object: { id: customer.id as string } } })
  for (const path of ['/v1/events', `/v1/events/${id}`]) {
    const reply = await vault.get(path, {}, { key: vault.keys.publishable })
    t.match([reply.status, reply.body], [401, { error: { code: 'secret_key_required' } }])
  }
})

t.test('what was rolled back or refused leaves no event', async (t) => {
  const vault = await startVault(t)
  const { paymentMethod, customer } = await newPair(vault)
  const { body: other } = await vault.post('/v1/customers')
  const own = `/v1/payment_methods/${paymentMethod}`
  await vault.post(`${own}/attach`, { customer })
  const count = async () =>
    (
      await vault.db.pool.query<{ n: number }>(
        `select ((select count(*) from payment_vault.events)
           + (select count(*) from payment_vault.webhook_deliveries))::int as n`
      )
    ).rows[0]?.n
  await vault.post('/v1/webhook_endpoints', { url: 'http://127.0.0.1:9', enabled_events: ['*'] })
  const before = await count()

  const committed = new CommittedEvents()
  let announced = 0
  committed.subscribe(() => announced++)
  const call = {
    vault: { committed },
    account: await accountOf(vault),
    livemode: false,
    requestId: 'req_1',
    attempt: null
  } as unknown as Call
  for (let i = 0; i < 100; i++) {
    const undone = vault.db.transaction(async (tx) => {
      for (let j = 0; j < 100; j++) await writeEvent(tx, call, 'customer.updated', { id: customer })
      throw new Error('undone')
    })
    await t.rejects(undone, { message: 'undone' })
  }
  const refusals: [path: string, params: Json][] = [
    [`${own}/attach`, { customer: String(other.id) }],
    [`${own}/attach`, { customer: 'cus_none' }],
    ['/v1/customers', { payment_method: 'pm_none' }],
    ['/v1/customers', { payment_method: 'pm_card_chargeDeclined' }],
    [`/v1/customers/${customer}`, { invoice_settings: { default_payment_method: 'pm_none' } }]
  ]
  for (let i = 0; i < 100; i++) {
    for (const [path, params] of refusals) {
      const { status } = await vault.post(path, params)
      if (status !== 400 && status !== 402 && status !== 404) t.fail(`${path} was answered ${status}`)
    }
  }
  t.equal(await count(), before)
  t.equal(announced, 0, 'nobody was told of them')
})

t.test('old events go, with their deliveries, in every account', async (t) => {
  const vault = await startVault(t)
  const old = Date.now() - 31 * day * 1000
  const fresh = Date.now() - 29 * day * 1000
  const times = (count: number, ms: number) =>
    Array.from({ length: count }, (_, i): [number, number] => [Math.floor(ms / 1000), ms + i])
  await insertEvents(vault, 'acct_a:test', times(25, old))
  const kept = await insertEvents(vault, 'acct_a:test', times(3, fresh))
  await insertEvents(vault, 'acct_b:live', times(10, old))
  const [last = ''] = await insertEvents(vault, 'acct_c:test', times(1, fresh))
  await vault.db.pool.query(
    `insert into payment_vault.webhook_deliveries (account_id, event_id, endpoint_id, state, attempts, due)
     select account_id, id, 'we_1', 'delivered', 1, 0 from payment_vault.events`
  )
  const left = async (table: string, column: string) =>
    (
      await vault.db.pool.query<{ id: string }>(
        `select ${column} as id from payment_vault.${table} order by 1`
      )
    ).rows.map(({ id }) => id)
  const cutoff = Date.now() - 30 * day * 1000
  t.equal(await removeEventsBefore(vault.db, cutoff, undefined, 10), 35)
  t.same(await left('events', 'id'), [...kept, last].sort())
  t.same(await left('webhook_deliveries', 'event_id'), [...kept, last].sort())
  t.equal(await removeEventsBefore(vault.db, cutoff), 0)
})

t.test('an event stays for as long as a key may need it', async (t) => {
  const vault = await startVault(t)
  const { paymentMethod, customer } = await newPair(vault)
  const attach = () =>
    vault.post(
      `/v1/payment_methods/${paymentMethod}/attach`,
      { customer },
      { headers: { 'idempotency-key': 'k' } }
    )
  const first = await attach()
  const ahead = Date.now() + 60_000
  t.equal(await removeEventsBefore(vault.db, ahead), 0)
  const again = await attach()
  t.same([again.text, again.headers.get('idempotent-replayed')], [first.text, 'true'])
  await vault.db.pool.query('delete from payment_vault.idempotency_keys')
  t.equal(await removeEventsBefore(vault.db, ahead), 2)
})

t.test('old events go by themselves, beside the app', async (t) => {
  const vault = await startVault(t)
  const app = Fastify()
  removeOldEvents(app, vault.db, { keepFor: 4 * day * 1000, intervalMs: 20 })
  const kept = await insertEvents(vault, 'acct_a:test', [[now(), Date.now() - 3.9 * day * 1000]])
  await insertEvents(vault, 'acct_a:test', [[now(), Date.now() - 4.1 * day * 1000]])
  await app.ready()
  const ids = async () =>
    (await vault.db.pool.query<{ id: string }>('select id from payment_vault.events')).rows.map(
      ({ id }) => id
    )
  t.ok(await until(async () => (await ids()).length === 1))
  t.same(await ids(), kept)
  await app.close()
})

t.test('a page costs the same, however many events there are', async (t) => {
  const { url } = await newDatabase(t)
  // One session: each tells what it did when it likes to, and this one is asked.
  const pool = new pg.Pool({ connectionString: url, max: 1 })
  pool.on('error', () => undefined)
  t.teardown(() => pool.end())
  const db = new Database(pool, { schema: 'payment_vault', prepared: false })
  await manyEvents({ db }, 30_000)
  const start = { created: Number.MAX_SAFE_INTEGER, id: '~' }
  const middle = firstId('evt', 1_700_000_000_000 + 15_000 * 1000)
  const filter = { created: [0, Number.MAX_SAFE_INTEGER] as const }
  const within = { created: [1_700_014_000, 1_700_014_004] as const }
  const rows: [name: string, run: () => Promise<unknown[]>, count: number][] = [
    ['the first page', () => listEvents(db, 'a', filter, { after: start, forward: true, limit: 10 }), 11],
    [
      'after a cursor',
      () => listEvents(db, 'a', filter, { after: { created: 0, id: middle }, forward: true, limit: 10 }),
      11
    ],
    [
      'before a cursor',
      () => listEvents(db, 'a', filter, { after: { created: 0, id: middle }, forward: false, limit: 10 }),
      11
    ],
    ['some seconds', () => listEvents(db, 'a', within, { after: start, forward: true, limit: 10 }), 5],
    [
      'what has arrived',
      () => listEvents(db, 'a', { ...filter, delivered: true }, { after: start, forward: true, limit: 10 }),
      11
    ]
  ]
  for (const [name, run, count] of rows) {
    const before = await blocksRead(pool)
    t.equal((await run()).length, count)
    const read = (await blocksRead(pool)) - before
    t.ok(read > 0 && read < 60, `${name}: ${read} blocks`)
  }
})

t.test('every type that is written is one that can be asked for', async (t) => {
  t.equal(subscribableTypes.length, 266)
  t.same(
    writtenTypes.filter((type) => !(subscribableTypes as readonly string[]).includes(type)),
    []
  )
})

t.test('the official SDK lists and retrieves them', async (t) => {
  const vault = await startVault(t)
  const stripe = vault.stripe()
  const customer = await stripe.customers.create({ name: 'Ada' }, { idempotencyKey: 'a key of mine' })
  for (let i = 0; i < 4; i++) await stripe.customers.update(customer.id, { name: `Ada ${i}` })
  const all = await stripe.events.list({ limit: 2 }).autoPagingToArray({ limit: 100 })
  t.same(
    all.map(({ type }) => type),
    ['customer.updated', 'customer.updated', 'customer.updated', 'customer.updated', 'customer.created']
  )
  t.match(all[0]?.data, { object: { name: 'Ada 3' }, previous_attributes: { name: 'Ada 2' } })
  const [first] = (await stripe.events.list({ types: ['customer.created'] })).data
  t.same(await stripe.events.retrieve(String(first?.id)), first)
  t.match(first, {
    data: { object: customer },
    request: { id: customer.lastResponse.requestId, idempotency_key: 'a key of mine' }
  })
})

/** The account that the test keys belong to, in test mode. */
async function accountOf(vault: TestVault): Promise<string> {
  const found = await vault.db.pool.query<{ id: string }>(
    'select account_id as id from payment_vault.api_keys'
  )
  return `${String(found.rows[0]?.id)}:test`
}

/** One event each, of a customer, as told: `created` in seconds, and the millisecond that the id grows from. */
async function insertEvents(
  { db }: Pick<TestVault, 'db'>,
  account: string,
  times: [second: number, millisecond: number][],
  type: EventType = 'customer.created'
): Promise<string[]> {
  const ids = times.map(([, millisecond]) => newId('evt', millisecond))
  await db.pool.query(
    `insert into payment_vault.events (account_id, id, created, type, object)
     select $1, id, created, $4, $5 from unnest($2::text[], $3::bigint[]) as each (id, created)`,
    [account, ids, times.map(([second]) => second), type, JSON.stringify({ id: 'cus_1', deleted: true })]
  )
  return ids
}

/** As many events of the account `a`, one a second, each delivered once. */
async function manyEvents({ db }: Pick<TestVault, 'db'>, count: number): Promise<void> {
  const times = Array.from({ length: count }, (_, i): [number, number] => [
    1_700_000_000 + i,
    (1_700_000_000 + i) * 1000
  ])
  await insertEvents({ db }, 'a', times)
  await db.pool.query(
    `insert into payment_vault.webhook_deliveries (account_id, event_id, endpoint_id, state, attempts, due)
     select account_id, id, 'we_1', 'delivered', 1, 0 from payment_vault.events`
  )
  await db.pool.query('analyze payment_vault.events, payment_vault.webhook_deliveries')
}

/** How many blocks of the events, the deliveries and their indexes were looked at so far. */
async function blocksRead(pool: pg.Pool): Promise<number> {
  await pool.query('select pg_stat_force_next_flush()')
  const found = await pool.query<{ n: string }>(
    `select sum(heap_blks_read + heap_blks_hit + idx_blks_read + idx_blks_hit) as n
     from pg_statio_user_tables where relname in ('events', 'webhook_deliveries')`
  )
  return Number(found.rows[0]?.n)
}
