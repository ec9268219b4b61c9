import formbody from '@fastify/formbody'
import { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import { type TSchema, Type } from '@sinclair/typebox'
import Ajv from 'ajv'
import fastify from 'fastify'
import fc from 'fast-check'
import { request as httpRequest } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { stringify } from 'qs'
import t, { type Test } from 'tap'
import { decodeBrackets } from '../../../plugins/params/brackets'
import { WireError } from '../../../plugins/errors/errors'
import { form, type FormOptions } from '../../../plugins/params/form'
import {
  Clearable,
  CreatedFilter,
  Hash,
  Metadata,
  MetadataUpdate,
  OneOf,
  Phone,
  Secret,
  UnixTime
} from '../../../plugins/params/schema'
import { validatorCompiler } from '../../../plugins/params/validation'

const Address = Hash({
  city: Type.Optional(Type.String({ maxLength: 5000 })),
  line1: Type.Optional(Type.String({ maxLength: 5000 }))
})

const Everything = Hash({
  address: Type.Optional(Clearable(Address)),
  amount: Type.Optional(Type.Integer({ minimum: 1 })),
  balance: Type.Optional(Type.Integer()),
  card: Type.Optional(
    Hash({
      cvc: Type.Optional(Secret(Type.String({ maxLength: 5000 }))),
      exp_year: Type.Optional(Type.Integer()),
      number: Secret(Type.String({ maxLength: 5000 }))
    })
  ),
  checks: Type.Optional(Hash({ deep: Type.Optional(Hash({ done: Type.Optional(Type.Boolean()) })) })),
  code: Type.Optional(Type.String({ pattern: '^[a-z]+$' })),
  confirm: Type.Optional(Type.Boolean()),
  customer: Type.Optional(Type.String({ maxLength: 5000 })),
  description: Type.Optional(Clearable(Type.String({ maxLength: 5000 }))),
  expand: Type.Optional(Type.Array(Type.String({ maxLength: 5000 }))),
  initial: Type.Optional(Metadata()),
  items: Type.Optional(Type.Array(Hash({ price: Type.String(), quantity: Type.Optional(Type.Integer()) }))),
  kind: Type.Optional(OneOf(['one_off', 'recurring'])),
  labels: Type.Optional(Type.Record(Type.String(), Type.Integer())),
  metadata: Type.Optional(MetadataUpdate()),
  off_session: Type.Optional(Type.Union([Type.Boolean(), OneOf(['one_off', 'recurring'])])),
  options: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
  payment_method_types: Type.Optional(Clearable(Type.Array(Type.String()))),
  phone: Type.Optional(Clearable(Phone())),
  rate: Type.Optional(Type.Number()),
  since: Type.Optional(UnixTime()),
  tax_exempt: Type.Optional(Clearable(OneOf(['none', 'reverse', 'exempt'])))
})

const Required = Hash({ type: Type.String(), card: Type.Optional(Hash({ number: Type.String() })) })

const Filter = Hash({
  created: Type.Optional(CreatedFilter()),
  customer: Type.Optional(Type.String()),
  expand: Type.Optional(Type.Array(Type.String())),
  limit: Type.Optional(Type.Integer())
})

const Path = Hash({ thing: Type.String({ maxLength: 20 }) })

/** A host with parsers of its own, and our scope inside it, under /v1, whose routes answer with what they got. */
async function host(t: Test, options: FormOptions = { json: true }): Promise<Client> {
  const app = fastify()
  await app.register(formbody)
  app.addContentTypeParser('text/plain', { parseAs: 'string' }, (_request, body, done) => {
    done(null, `host: ${String(body)}`)
  })
  app.post('/host', (request) => ({ body: request.body, query: request.query }))

  await app.register(
    async (plain) => {
      const scope = plain.withTypeProvider<TypeBoxTypeProvider>()
      await form(plain, options)
      plain.setValidatorCompiler(validatorCompiler)
      plain.setErrorHandler((error: Error & { statusCode?: number }, _request, reply) => {
        if (error instanceof WireError) return reply.code(error.status).send({ error: error.fields })
        return reply.code(error.statusCode ?? 500).send({ error: { message: error.message } })
      })
      plain.setNotFoundHandler((_request, reply) => reply.code(404).send({ error: 'unknown URL' }))
      scope.post('/everything', { schema: { body: Everything } }, (request) => request.body)
      scope.post('/required', { schema: { body: Required } }, (request) => request.body)
      scope.get('/list', { schema: { querystring: Filter } }, (request) => request.query)
      scope.get('/raw', (request) => request.query)
      scope.post('/nothing', { schema: { body: Hash({}) } }, (request) => request.body)
      const thing = { schema: { params: Path, body: Hash({}) } }
      scope.get('/things/:thing', { schema: { params: Path } }, (request) => request.params)
      scope.delete('/things/:thing', thing, (request) => request.params)
    },
    { prefix: '/v1' }
  )
  const base = await app.listen({ port: 0, host: '127.0.0.1' })
  t.teardown(() => app.close())
  return { base: `${base}/v1`, port: (app.server.address() as AddressInfo).port }
}

interface Client {
  base: string
  port: number
}

interface Answer {
  status: number
  body: unknown
}

const FORM = 'application/x-www-form-urlencoded'
const JSON_TYPE = 'application/json'

async function send(
  { base }: Client,
  path: string,
  body?: string | Uint8Array<ArrayBuffer>,
  type = FORM,
  method = 'POST'
): Promise<Answer> {
  const headers = type === '' ? {} : { 'content-type': type }
  const response = await fetch(base + path, { method, headers, ...(body === undefined ? {} : { body }) })
  return { status: response.status, body: await response.json() }
}

const get = async ({ base }: Client, path: string): Promise<Answer> => {
  const response = await fetch(base + path)
  return { status: response.status, body: await response.json() }
}

/** Sends exactly these bytes and gives back the status and body of one answer. */
function raw({ port }: Client, bytes: string | Buffer): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes))
    let text = ''
    socket.on('data', (data) => (text += data.toString('utf8')))
    socket.on('error', reject)
    socket.on('close', () => {
      const [head = '', body = ''] = text.split('\r\n\r\n')
      resolve({ status: Number(head.split(' ')[1]), body: JSON.parse(body) })
    })
  })
}

