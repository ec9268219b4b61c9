import t, { type Test } from 'tap'
import { keyFor } from '../../../src/protocol/values/derived-secret'
import { signingSecret, signingSecrets } from '../../../src/resources/webhook-endpoints/secret'
import {
  findWebhookEndpoint,
  insertWebhookEndpoint,
  rollSecret,
  type WebhookEndpointRow
} from '../../../src/resources/webhook-endpoints/store'
import { noSuch, parameterMissing, parameterUnknown, refused } from '../../helpers/document/bodies'
import { everyRow } from '../../helpers/database/rows'
import { fingerprintKey, type Json, type Reply, startVault, type TestVault } from '../../helpers/vault'

t.setTimeout(300_000)

const shared = startVault(t)
const secretsKey = keyFor('secrets', fingerprintKey)
const path = '/v1/webhook_endpoints'
/** What every answer but that to its creation shows. */
function withoutSecret<T extends { secret?: unknown }>(shown: T): Omit<T, 'secret'> {
  const rest = { ...shown }
  delete rest.secret
  return rest
}

const idsOf = ({ body }: Reply): string[] => (body.data as Json[]).map(({ id }) => String(id))

const create = (vault: TestVault, params: Json = {}, more = {}) =>
  vault.post(path, { url: 'https://example.com/hooks', enabled_events: ['*'], ...params }, more)

async function rowOf(vault: TestVault, id: string): Promise<WebhookEndpointRow> {
  const found = await vault.db.pool.query<{ account_id: string }>(
    'select account_id from payment_vault.webhook_endpoints where id = $1',
    [id]
  )
  const row = await findWebhookEndpoint(vault.db, String(found.rows[0]?.account_id), id)
  if (!row) throw new Error(`there is no ${id}`)
  return row
}

t.test('makes one, and shows its secret this once', async (t) => {
  const vault = await startVault(t)
  const made = await create(vault, {
    api_version: '2026-07-29.dahlia',
    connect: false,
    description: 'for the shop',
    enabled_events: ['payment_method.attached', 'customer.created', 'payment_method.attached'],
    metadata: { b: '1', a: '2' }
  })
  t.equal(made.status, 200)
  const { id, created, secret } = made.body as { id: string; created: number; secret: string }
  t.match(id, /^we_1[0-9A-Za-z]{23}$/)
  t.match(secret, /^whsec_[0-9A-Za-z]{32}$/)
  t.ok(Math.abs(created - Date.now() / 1000) < 3)
  t.equal(
    made.text,
    `{
  "id": "${id}",
  "object": "webhook_endpoint",
  "api_version": "2026-07-29.dahlia",
  "application": null,
  "created": ${created},
  "description": "for the shop",
  "enabled_events": [
    "payment_method.attached",
    "customer.created"
  ],
  "livemode": false,
  "metadata": {
    "a": "2",
    "b": "1"
  },
  "secret": "${secret}",
  "status": "enabled",
  "url": "https://example.com/hooks"
}`
  )
  const rest = withoutSecret(made.body)
  t.strictSame((await vault.get(`${path}/${id}`)).body, rest)
  t.strictSame((await vault.get(path)).body, { object: 'list', data: [rest], has_more: false, url: path })
  t.strictSame((await vault.post(`${path}/${id}`)).body, rest)

  const least = (await create(vault)).body
  t.match(least, { api_version: null, description: null, metadata: {}, enabled_events: ['*'] })
  t.not(least.secret, secret)
})

