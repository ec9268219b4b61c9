import Fastify from 'fastify'
import t from 'tap'
import { paymentVault } from '../../../src/index'
import { parameterUnknown, type Refusal, refused } from '../../helpers/document/bodies'
import { newDatabase } from '../../helpers/database/database'
import { everyRow } from '../../helpers/database/rows'
import { raw, startServerApp } from '../../helpers/server/server-app'
import {
  fingerprintKey,
  type Json,
  newPair,
  type Reply,
  startVault,
  type TestVault
} from '../../helpers/vault'

const form = 'application/x-www-form-urlencoded'
const json = 'application/json'

interface Sent {
  method?: string
  path?: string
  type?: string
  body?: string | Buffer<ArrayBuffer>
  headers?: Record<string, string>
}

type Row = [what: string, sent: Sent, status: number, error: Refusal]

const says = (message: string, more: Partial<Refusal> = {}): Refusal => ({
  message: `Invalid request: ${message}`,
  ...more
})
const otherBody: Refusal = { message: 'Send parameters as application/x-www-form-urlencoded.' }
const notUtf8 = says('the parameters are not valid UTF-8.')
const percent = says('a parameter has a percent sign that begins no UTF-8 character.')
const characters = (param: string): Refusal => ({
  message: 'Invalid string: a NUL or half a surrogate pair is not a character that can be kept',
  code: 'invalid_characters',
  param
})
const coding = (name: string): Refusal => ({
  message: `The content encoding "${name}" is not supported: send the body without one.`
})
const many = says('at most 1000 parameters may be sent at once.')
const deep = says('parameters may be nested at most 8 levels deep.')
const noJson = says('the body is not valid JSON.')
const noObject = says('the parameters must be an object.')
const latin1 = (text: string) => Buffer.from(text, 'latin1')
const times = (count: number, text: (i: number) => string) =>
  Array.from({ length: count }, (_, i) => text(i)).join('&')