/** A body in two chunks, without a length. */
function chunked({ port }: Client, path: string, parts: Buffer[], type?: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = {
      'transfer-encoding': 'chunked',
      ...(type === undefined ? {} : { 'content-type': type })
    }
    const request = httpRequest({ port, path: `/v1${path}`, method: 'POST', headers }, (response) => {
      let text = ''
      response.on('data', (data: Buffer) => (text += data.toString('utf8')))
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, body: JSON.parse(text) })
      })
    })
    request.on('error', reject)
    for (const part of parts) request.write(part)
    request.end()
  })
}

const refusal = (message: string, more: Record<string, string> = {}): Answer => ({
  status: 400,
  body: { error: { type: 'invalid_request_error', message, ...more } }
})

const ok = (body: unknown): Answer => ({ status: 200, body })

const messageOf = (answer: Answer): string => (answer.body as { error: { message: string } }).error.message

t.test('says exactly what is wrong with a parameter', async (t) => {
  const client = await host(t)
  const cases: [string, string, Answer][] = [
    [
      'an integer',
      'card[exp_year]=xyz&card[number]=4',
      refusal('Invalid integer: xyz', { code: 'parameter_invalid_integer', param: 'card[exp_year]' })
    ],
    [
      'an integer with a fraction',
      'balance=1.5',
      refusal('Invalid integer: 1.5', { code: 'parameter_invalid_integer', param: 'balance' })
    ],
    [
      'an integer that JavaScript would round',
      'balance=9007199254740993',
      refusal('Invalid integer: ************0993', { code: 'parameter_invalid_integer', param: 'balance' })
    ],
    [
      'an integer below its minimum',
      'amount=0',
      refusal('This value must be greater than or equal to 1.', {
        code: 'parameter_invalid_integer',
        param: 'amount'
      })
    ],
    ['a boolean', 'confirm=x', refusal('Invalid boolean: x', { param: 'confirm' })],
    ['a decimal', 'rate=x', refusal('Invalid decimal: x', { param: 'rate' })],
    ['a hash', 'checks=x', refusal('Invalid object', { param: 'checks' })],
    [
      'a hash that is a value and a hash',
      'checks=x&checks[deep][done]=true',
      refusal('Invalid object', { param: 'checks' })
    ],
    ['metadata', 'metadata=x', refusal('Invalid object', { param: 'metadata' })],
    ['a list', 'expand=x', refusal('Invalid array', { param: 'expand' })],
    ['a list with a name in it', 'expand[0]=a&expand[b]=c', refusal('Invalid array', { param: 'expand' })],
    [
      'a string that is a hash',
      'customer[0]=wrong&customer[1]=type',
      refusal('Invalid string: {"0":"wrong","1":"type"}', { param: 'customer' })
    ],
    [
      'a string that is a list',
      'customer[]=wrong&customer[]=type',
      refusal('Invalid string: {"0":"wrong","1":"type"}', { param: 'customer' })
    ],
    [
      'one of three',
      'tax_exempt=some',
      refusal('Invalid tax_exempt: must be one of none, reverse, or exempt', { param: 'tax_exempt' })
    ],
    ['one of two', 'kind=x', refusal('Invalid kind: must be one of one_off or recurring', { param: 'kind' })],
    [
      'a long string',
      `customer=abcd${'-'.repeat(5000)}wxyz`,
      refusal('Invalid string: abcd...wxyz; must be at most 5000 characters', { param: 'customer' })
    ],
    [
      'a long phone number',
      'phone=123-456-789-abcdefghij',
      refusal('Invalid string length: 123-456-789-abcdefghij must be at most 20 characters', {
        param: 'phone'
      })
    ],
    ['a pattern', 'code=A1', refusal("Invalid code: Expected string to match '^[a-z]+$'", { param: 'code' })],
    [
      'an element of a list',
      'items[0][price]=a&items[1][price]=b&items[1][quantity]=many',
      refusal('Invalid integer: many', { code: 'parameter_invalid_integer', param: 'items[1][quantity]' })
    ],
    [
      'a value in a record',
      'labels[a]=1&labels[b]=x',
      refusal('Invalid integer: x', { code: 'parameter_invalid_integer', param: 'labels[b]' })
    ],
    ['a union of plain values', 'off_session=x', refusal('Invalid boolean: x', { param: 'off_session' })]
  ]
  for (const [name, body, expected] of cases) {
    t.strictSame(await send(client, '/everything', body), expected, name)
  }
})