t.test('a secret is stored nowhere, not even with the answer that shows it', async (t) => {
  const vault = await startVault(t)
  const headers = { 'idempotency-key': 'a key' }
  const first = await create(vault, {}, { headers })
  const again = await create(vault, {}, { headers })
  const { id, secret } = first.body as { id: string; secret: string }
  t.equal(again.text, first.text)
  t.equal(again.headers.get('idempotent-replayed'), 'true')
  t.equal(again.headers.get('original-request'), first.headers.get('request-id'))
  t.equal(idsOf(await vault.get(path)).length, 1)
  const stored = await everyRow(vault)
  t.match(stored, id)
  t.notMatch(stored, secret.slice('whsec_'.length))

  const row = await rowOf(vault, id)
  t.equal(
    signingSecret(secretsKey, row.account_id, id, 1),
    secret,
    'it follows from what is stored and a key'
  )
  t.strictSame(signingSecrets(secretsKey, row, 0), [secret])
  t.not(signingSecret(keyFor('secrets', 'another key, 32 characters long'), row.account_id, id, 1), secret)
  t.not(signingSecret(secretsKey, row.account_id.replace(':test', ':live'), id, 1), secret)
})

t.test('a rolled secret’s predecessor is good until it is told', async (t) => {
  const vault = await shared
  const { id, secret } = (await create(vault)).body as { id: string; secret: string }
  const { account_id: account } = await rowOf(vault, id)
  const rolled = await rollSecret(vault.db, account, id, 1000)
  t.match(rolled, { secret_generation: 2, previous_secret_until: 1000 })
  if (!rolled) return
  const second = signingSecret(secretsKey, account, id, 2)
  t.not(second, secret)
  t.strictSame(signingSecrets(secretsKey, rolled, 999), [second, secret], 'the current one first')
  t.strictSame(signingSecrets(secretsKey, rolled, 1000), [second])
  const third = await rollSecret(vault.db, account, id, null)
  t.strictSame(third && signingSecrets(secretsKey, third, 0), [signingSecret(secretsKey, account, id, 3)])
  t.equal(await rollSecret(vault.db, account, 'we_none', null), undefined)
  t.equal(await rollSecret(vault.db, 'acct_other:test', id, null), undefined)
})

t.test('changes what is given and leaves the rest', async (t) => {
  const vault = await shared
  const { body } = await create(vault, { description: 'old', metadata: { a: '1', b: '2' } })
  const made = withoutSecret(body)
  const own = `${path}/${String(body.id)}`
  const rows: [params: Json, change: Json][] = [
    [{ disabled: true }, { status: 'disabled' }],
    [{ description: 'new' }, { description: 'new' }],
    [{ description: '' }, { description: null }],
    [{ url: 'http://127.0.0.1:4000/x?y=z' }, { url: 'http://127.0.0.1:4000/x?y=z' }],
    [{ enabled_events: ['charge.failed', '*', '*'] }, { enabled_events: ['charge.failed', '*'] }],
    [{ metadata: { a: '', c: '3' } }, { metadata: { b: '2', c: '3' } }],
    [{ metadata: '' }, { metadata: {} }],
    [{ disabled: false }, { status: 'enabled' }],
    [{}, {}]
  ]
  for (const [params, change] of rows) {
    Object.assign(made, change)
    t.strictSame((await vault.post(own, params)).body, made, JSON.stringify(params))
    t.strictSame((await vault.get(own)).body, made)
  }
  refused(
    t,
    await vault.post(own, { api_version: '2023-08-16' }),
    400,
    parameterUnknown('api_version'),
    'it stays in its version'
  )
  refused(t, await vault.post(own, { connect: false }), 400, parameterUnknown('connect'))
})

t.test('deletes one for good, and what waits for it stays unsent', async (t) => {
  const vault = await startVault(t)
  const id = String((await create(vault)).body.id)
  await vault.post('/v1/customers')
  t.strictSame((await vault.del(`${path}/${id}`)).body, { id, object: 'webhook_endpoint', deleted: true })
  t.same((await vault.get(path)).body.data, [])
  const missing = noSuch('webhook endpoint', id, 'webhook_endpoint')
  refused(t, await vault.get(`${path}/${id}`), 404, missing)
  refused(t, await vault.post(`${path}/${id}`, { disabled: true }), 404, missing)
  refused(t, await vault.del(`${path}/${id}`), 404, missing)
  t.equal((await vault.db.pool.query('select 1 from payment_vault.webhook_deliveries')).rowCount, 1)
  await vault.post('/v1/customers')
  t.equal((await vault.db.pool.query('select 1 from payment_vault.webhook_deliveries')).rowCount, 1)
})