// Sent to POST /v1/customers as a form, where nothing else is said.
const unreadable: Row[] = [
  ['text', { type: 'text/plain', body: 'name=a' }, 415, otherBody],
  ['XML', { type: 'application/xml', body: '<name/>' }, 415, otherBody],
  ['a form in parts', { type: 'multipart/form-data; boundary=a', body: '--a--' }, 415, otherBody],
  ['a zipped body', { headers: { 'content-encoding': 'gzip' }, body: 'name=a' }, 415, coding('gzip')],
  ['bytes that are no UTF-8', { body: latin1('name=\xff') }, 400, notUtf8],
  ['JSON that is no UTF-8', { type: json, body: latin1('{"name":"\xff"}') }, 400, notUtf8],
  ['a bad percent sign', { body: 'name=%zz' }, 400, percent],
  ['percent signs that are no UTF-8', { body: 'name=%c3%28' }, 400, percent],
  ['a NUL', { body: 'name=a%00b' }, 400, characters('name')],
  ['a NUL in JSON', { type: json, body: '{"name":"\\u0000"}' }, 400, characters('name')],
  ['half a surrogate pair', { type: json, body: '{"name":"\\ud83c"}' }, 400, characters('name')],
  [
    'a NUL in a name',
    { body: 'na%00me=a' },
    400,
    says('a parameter name holds a NUL.', { code: 'invalid_characters' })
  ],
  ['a NUL in a path', { path: '/v1/customers/cus%00x', body: '' }, 400, characters('customer')],
  ['a NUL in a query', { method: 'GET', path: '/v1/customers?email=%00' }, 400, characters('email')],
  ['a query that is no UTF-8', { method: 'GET', path: '/v1/customers?email=%ff' }, 400, percent],
  [
    'too large a body',
    { body: `name=${'a'.repeat(524_288)}` },
    413,
    { message: 'Request body is too large' }
  ],
  [
    'JSON too large',
    { type: json, body: `"${'a'.repeat(524_288)}"` },
    413,
    { message: 'Request body is too large' }
  ],
  ['too many parameters', { body: times(1001, (i) => `metadata[k${i}]=v`) }, 400, many],
  [
    'too many in JSON',
    { type: json, body: JSON.stringify({ preferred_locales: Array(1001).fill('en') }) },
    400,
    many
  ],
  ['too many in a query', { method: 'GET', path: `/v1/customers?${times(1001, () => 'a=')}` }, 400, many],
  ['too deep a name', { body: `metadata${'[a]'.repeat(9)}=v` }, 400, deep],
  ['too deep JSON', { type: json, body: `{"metadata":${'['.repeat(9)}${']'.repeat(9)}}` }, 400, deep],
  ['half of a JSON', { type: json, body: '{"name":' }, 400, noJson],
  ['a list', { type: json, body: '[]' }, 400, noObject],
  ['a text in JSON', { type: json, body: '"name"' }, 400, noObject],
  [
    'a value that is too long',
    { body: `name=${'a'.repeat(257)}` },
    400,
    { message: 'Invalid string: aaaa...aaaa; must be at most 256 characters', param: 'name' }
  ],
  ['a query on a POST', { path: '/v1/customers?name=a', body: '' }, 400, parameterUnknown('name')],
  [
    'the same in both places',
    { path: '/v1/customers?name=a', body: 'name=a' },
    400,
    parameterUnknown('name')
  ],
  [
    'a query on an update',
    { path: '/v1/customers/cus_x?expand[]=tax', body: '' },
    400,
    parameterUnknown('expand')
  ],
  [
    'a query on an attach',
    { path: '/v1/payment_methods/pm_x/attach?customer=cus_x', body: 'customer=cus_x' },
    400,
    parameterUnknown('customer')
  ],
  [
    'a parameter of a DELETE',
    { method: 'DELETE', path: '/v1/customers/cus_x?a=1' },
    400,
    parameterUnknown('a')
  ],
  [
    'one in its body',
    { method: 'DELETE', path: '/v1/customers/cus_x', body: 'a=1' },
    400,
    parameterUnknown('a')
  ],
  [
    'one in its JSON',
    { method: 'DELETE', path: '/v1/customers/cus_x', type: json, body: '{"a":1}' },
    400,
    parameterUnknown('a')
  ],
  [
    'an account of customers',
    { method: 'GET', path: '/v1/payment_methods?customer_account=acct_x' },
    400,
    { message: "No such customer_account: 'acct_x'", code: 'resource_missing', param: 'customer_account' }
  ],
  [
    'a key that is too long',
    { headers: { 'idempotency-key': 'k'.repeat(256) }, body: '' },
    400,
    { message: 'Idempotency keys can have up to 255 characters.' }
  ],
  [
    'no version',
    { headers: { 'stripe-version': 'newest' }, body: '' },
    400,
    { message: 'Invalid Stripe API version: newest' }
  ]
]

t.test('refuses what can not be read, as the wire does, and keeps none of it', async (t) => {
  const vault = await startVault(t)
  const before = await everyRow(vault)
  for (const [what, sent, status, error] of unreadable) {
    const reply = await send(vault, sent)
    refused(t, reply, status, error, what)
    t.match(
      Object.fromEntries(reply.headers),
      {
        'content-type': /^application\/json$/,
        'cache-control': 'no-cache, no-store',
        'access-control-allow-origin': '*',
        'request-id': /^req_[0-9A-Za-z]{14}$/,
        'stripe-version': '2022-11-15'
      },
      what
    )
    for (const name of ['stripe-should-retry', 'idempotent-replayed'])
      t.equal(reply.headers.get(name), null, what)
    const key = sent.headers?.['idempotency-key'] === undefined && sent.method !== 'GET'
    t.equal(reply.headers.get('idempotency-key'), key ? 'k' : null, what)
    const posted = key && sent.method === undefined
    t.equal(reply.headers.get('original-request'), posted ? reply.headers.get('request-id') : null, what)
  }
  t.equal(await everyRow(vault), before)
  const next = await send(vault, { body: 'name=Ada' })
  t.equal(next.status, 200, 'the key they all had is free')
  t.equal(next.headers.get('idempotent-replayed'), null)
})