t.test('says what is empty and can not be unset', async (t) => {
  const client = await host(t)
  const empty = (param: string): Answer =>
    refusal(
      `You passed an empty string for '${param}'. We assume empty values are an attempt to unset a parameter; however '${param}' cannot be unset. You should remove '${param}' from your request or supply a non-empty value.`,
      { code: 'parameter_invalid_empty', param }
    )
  for (const param of [
    'customer',
    'balance',
    'confirm',
    'kind',
    'checks',
    'expand',
    'rate',
    'initial',
    'labels'
  ]) {
    t.strictSame(await send(client, '/everything', `${param}=`), empty(param), param)
  }
  t.strictSame(await send(client, '/everything', 'card[number]='), empty('card[number]'))
  t.strictSame(await send(client, '/everything', 'expand[]='), empty('expand[0]'))
  t.strictSame(await send(client, '/everything', 'items[1][price]='), empty('items[1][price]'))
  t.strictSame(await send(client, '/everything', '{"customer":null}', JSON_TYPE), empty('customer'))
  t.strictSame(
    await send(
      client,
      '/everything',
      'description=&address=&tax_exempt=&phone=&payment_method_types=&metadata='
    ),
    ok({
      description: null,
      address: null,
      tax_exempt: null,
      phone: null,
      payment_method_types: null,
      metadata: null
    }),
    'what can be unset is null'
  )
  t.strictSame(
    await send(
      client,
      '/everything',
      '{"description":null,"address":"","metadata":{"a":null,"b":"c"}}',
      JSON_TYPE
    ),
    ok({ description: null, address: null, metadata: { a: null, b: 'c' } }),
    'in JSON too, by null or by an empty string'
  )
})

t.test('names unknown parameters before anything else', async (t) => {
  const client = await host(t)
  const unknown = (message: string, param: string): Answer =>
    refusal(message, { code: 'parameter_unknown', param })

  t.strictSame(
    await send(client, '/required', 'bogus=1'),
    unknown('Received unknown parameter: bogus', 'bogus'),
    'before what is missing'
  )
  t.strictSame(
    await send(client, '/everything', 'balance=x&card[exp_year]=y&checks[deep][surely]=1'),
    unknown('Received unknown parameter: checks[deep][surely]', 'checks[deep][surely]'),
    'before what is ill-typed, deep inside'
  )
  t.strictSame(
    await send(client, '/everything', 'billing_details[name]=x&items[0][weight]=1&type=y'),
    unknown('Received unknown parameters: billing_details, items[0][weight], type', 'billing_details')
  )
  t.strictSame(
    await send(client, '/everything', 'payment_method_type[]=card'),
    unknown(
      'Received unknown parameter: payment_method_type. Did you mean payment_method_types?',
      'payment_method_type'
    )
  )
  t.strictSame(
    await send(client, '/everything', 'card[number]=4&card[exp_yaer]=1'),
    unknown('Received unknown parameter: card[exp_yaer]. Did you mean card[exp_year]?', 'card[exp_yaer]')
  )
  for (const name of ['constructor', '__proto__', 'toString', 'hasOwnProperty']) {
    t.strictSame(
      await send(client, '/everything', `${name}=1`),
      unknown(`Received unknown parameter: ${name}`, name)
    )
    t.match(await send(client, '/everything', `checks[${name}][polluted]=1`), { status: 400 })
  }
  t.strictSame(({} as { polluted?: unknown }).polluted, undefined)
  t.strictSame(
    await send(client, '/everything', 'customer[b]c=1'),
    unknown('Received unknown parameter: customer[b]c', 'customer[b]c'),
    'a name that brackets do not explain'
  )
  t.strictSame(
    await get(client, '/list?created[after]=1'),
    unknown('Received unknown parameter: created[after]', 'created[after]'),
    'inside a filter'
  )
})

t.test('names what is missing before what is ill-typed', async (t) => {
  const client = await host(t)
  const missing = (param: string): Answer =>
    refusal(`Missing required param: ${param}.`, { code: 'parameter_missing', param })
  t.strictSame(await send(client, '/required', undefined, ''), missing('type'))
  t.strictSame(await send(client, '/required', 'card=x'), missing('type'))
  t.strictSame(await send(client, '/everything', 'balance=x&card[exp_year]=2030'), missing('card[number]'))
  t.strictSame(await send(client, '/everything', 'items[0][quantity]=1'), missing('items[0][price]'))
  t.strictSame(await send(client, '/required', 'null', JSON_TYPE), missing('type'))
})