t.test('only enabled ones get an event, of the types that they ask for', async (t) => {
  const vault = await startVault(t)
  const id = async (params: Json) => String((await create(vault, params)).body.id)
  const all = await id({})
  const created = await id({ enabled_events: ['customer.created'] })
  await id({ enabled_events: ['customer.updated', 'invoice.paid'] })
  const off = await id({})
  await vault.post(`${path}/${off}`, { disabled: true })
  await create(vault, {}, { key: vault.keys.live })
  await vault.post('/v1/customers')
  const found = await vault.db.pool.query<{ endpoint_id: string }>(
    'select endpoint_id from payment_vault.webhook_deliveries'
  )
  t.same(found.rows.map((row) => row.endpoint_id).sort(), [all, created].sort())
})

t.test('refuses what is no list of events, no version, and no URL', async (t) => {
  const vault = await startVault(t)
  const before = await everyRow(vault)
  const one = { url: 'https://example.com', enabled_events: ['*'] }
  refused(t, await vault.post(path, { enabled_events: ['*'] }), 400, parameterMissing('url'))
  refused(t, await vault.post(path, { url: 'https://example.com' }), 400, parameterMissing('enabled_events'))
  const unknown = await vault.post(path, { ...one, enabled_events: ['customer.created', 'customer.made'] })
  t.equal(unknown.status, 400)
  t.match(unknown.body.error, {
    message:
      /^Invalid enabled_events\[1\]: must be one of \*, account\.application\.authorized, .*, or treasury/,
    param: 'enabled_events[1]'
  })
  const json = { 'content-type': 'application/json' }
  refused(t, await vault.post(path, JSON.stringify({ ...one, enabled_events: [] }), { headers: json }), 400, {
    message: 'Invalid array: name one event at least, or * for all of them.',
    param: 'enabled_events'
  })
  refused(t, await vault.post(path, { ...one, connect: true }), 400, {
    message: "This vault does not support the parameter 'connect'.",
    param: 'connect'
  })
  for (const api_version of ['1', '2022-13-01', 'latest']) {
    refused(t, await vault.post(path, { ...one, api_version }), 400, {
      message: `Invalid Stripe API version: ${api_version}`,
      param: 'api_version'
    })
  }
  for (const [expand, params] of [
    ['data', {}],
    ['x', { expand: ['x'] }]
  ] as const) {
    const reply = await vault.post(path, { ...one, expand: [expand], ...params })
    refused(t, reply, 400, { message: `This property cannot be expanded (${expand}).` })
  }
  for (const url of ['', 'x']) t.equal((await vault.post(path, { ...one, url })).status, 400)
  t.equal(await everyRow(vault), before, 'nothing was written')
})