t.test('takes an id of any length for an unknown one', async (t) => {
  const vault = await startVault(t)
  for (const length of [100, 101, 4990]) {
    const id = `cus_${'x'.repeat(length)}`
    const reply = await vault.get(`/v1/customers/${id}`)
    refused(t, reply, 404, { message: `No such customer: '${id}'`, code: 'resource_missing', param: 'id' })
  }
})

t.test('repeats an id, but no number that stands where one belongs', async (t) => {
  const vault = await startVault(t)
  const said = async (path: string, params: Json = {}): Promise<unknown> =>
    ((await vault.get(path, params)).body.error as Json).message
  for (const [id, shown] of [
    ['cus_123456789012', 'cus_123456789012'],
    ['cus_N4242424242424242', 'cus_N4242424242424242'],
    ['1234567', '1234567'],
    ['2022-11-15', '2022-11-15'],
    ['12345678', '****5678'],
    ['4242 4242 4242 4242', '**** **** **** 4242'],
    ['DE89370400440532013000', 'DE****************3000']
  ] as const) {
    t.equal(await said('/v1/payment_methods', { customer: id }), `No such customer: '${shown}'`)
    t.equal(await said(`/v1/customers/${encodeURIComponent(id)}`), `No such customer: '${shown}'`)
    t.match(
      await said('/v1/customers', { expand: [id] }),
      `This property cannot be expanded (${shown}). You may want to try expanding 'data.${shown}' instead.`
    )
  }
  for (const path of ['/v1/4242424242424242', '/v1/%34%32424242%34242424%32'])
    t.match(await said(path), '(GET: /v1/************4242)')
  const version = { headers: { 'stripe-version': '98765432' } }
  t.match((await vault.get('/v1/customers', {}, version)).body, {
    error: { message: 'Invalid Stripe API version: ****5432' }
  })
})

t.test('shows in a list what the version has', async (t) => {
  const vault = await startVault(t)
  const { paymentMethod, customer } = await newPair(vault)
  await vault.post(`/v1/payment_methods/${paymentMethod}/attach`, { customer })
  const shown = async (path: string, version: string) => {
    const headers = { 'stripe-version': version }
    const { body } = await vault.get(path, { customer }, { headers })
    return (body.data as Json[])[0] ?? {}
  }
  const ofCustomer = async (version: string) =>
    (
      await vault.get(
        `/v1/customers/${customer}/payment_methods`,
        {},
        { headers: { 'stripe-version': version } }
      )
    ).body.data as Json[]
  t.notOk('allow_redisplay' in (await shown('/v1/payment_methods', '2024-05-08')))
  t.ok('allow_redisplay' in (await shown('/v1/payment_methods', '2024-05-09; a_beta=v1')))
  t.notOk('customer_account' in ((await ofCustomer('2025-12-15.clover'))[0] ?? {}))
  t.ok('customer_account' in ((await ofCustomer('2025-12-16.clover'))[0] ?? {}))
})

t.test('lets the pages of any browser ask before they call', async (t) => {
  const vault = await startVault(t)
  const preflight = (path: string, headers: Record<string, string>) =>
    fetch(`${vault.url}${path}`, { method: 'OPTIONS', headers })
  const asked = await preflight('/v1/payment_methods', {
    origin: 'https://shop.example',
    'access-control-request-method': 'POST',
    'access-control-request-headers': 'authorization,idempotency-key,x-stripe-client-user-agent'
  })
  t.equal(asked.status, 204)
  t.equal(await asked.text(), '')
  t.match(Object.fromEntries(asked.headers), {
    'access-control-allow-origin': '*',
    'access-control-allow-methods': 'GET, HEAD, PUT, PATCH, POST, DELETE',
    'access-control-allow-headers': 'authorization,idempotency-key,x-stripe-client-user-agent',
    'access-control-max-age': '300'
  })
  t.equal(asked.headers.get('www-authenticate'), null)
  const plain = await preflight('/v1/payment_methods/pm_1/attach', {})
  t.equal(plain.status, 204)
  t.match(plain.headers.get('access-control-allow-headers'), /^Authorization, Content-Type, Idempotency-Key/)
})