t.test('holds metadata to its bounds', async (t) => {
  const client = await host(t)
  const long = 'v'.repeat(801)
  const keys = (count: number): string =>
    Array.from({ length: count }, (_, i) => `metadata[k${i}]=v`).join('&')
  t.strictSame(
    await send(client, '/everything', `metadata[a]=${long}`),
    refusal(
      `Metadata values can have up to 500 characters, but you passed in a value that is 801 characters. Invalid value: ${long}`,
      { param: 'metadata[a]' }
    )
  )
  t.strictSame(
    await send(client, '/everything', `metadata[${'k'.repeat(41)}]=v`),
    refusal(
      `Metadata keys can have up to 40 characters, but you passed in a key that is 41 characters. Invalid key: ${'k'.repeat(41)}`,
      { param: 'metadata' }
    )
  )
  t.strictSame(
    await send(client, '/everything', keys(51)),
    refusal('Metadata can have up to 50 keys, but you passed in 51 keys.', { param: 'metadata' })
  )
  for (const [body, type] of [
    ['metadata[a%5Bb%5D]=v', FORM],
    ['{"metadata":{"a[b]":"v"}}', JSON_TYPE]
  ] as const) {
    t.strictSame(
      await send(client, '/everything', body, type),
      refusal("Metadata keys can't have square brackets. Invalid key: a[b]", { param: 'metadata' })
    )
  }
  t.strictSame(
    await send(client, '/everything', 'metadata[a][b]=v'),
    refusal('Invalid string: {"b":"v"}', { param: 'metadata[a]' })
  )
  t.strictSame(
    await send(client, '/everything', '{"metadata":{"a":5}}', JSON_TYPE),
    refusal('Invalid string: 5', { param: 'metadata[a]' }),
    'values are strings'
  )
  t.match(
    await send(client, '/everything', `${keys(50)}&metadata[gone]=`),
    { status: 200 },
    'what goes does not count'
  )
  t.match(
    await send(
      client,
      '/everything',
      `metadata[${encodeURIComponent('🂡'.repeat(40))}]=${encodeURIComponent('🂡'.repeat(500))}`
    ),
    { status: 200 },
    'an emoji is one character'
  )
  const mixed = `${'a'.repeat(250)}${'🂡'.repeat(250)}`
  t.match(await send(client, '/everything', `metadata[mixed]=${encodeURIComponent(mixed)}`), { status: 200 })
  t.match(await send(client, '/everything', `metadata[mixed]=${encodeURIComponent(`${mixed}a`)}`), {
    status: 400,
    body: { error: { message: /a value that is 501 characters/ } }
  })
  t.strictSame(
    await send(client, '/everything', 'initial[a]=1&initial[b]='),
    ok({ initial: { a: '1' } }),
    'of something new an empty value leaves nothing'
  )
  const odd = await fetch(`${client.base}/everything`, {
    method: 'POST',
    headers: { 'content-type': FORM },
    body: 'metadata[__proto__]=a&metadata[constructor]=b&metadata[toString]=c&metadata[0]=d&metadata[]=e&metadata[%5f_proto__x]=f'
  })
  t.equal(
    await odd.text(),
    '{"metadata":{"0":"d","1":"e","__proto__":"a","constructor":"b","toString":"c","__proto__x":"f"}}',
    'every name is a key like any other'
  )
})

t.test('never repeats a card number or a secret', async (t) => {
  const client = await host(t)
  const number = '4242424242424242'
  for (const body of [
    `card[number][a]=${number}`,
    `card[number]=${number.repeat(400)}`,
    `card=${number}`,
    `balance=${number}999`,
    `balance=4242 4242 4242 4242`,
    `confirm=4242-4242-4242-4242`,
    `kind=${number}`,
    `customer[0]=${number}`,
    `metadata[a]=${number}${'x'.repeat(500)}`,
    `metadata[${number.repeat(3)}]=a`,
    `${number}=1`,
    `customer=${number.repeat(400)}`
  ]) {
    const answer = await send(client, '/everything', body)
    t.equal(answer.status, 400)
    t.notMatch(JSON.stringify(answer.body).replace(/[ -]/g, ''), /\d{12}/, body.slice(0, 40))
  }
  const json = `{"type":"card","card":{"number":"${number}","cvc":"987"}}`
  t.strictSame(
    await send(client, '/everything', json),
    refusal('Received unknown parameter: {...', { code: 'parameter_unknown', param: '{...' }),
    'nor a body that is sent as what it is not'
  )
  t.strictSame(
    await send(client, '/everything', 'a000123456789=1&a12345678=1'),
    refusal('Received unknown parameters: a********6789, a****5678', {
      code: 'parameter_unknown',
      param: 'a********6789'
    }),
    'nor that of an account'
  )
  t.strictSame(
    await send(client, '/everything', 'card[number]=4&card[cvc][]=123'),
    refusal('Invalid string', { param: 'card[cvc]' })
  )
  t.strictSame(
    await send(client, '/everything', `{"card":{"number":${number}}}`, JSON_TYPE),
    refusal('Invalid string', { param: 'card[number]' })
  )
  t.strictSame(
    await send(client, '/everything', `card[number]=4&card[cvc]=${'1'.repeat(5001)}`),
    refusal('Invalid string; must be at most 5000 characters', { param: 'card[cvc]' })
  )
})