t.test('a URL is one that events could and may be sent to', async (t) => {
  const vault = await startVault(t)
  const { body } = await create(vault)
  const { body: live } = await create(vault, {}, { key: vault.keys.live })
  const inMode = (mode: 'test' | 'live', url: string) =>
    vault.post(`${path}/${String(mode === 'test' ? body.id : live.id)}`, { url }, { key: vault.keys[mode] })
  const both = ['https://example.com', 'https://example.com:8443/a/b?c=d', 'https://93.184.216.34/x']
  const testOnly = [
    'http://example.com',
    'http://localhost:4000',
    'https://localhost',
    'https://hooks.localhost/x',
    'https://LOCALHOST.',
    'https://127.0.0.1',
    'https://127.1',
    'https://2130706433',
    'https://0x7f000001',
    'https://0.0.0.0',
    'https://10.1.2.3',
    'https://172.16.0.1',
    'https://192.168.1.1',
    'https://100.64.0.1',
    'https://169.254.169.254/latest/meta-data',
    'https://224.0.0.1',
    'https://255.255.255.255',
    'https://[::1]',
    'https://[::]',
    'https://[fe80::1]',
    'https://[fd00::1]',
    'https://[::ffff:10.0.0.1]',
    'https://[::ffff:7f00:1]',
    'https://[64:ff9b::7f00:1]'
  ]
  const neither: [url: string, why: RegExp][] = [
    ['example.com', /whole one/],
    ['/hooks', /whole one/],
    ['https://', /whole one/],
    ['https://exa mple.com', /whole one/],
    ['https://example.com/\n', /whole one/],
    [' https://example.com', /whole one/],
    ['https://example.com:99999', /whole one/],
    ['ftp://example.com', /must begin with/],
    ['javascript:alert(1)', /must begin with/],
    ['file:///etc/passwd', /must begin with/],
    ['https://ada:secret@example.com', /user name or a password/],
    ['https://ada@example.com', /user name or a password/],
    ['https://example.com/#part', /fragment/],
    ['https://example.com/#', /fragment/]
  ]
  const invalid = async (t: Test, reply: Reply, why: RegExp, url: string) => {
    t.equal(reply.status, 400, url)
    t.match(reply.body.error, { code: 'url_invalid', param: 'url', message: why }, url)
    t.notMatch(reply.text, 'secret')
  }
  for (const url of both)
    for (const mode of ['test', 'live'] as const) t.match((await inMode(mode, url)).body, { url })
  for (const url of testOnly) {
    t.match((await inMode('test', url)).body, { url })
    await invalid(t, await inMode('live', url), /live mode/, url)
  }
  for (const [url, why] of neither)
    for (const mode of ['test', 'live'] as const) await invalid(t, await inMode(mode, url), why, url)

  const long = `https://example.com/${'x'.repeat(2028)}`
  t.match((await inMode('live', long)).body, { url: long })
  refused(t, await inMode('live', `${long}y`), 400, {
    message: 'Invalid string: http...xxxy; must be at most 2048 characters',
    param: 'url'
  })
  await invalid(
    t,
    await create(vault, { url: 'http://example.com' }, { key: vault.keys.live }),
    /live mode/,
    'create'
  )
})

t.test('there are sixteen at most, in each account and mode, however many are made at once', async (t) => {
  const vault = await startVault(t)
  const headers = { 'idempotency-key': 'the last' }
  const all = await Promise.all(Array.from({ length: 24 }, () => create(vault)))
  t.equal(all.filter(({ status }) => status === 200).length, 16)
  const full = { message: 'You have reached the maximum of 16 test webhook endpoints.' }
  for (const reply of all.filter(({ status }) => status !== 200)) refused(t, reply, 400, full)
  refused(t, await create(vault, {}, { headers }), 400, full)
  t.equal((await create(vault, {}, { key: vault.keys.live })).status, 200)
  await vault.del(`${path}/${idsOf(await vault.get(path))[0] ?? ''}`)
  t.equal((await create(vault)).status, 200)
  const replayed = await create(vault, {}, { headers })
  refused(t, replayed, 400, full)
  t.equal(replayed.headers.get('idempotent-replayed'), 'true', 'a refusal of state is kept')
})

t.test('lists them newest first, by cursors', async (t) => {
  const vault = await startVault(t)
  const ids: string[] = []
  for (let i = 0; i < 5; i++) ids.unshift(String((await create(vault)).body.id))
  // In whichever second each was made: by time, and by id within a second.
  const page = async (params: Json): Promise<unknown[]> => {
    const reply = await vault.get(path, params)
    return [idsOf(reply), reply.body.has_more as boolean]
  }
  t.same(await page({}), [ids, false])
  t.same(await page({ limit: 2 }), [ids.slice(0, 2), true])
  t.same(await page({ limit: 2, starting_after: ids[1] }), [ids.slice(2, 4), true])
  t.same(await page({ limit: 2, ending_before: ids[4] }), [ids.slice(2, 4), true])
  t.same(await page({ limit: 2, ending_before: ids[1] }), [ids.slice(0, 1), false])
  for (const cursor of ['starting_after', 'ending_before'])
    refused(
      t,
      await vault.get(path, { [cursor]: 'we_none' }),
      400,
      noSuch('webhook endpoint', 'we_none', cursor)
    )
})