t.test('leaves the rest of a host as it is', async (t) => {
  const { pool } = await newDatabase(t)
  const app = Fastify()
  app.post('/before', { schema: {} }, (request) => request.query)
  await app.register(paymentVault, { pool, fingerprintKey, prefix: '/billing' })
  app.delete('/after', { schema: {} }, (request) => ({ query: request.query, body: request.body }))
  t.teardown(() => app.close())
  const query = await app.inject({ method: 'POST', url: '/before?a=1' })
  t.strictSame(query.json(), { a: '1' })
  const both = await app.inject({ method: 'DELETE', url: '/after?a=1', payload: { b: 2 } })
  t.strictSame(both.json(), { query: { a: '1' }, body: { b: 2 } })
  for (const url of ['/v1/customers', '/before', '/billing']) {
    const reply = await app.inject({ method: 'OPTIONS', url })
    t.equal(reply.statusCode, 404, url)
    t.equal(reply.headers['access-control-allow-origin'], undefined)
  }
  t.equal((await app.inject({ method: 'OPTIONS', url: '/billing/v1/customers' })).statusCode, 204)
})

t.test('the server answers in the wire’s shape also where there is no request yet', async (t) => {
  const { url, port, key } = await startServerApp(t)
  const noUtf8 = await fetch(`${url}/v1/customers/%ff`)
  const endless = await fetch(`${url}/v1/customers/%${'x'.repeat(5000)}`)
  for (const [reply, status] of [
    [noUtf8, 400],
    [endless, 400]
  ] as const) {
    t.equal(reply.status, status)
    t.match(reply.headers.get('request-id'), /^req_/)
    t.match(reply.headers.get('content-type'), /^application\/json/)
    const { error } = (await reply.json()) as { error: Refusal }
    t.strictSame(Object.keys(error), ['message', 'type'])
    t.equal(error.type, 'invalid_request_error')
    t.ok(error.message.length < 250)
  }
  const head = `GET /v1/customers HTTP/1.1\r\nhost: a\r\nauthorization: Bearer ${key}\r\nconnection: close\r\n`
  const long = `GET /v1/customers?email=${'x'.repeat(20_000)} HTTP/1.1\r\nhost: a\r\n\r\n`
  const rows: [what: string, bytes: string, status: number, message: string][] = [
    ['too long a URL', long, 431, 'the URL and the headers are too long.'],
    [
      'too long a header',
      `${head}x: ${'x'.repeat(20_000)}\r\n\r\n`,
      431,
      'the URL and the headers are too long.'
    ],
    ['no HTTP', 'hello\r\n\r\n', 400, 'this is not HTTP.'],
    ['two lengths', `${head}content-length: 1\r\ncontent-length: 2\r\n\r\n`, 400, 'this is not HTTP.'],
    ['a length that is none', `${head}content-length: x\r\n\r\n`, 400, 'this is not HTTP.']
  ]
  for (const [what, bytes, status, message] of rows) {
    const { line, headers, body } = await raw(port, bytes)
    t.match(line, new RegExp(`^HTTP/1.1 ${status} \\w`), what)
    t.match(headers, /^content-type: application\/json$/im)
    t.equal(
      body,
      `${JSON.stringify({ error: { message: `Invalid request: ${message}`, type: 'invalid_request_error' } }, null, 2)}\n`,
      what
    )
  }
  const fine = await raw(port, `${head}\r\n`)
  t.match(fine.line, /^HTTP\/1.1 200 OK/)
  const unknown = await fetch(`${url}/v1/customers`, { method: 'PROPFIND' })
  t.equal(unknown.status, 404)
  t.match(await unknown.json(), {
    error: { message: /^Unrecognized request URL \(PROPFIND: \/v1\/customers\)/ }
  })
})

/** Sends exactly this with a key of the vault's, and the idempotency key `k`. */
async function send(vault: TestVault, sent: Sent): Promise<Reply> {
  const { method = 'POST', path = '/v1/customers', type = form, body, headers = {} } = sent
  const response = await fetch(`${vault.url}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${vault.keys.test}`,
      'idempotency-key': 'k',
      ...(body !== undefined && { 'content-type': type }),
      ...headers
    },
    ...(body !== undefined && { body })
  })
  const text = await response.text()
  return { status: response.status, headers: response.headers, text, body: JSON.parse(text) as Json }
}