t.test('lets nothing through that can not be kept', async (t) => {
  const client = await host(t)
  const cases: [string, string][] = [
    ['customer=a%00b', FORM],
    ['metadata[a]=%00', FORM],
    ['options[a][b]=%00', FORM],
    ['expand[]=%00', FORM],
    ['customer%00=a', FORM],
    ['metadata[a%00]=b', FORM],
    ['{"customer":"a\\u0000"}', JSON_TYPE],
    ['{"customer":"a\\ud800"}', JSON_TYPE],
    ['{"customer":"\\udc00a"}', JSON_TYPE],
    ['{"metadata":{"\\ud800":"a"}}', JSON_TYPE],
    ['{"metadata":{"a":"\\ud800"}}', JSON_TYPE],
    ['{"options":{"a":["\\ud800"]}}', JSON_TYPE],
    ['{"options":{"a":{"\\u0000":1}}}', JSON_TYPE],
    ['{"labels":{"\\u0000":1}}', JSON_TYPE]
  ]
  for (const [body, type] of cases) {
    t.match(
      await send(client, '/everything', body, type),
      { status: 400, body: { error: { code: 'invalid_characters' } } },
      body
    )
  }
  t.match(await get(client, '/things/a%00b'), {
    status: 400,
    body: { error: { code: 'invalid_characters' } }
  })
  t.match(await get(client, '/list?customer=%00'), { status: 400 })
  t.strictSame(
    await send(client, '/everything', '{"customer":"\\ud83c\\udca1"}', JSON_TYPE),
    ok({ customer: '🂡' })
  )
})

t.test('refuses text that can not be read', async (t) => {
  const client = await host(t)
  const notUtf8 = refusal('Invalid request: the parameters are not valid UTF-8.')
  const badPercent = refusal(
    'Invalid request: a parameter has a percent sign that begins no UTF-8 character.'
  )
  t.strictSame(
    await send(client, '/everything', new Uint8Array(Buffer.from('customer=\xff', 'latin1'))),
    notUtf8
  )
  t.strictSame(
    await send(
      client,
      '/everything',
      new Uint8Array(Buffer.from('{"customer":"\xff"}', 'latin1')),
      JSON_TYPE
    ),
    notUtf8
  )
  for (const body of ['customer=%', 'customer=%zz', 'customer=%ff', 'customer=%ed%a0%80', '%ff=1']) {
    t.strictSame(await send(client, '/everything', body), badPercent, body)
  }
  t.strictSame(await get(client, '/list?customer=%ff'), badPercent)
  t.strictSame(await send(client, '/everything', 'customer=%EF%BF%BD'), ok({ customer: '\ufffd' }))

  const badJson = refusal('Invalid request: the body is not valid JSON.')
  for (const body of ['{', '{"__proto__":{"x":1}}', '{"metadata":{"constructor":{"prototype":{"x":1}}}}']) {
    t.strictSame(await send(client, '/everything', body, JSON_TYPE), badJson, body)
  }
  for (const body of ['[]', '"text"', '5', 'true']) {
    t.strictSame(
      await send(client, '/everything', body, JSON_TYPE),
      refusal('Invalid request: the parameters must be an object.'),
      body
    )
  }
})

t.test('has bounds of depth, of number and of size', async (t) => {
  const client = await host(t, { json: true, bodyLimit: 1_000_000 })
  const many = 'Invalid request: at most 1000 parameters may be sent at once.'
  const deep = 'Invalid request: parameters may be nested at most 8 levels deep.'

  const flood = Array.from({ length: 72_000 }, (_, i) => `a[${i}][x]=1`).join('&')
  t.ok(flood.length > 829_000)
  const started = performance.now()
  t.strictSame(await send(client, '/everything', flood), refusal(many))
  t.strictSame(await send(client, '/everything', `a${'[]'.repeat(400_000)}=1`), refusal(deep))
  t.match(await send(client, '/everything', `${'['.repeat(800_000)}=1`), { status: 400 })
  t.strictSame(
    await send(client, '/everything', `{"options":${'['.repeat(400_000)}${']'.repeat(400_000)}}`, JSON_TYPE),
    refusal(deep)
  )
  t.ok(performance.now() - started < 5000, 'at once')

  const nested = (levels: number): string => `options${'[a]'.repeat(levels)}=1`
  const nestedJson = (levels: number): string => `{"options":${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}}`
  t.match(await send(client, '/everything', nested(8)), { status: 200 })
  t.strictSame(await send(client, '/everything', nested(9)), refusal(deep))
  t.match(await send(client, '/everything', nestedJson(8), JSON_TYPE), { status: 200 })
  t.strictSame(await send(client, '/everything', nestedJson(9), JSON_TYPE), refusal(deep))

  const list = (count: number): string => Array.from({ length: count }, () => 'expand[]=a').join('&')
  const listJson = (count: number): string => JSON.stringify({ expand: Array<string>(count).fill('a') })
  t.match(await send(client, '/everything', list(1000)), { status: 200 })
  t.strictSame(await send(client, '/everything', list(1001)), refusal(many))
  t.match(await send(client, '/everything', listJson(1000), JSON_TYPE), { status: 200 })
  t.strictSame(await send(client, '/everything', listJson(1001), JSON_TYPE), refusal(many))
  t.strictSame(await get(client, `/list?${list(1001)}`), refusal(many))

  const large = `customer=${'a'.repeat(1_000_000)}`
  t.match(await send(client, '/everything', large), { status: 413 })
  t.match(await send(client, '/everything', JSON.stringify({ customer: large }), JSON_TYPE), { status: 413 })
  t.match(await chunked(client, '/everything', [Buffer.from(large)], FORM), { status: 413 })
})