t.test('whoever listens at a terminal is seen by no call', async (t) => {
  const vault = await startVault(t)
  const { id: shown } = (await create(vault)).body as { id: string }
  const row = await rowOf(vault, shown)
  const id = 'we_listening'
  await insertWebhookEndpoint(vault.db, { ...row, id, listens_until: 9_999_999_999 })
  const missing = noSuch('webhook endpoint', id, 'webhook_endpoint')
  refused(t, await vault.get(`${path}/${id}`), 404, missing)
  refused(t, await vault.post(`${path}/${id}`, { disabled: true }), 404, missing)
  refused(t, await vault.del(`${path}/${id}`), 404, missing)
  t.same(idsOf(await vault.get(path)), [shown])
  t.equal(await rollSecret(vault.db, row.account_id, id, null), undefined)
  for (let i = 0; i < 15; i++) t.equal((await create(vault)).status, 200, 'nor does it count')
  await vault.post('/v1/customers')
  const found = await vault.db.pool.query(
    'select 1 from payment_vault.webhook_deliveries where endpoint_id = $1',
    [id]
  )
  t.equal(found.rowCount, 1, 'it hears of what happens')
})

t.test('nobody sees the endpoints of another account or mode, and a browser sees none', async (t) => {
  const vault = await startVault(t)
  const { id } = (await create(vault)).body as { id: string }
  const row = await rowOf(vault, id)
  const foreign = 'we_foreign'
  await insertWebhookEndpoint(vault.db, { ...row, account_id: 'acct_foreign:test', id: foreign })
  const live = { key: vault.keys.live }
  const own = `${path}/${id}`
  const before = await everyRow(vault)
  const unknown = noSuch('webhook endpoint', foreign, 'webhook_endpoint')
  const hinted = {
    ...unknown,
    message: `No such webhook endpoint: '${id}'; a similar object exists in test mode, but a live mode key was used to make this request.`
  }
  for (const method of ['GET', 'POST', 'DELETE']) {
    refused(t, await vault.ask(method, `${path}/${foreign}`), 404, unknown)
    refused(t, await vault.ask(method, own, live), 404, hinted)
    const browser = await vault.ask(method, own, { key: vault.keys.publishable })
    t.match([browser.status, browser.body], [401, { error: { code: 'secret_key_required' } }])
  }
  t.same(idsOf(await vault.get(path)), [id])
  t.same(idsOf(await vault.get(path, {}, live)), [])
  t.equal(await everyRow(vault), before)
})

t.test('the official SDK makes, reads, changes, lists and deletes them', async (t) => {
  const vault = await startVault(t)
  const stripe = vault.stripe({ maxNetworkRetries: 1 })
  const made = await stripe.webhookEndpoints.create({
    url: 'https://example.com/hooks',
    enabled_events: ['payment_method.attached', 'customer.updated'],
    api_version: '2026-07-29.dahlia'
  })
  t.match(made.secret, /^whsec_/)
  const rest = withoutSecret(made)
  t.same(await stripe.webhookEndpoints.retrieve(made.id), rest)
  t.same((await stripe.webhookEndpoints.list()).data, [rest])
  const changed = await stripe.webhookEndpoints.update(made.id, { disabled: true, metadata: { a: 'b' } })
  t.match(changed, { status: 'disabled', metadata: { a: 'b' } })
  t.same(await stripe.webhookEndpoints.del(made.id), {
    id: made.id,
    object: 'webhook_endpoint',
    deleted: true
  })
  await t.rejects(stripe.webhookEndpoints.retrieve(made.id), { statusCode: 404, code: 'resource_missing' })
})