t.test('refuses JSON that would take long to parse before it is parsed', async (t) => {
  const client = await host(t)
  const many = refusal('Invalid request: at most 1000 parameters may be sent at once.')
  const deep = refusal('Invalid request: parameters may be nested at most 8 levels deep.')
  // None of these has an end: whoever parses it first says that it is no JSON.
  t.strictSame(await send(client, '/everything', `{"expand":[${'"a",'.repeat(1001)}`, JSON_TYPE), many)
  t.strictSame(await send(client, '/everything', `{"options":${'['.repeat(2000)}`, JSON_TYPE), deep)
  t.strictSame(await send(client, '/everything', `{"options":${'{"a":'.repeat(500)}`, JSON_TYPE), deep)
  t.match(await send(client, '/everything', `{"customer":"${'a'.repeat(2000)}`, JSON_TYPE), {
    body: { error: { message: 'Invalid request: the body is not valid JSON.' } }
  })
  // What only looks like it: text, and hashes beside each other.
  for (const customer of [',', '[', '{', '"', '\\', '",[', '\\",{'].map((sign) =>
    sign.repeat(1500).slice(0, 4500)
  ))
    t.strictSame(await send(client, '/everything', JSON.stringify({ customer }), JSON_TYPE), ok({ customer }))
  const items = Array.from({ length: 400 }, () => ({ price: 'a,[{', quantity: 1 }))
  t.strictSame(await send(client, '/everything', JSON.stringify({ items }), JSON_TYPE), ok({ items }))
})

t.test('reads every way to write a form', async (t) => {
  const client = await host(t)
  const same: [string, unknown][] = [
    ['card[number]=4&card[exp_year]=30', { card: { number: '4', exp_year: 30 } }],
    ['card%5Bnumber%5D=4&card%5bexp_year%5d=30', { card: { number: '4', exp_year: 30 } }],
    ['expand[]=a&expand[]=b', { expand: ['a', 'b'] }],
    ['expand%5B%5D=a&expand%5B%5D=b', { expand: ['a', 'b'] }],
    ['expand[1]=b&expand[0]=a', { expand: ['a', 'b'] }],
    ['expand[7]=b&expand[3]=a', { expand: ['a', 'b'] }],
    ['expand[0]=a&expand[]=b', { expand: ['a', 'b'] }],
    [
      'items[][price]=a&items[][price]=b&items[][quantity]=2',
      { items: [{ price: 'a' }, { price: 'b', quantity: 2 }] }
    ],
    [
      'items[][price]=a&items[][quantity]=1&items[][price]=b',
      { items: [{ price: 'a', quantity: 1 }, { price: 'b' }] }
    ],
    ['items[0][price]=a&items[1][price]=b', { items: [{ price: 'a' }, { price: 'b' }] }],
    ['options[a][][b][]=1&options[a][][b][]=2', { options: { a: { 0: { b: { 0: '1', 1: '2' } } } } }],
    ['customer=a&customer=b', { customer: 'b' }],
    ['customer=a+b%2Bc', { customer: 'a b+c' }],
    ['customer=x[y]=z==', { customer: 'x[y]=z==' }],
    ['customer=a%20]=b', { customer: 'a ]=b' }],
    ['card[number]=4]=[5&customer=%5D=', { card: { number: '4]=[5' }, customer: ']=' }],
    ['customer=J%C3%BCrgen', { customer: 'Jürgen' }],
    ['customer=Jürgen', { customer: 'Jürgen' }],
    ['&customer=a&&', { customer: 'a' }],
    ['confirm=true&checks[deep][done]=false', { confirm: true, checks: { deep: { done: false } } }],
    ['balance=-5&rate=0.5&since=1&amount=08', { balance: -5, rate: 0.5, since: 1, amount: 8 }],
    ['off_session=true', { off_session: true }],
    ['off_session=recurring', { off_session: 'recurring' }],
    ['labels[a]=1&labels[__proto__]=2', JSON.parse('{"labels":{"a":1,"__proto__":2}}')],
    ['', {}]
  ]
  for (const [body, expected] of same) {
    t.strictSame(await send(client, '/everything', body), ok(expected), body)
  }
  t.strictSame(
    await send(client, '/everything', 'customer=a', `${FORM}; charset=utf-8`),
    ok({ customer: 'a' })
  )
  t.strictSame(
    await send(client, '/everything', 'customer=a', `${FORM.toUpperCase()};charset="UTF-8"`),
    ok({ customer: 'a' })
  )
  const text = Buffer.from('customer=J\u00fcrgen&metadata[a]=b')
  const inTheMiddleOfU = text.indexOf(0xc3) + 1
  t.strictSame(
    await chunked(
      client,
      '/everything',
      [text.subarray(0, inTheMiddleOfU), text.subarray(inTheMiddleOfU)],
      FORM
    ),
    ok({ customer: 'Jürgen', metadata: { a: 'b' } }),
    'in chunks'
  )
})

t.test('needs no content type where there is no content', async (t) => {
  const client = await host(t)
  const head = (line: string, more = ''): string =>
    `${line} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n${more}\r\n`
  t.strictSame(await send(client, '/nothing', undefined, ''), ok({}))
  t.strictSame(await send(client, '/nothing', undefined, FORM), ok({}))
  t.strictSame(await send(client, '/nothing', undefined, JSON_TYPE), ok({}))
  t.strictSame(await send(client, '/nothing', undefined, 'text/plain'), ok({}))
  t.strictSame(await raw(client, head('POST /v1/nothing')), ok({}), 'no length either')
  t.strictSame(await chunked(client, '/nothing', []), ok({}), 'no chunk')
  t.strictSame(await raw(client, head('DELETE /v1/things/a', 'content-length: 0\r\n')), ok({ thing: 'a' }))
  t.strictSame(
    await raw(client, head('DELETE /v1/things/a', `content-length: 0\r\ncontent-type: ${FORM}\r\n`)),
    ok({ thing: 'a' })
  )
  t.strictSame(await raw(client, head('GET /v1/things/a', `content-type: ${FORM}\r\n`)), ok({ thing: 'a' }))
  t.strictSame(await raw(client, head('GET /v1/things/a', 'content-type: text/csv\r\n')), ok({ thing: 'a' }))
})

t.test('answers 415 to any other content', async (t) => {
  const client = await host(t)
  const error = { status: 415, body: { error: { type: 'invalid_request_error' } } }
  t.match(await send(client, '/nothing', 'a', 'text/plain'), error)
  t.match(await send(client, '/nothing', '<a/>', 'application/xml'), error)
  t.match(await chunked(client, '/nothing', [Buffer.from('a=1')]), error, 'of no type')
  t.match(await send(client, '/nothing', 'a', 'nonsense'), { status: 415 })
  t.match(
    await send(client, '/unknown', 'a', 'text/plain'),
    { status: 404, body: { error: 'unknown URL' } },
    'but an unknown URL is unknown'
  )
  for (const coding of ['gzip', 'br', 'GZIP, identity']) {
    const response = await fetch(`${client.base}/nothing`, {
      method: 'POST',
      headers: { 'content-encoding': coding, 'content-type': FORM },
      body: 'customer=a'
    })
    t.match({ status: response.status, body: await response.json() }, error, coding)
  }
  const withoutJson = await host(t, { json: false })
  t.match(await send(withoutJson, '/nothing', '{}', JSON_TYPE), error, 'JSON, where it is turned off')
})

t.test('reads queries and paths by the same rules', async (t) => {
  const client = await host(t)
  t.strictSame(
    await get(client, '/list?expand[]=a&created[gt]=1&created%5Blte%5D=2&limit=0'),
    ok({ expand: ['a'], created: { gt: 1, lte: 2 }, limit: 0 })
  )
  t.strictSame(await get(client, '/list?created=5'), ok({ created: 5 }))
  t.strictSame(
    await get(client, '/list?created=x'),
    refusal('Invalid integer: x', { code: 'parameter_invalid_integer', param: 'created' })
  )
  t.strictSame(await get(client, '/list'), ok({}))
  t.strictSame(await get(client, '/list?'), ok({}))
  t.strictSame(await get(client, '/raw?a[b][]=c'), ok({ a: { b: { 0: 'c' } } }))
  t.match(await get(client, '/list?limt=1'), {
    body: { error: { message: 'Received unknown parameter: limt. Did you mean limit?' } }
  })
  t.strictSame(await get(client, '/things/J%C3%BCrgen'), ok({ thing: 'Jürgen' }))
  t.strictSame(
    await get(client, `/things/abcd${'-'.repeat(20)}wxyz`),
    refusal('Invalid string: abcd...wxyz; must be at most 20 characters', { param: 'thing' })
  )
})

t.test('leaves the parsers of the host alone', async (t) => {
  const { port } = await host(t)
  const outside = { base: `http://127.0.0.1:${port}`, port }
  t.strictSame(
    await send(outside, '/host?a[b]=c', 'a[b]=c&d=e'),
    ok({ body: { 'a[b]': 'c', d: 'e' }, query: { 'a[b]': 'c' } })
  )
  t.strictSame(await send(outside, '/host', 'hello', 'text/plain'), ok({ body: 'host: hello', query: {} }))
  t.strictSame(await send(outside, '/host', '{"a":null}', JSON_TYPE), ok({ body: { a: null }, query: {} }))
  t.match(await send(outside, '/host', 'a', 'text/csv'), {
    status: 415,
    body: { code: 'FST_ERR_CTP_INVALID_MEDIA_TYPE' }
  })
})

t.test('says at start-up that a schema promises what is not held', async (t) => {
  const compile = (schema: TSchema) => () =>
    validatorCompiler({ schema, method: 'POST', url: '/', httpPart: 'body' })
  t.throws(compile(Type.Object({ a: Type.String() })), /must name all it takes: a/)
  t.throws(compile(Hash({ a: Type.Date() })), /kind Date/)
})

const text = (maxLength: number) =>
  fc.string({ unit: 'binary', minLength: 1, maxLength }).filter((value) => !value.includes('\0'))

const metadataKeys = text(40).filter((key) => !/[[\]]/.test(key) && key !== '__proto__')

const anything = fc.record(
  {
    address: fc.record({ city: text(20), line1: text(20) }, { requiredKeys: ['city'] }),
    balance: fc.maxSafeInteger(),
    checks: fc.record({ deep: fc.record({ done: fc.boolean() }) }),
    confirm: fc.boolean(),
    customer: text(30),
    expand: fc.array(text(10), { minLength: 1, maxLength: 30 }),
    items: fc.array(fc.record({ price: text(10), quantity: fc.nat() }), { minLength: 1, maxLength: 12 }),
    metadata: fc.dictionary(metadataKeys, text(20), { minKeys: 1, maxKeys: 50, noNullPrototype: true }),
    off_session: fc.oneof(fc.boolean(), fc.constantFrom('one_off', 'recurring')),
    tax_exempt: fc.constantFrom('none', 'reverse', 'exempt')
  },
  { requiredKeys: [] }
)

t.test('gives back what any form or JSON was made of', async (t) => {
  const client = await host(t)
  const document = new Ajv({ strict: false, formats: { 'unix-time': true } }).compile(Everything)
  await fc.assert(
    fc.asyncProperty(anything, async (parameters) => {
      t.ok(document(parameters), 'the document allows it', { diagnostic: false })
      const answers = await Promise.all([
        send(client, '/everything', stringify(parameters, { arrayFormat: 'indices' })),
        send(client, '/everything', stringify(parameters, { arrayFormat: 'brackets' })),
        send(client, '/everything', stringify(parameters).replaceAll('%5B', '[').replaceAll('%5D', ']')),
        send(client, '/everything', JSON.stringify(parameters), JSON_TYPE)
      ])
      for (const answer of answers) {
        if (!t.strictSame(answer, ok(JSON.parse(JSON.stringify(parameters))))) return false
      }
      return true
    }),
    { numRuns: 60 }
  )
})

t.test('reads a plain form as it reads one with everything escaped', async (t) => {
  const name = fc.oneof(
    fc.stringMatching(/^\w{1,9}$/),
    fc.constantFrom('__proto__', 'constructor', '0', '7', 'a')
  )
  const value = fc.stringMatching(/^[^&=[\]%\uFFFD]{0,9}$/)
  const escaped = (text: string) =>
    [...Buffer.from(text)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('')
  const read = (text: string) => Object.entries(decodeBrackets(text))
  fc.assert(
    fc.property(fc.array(fc.tuple(name, value), { minLength: 1, maxLength: 9 }), (pairs) => {
      const plain = pairs.map(([key, each]) => `${key}=${each}`).join('&')
      const other = pairs
        .map(([key, each]) => `${escaped(key)}=${escaped(each.replaceAll('+', ' '))}`)
        .join('&')
      t.strictSame(read(plain), read(other), plain)
    })
  )
  t.throws(() => decodeBrackets('a=1&'.repeat(1001).slice(0, -1)), { message: /at most 1000/ })
})

t.test('accepts nothing that the document does not allow', async (t) => {
  const document = new Ajv({ strict: false, formats: { 'unix-time': true } }).compile(Everything)
  const read = validatorCompiler({ schema: Everything, method: 'POST', url: '/', httpPart: 'body' })
  const names = fc.constantFrom(...Object.keys(Everything.properties), 'city', 'deep', 'number', 'price')
  const tree = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: 'small' },
      fc.constantFrom('', null, true, false, 'true', '5', 'none', 'one_off', 0, 5, 1.5, -1),
      fc.string({ unit: 'binary' }),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(names, tie('value'), { maxKeys: 3 })
    )
  })).value
  let accepted = 0
  fc.assert(
    fc.property(fc.dictionary(names, tree, { maxKeys: 2 }), (parameters) => {
      const outcome = read(parameters) as { value?: unknown; error?: unknown }
      if (outcome.error !== undefined) return outcome.error instanceof WireError
      accepted += 1
      // What was unset by null is an empty string in the document's terms.
      const sent: unknown = JSON.parse(JSON.stringify(outcome.value), (_key, value: unknown) => value ?? '')
      return document(sent)
    }),
    { numRuns: 5000 }
  )
  t.ok(accepted > 100, `${accepted} of 5000 were accepted`)
})

t.test('keeps an answer short, whatever was sent', async (t) => {
  const client = await host(t)
  t.ok(messageOf(await send(client, '/everything', `${'a'.repeat(500_000)}=1`)).length < 300)
  t.ok(messageOf(await send(client, '/everything', `metadata[a]=${'a'.repeat(500_000)}`)).length < 2500)
  t.ok(messageOf(await send(client, '/everything', `confirm=${'a'.repeat(500_000)}`)).length < 2500)
})
