import swagger from '@fastify/swagger'
import { Ajv2020 } from 'ajv/dist/2020'
import Fastify, { type FastifyInstance } from 'fastify'
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import pg from 'pg'
import t, { type Test } from 'tap'
import { document30Path, documentPath, documentText } from '../../openapi/generate'
import { toOpenApi30 } from '../../plugins/openapi/openapi-3-0'
import { collectComponents } from '../../plugins/openapi/components'
import type { OpenApiDocument, Operation, Parameter, Schema } from '../../plugins/openapi/shape'
import { firstAccount } from '../../src/resources/accounts/keys'
import { accountIn } from '../../src/protocol/view'
import { fastifySwagger } from '@fastify/swagger'
import { fastifySwaggerUi } from '@fastify/swagger-ui'
import { docsPage } from '../../src/pages/docs'
import { openApiDocument, paymentVault, type PaymentVaultOptions } from '../../src/index'
import { insertReferenceObjects } from '../../src/resources/accounts/reference-objects'
import { noSuch } from '../../src/protocol/errors/no-such'
import { because, documents, either, refusal } from '../../src/protocol/errors/refusal'
import { refusalsOf } from '../../src/protocol/errors/refusals'
import { objectsOf } from '../../src/protocol/resource/objects'
import { checkAnswer } from '../helpers/document/document'
import { fingerprintKey, type Json, startVault } from '../helpers/vault'

const form = 'application/x-www-form-urlencoded'
const methods = ['get', 'put', 'post', 'delete', 'patch']
const documented = async (): Promise<OpenApiDocument> => (await openApiDocument()) as OpenApiDocument

const operationsOf = (document: OpenApiDocument): [name: string, operation: Operation][] =>
  Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]): [string, Operation] => [`${method} ${path}`, operation])
  )

/** The parameters that are the operation's own, without the headers that many take. */
const ownParameters = ({ parameters = [] }: Operation): Parameter[] =>
  parameters.filter((each): each is Parameter => 'name' in each)

/** A vault that is mounted and never called: its pool opens no connection. */
async function mounted(
  t: Test,
  options: Partial<PaymentVaultOptions> & { prefix?: string } = {},
  prepare: (app: FastifyInstance) => unknown = () => undefined
): Promise<FastifyInstance> {
  const pool = new pg.Pool()
  const app = Fastify()
  t.teardown(async () => {
    await app.close()
    await pool.end()
  })
  await prepare(app)
  await app.register(paymentVault, { pool, fingerprintKey, migrate: 'off', ...options })
  await app.ready()
  return app
}

/** Every hash and list in the document, with the way to it. */
function* parts(
  value: unknown,
  way: string[] = []
): Generator<[way: string[], part: Record<string, unknown>]> {
  if (typeof value !== 'object' || value === null) return
  if (!Array.isArray(value)) yield [way, value as Record<string, unknown>]
  for (const [key, each] of Object.entries(value)) yield* parts(each, [...way, key])
}

t.test('the committed document is the one that the code makes', async (t) => {
  const read = (path: string) => readFile(path, 'utf8').catch(() => '')
  // Not compared by tap, which would print 150 KB of differences.
  t.ok((await read(documentPath)) === (await documentText()), 'else run npm run openapi')
  t.ok((await read(document30Path)) === (await documentText('3.0')), 'else run npm run openapi')
})

t.test('is OpenAPI 3.1: what must be there is, and every schema is one', async (t) => {
  const document = await documented()
  t.equal(document.openapi, '3.1.0')
  t.match(document.info, { title: String, version: /^\d{4}-\d\d-\d\d$/, description: String })
  t.match(document.components.securitySchemes, {
    bearerAuth: { type: 'http', scheme: 'bearer' },
    basicAuth: { type: 'http', scheme: 'basic' },
    publishableKey: { type: 'http', scheme: 'bearer' }
  })
  t.same(document.security, [{ bearerAuth: [] }, { basicAuth: [] }])
  t.ok(Array.isArray(document.servers) && document.servers.length > 0, 'says where it can be called')

  const text = JSON.stringify(document.components.schemas)
  const ajv = new Ajv2020({ strict: true, allowUnionTypes: true, formats: { 'unix-time': true } })
  ajv.addSchema({
    $id: 'all',
    $defs: JSON.parse(text.replaceAll('#/components/schemas/', '#/$defs/')) as Schema
  })
  for (const name of Object.keys(document.components.schemas)) {
    t.ok(ajv.getSchema(`all#/$defs/${name}`), name)
    t.match(name, /^[\w.-]+$/)
  }
  for (const [name, operation] of operationsOf(document)) {
    t.ok(methods.includes(name.split(' ', 1)[0] ?? ''), name)
    const places = ownParameters(operation).map((parameter) => `${parameter.in} ${parameter.name}`)
    t.equal(new Set(places).size, places.length, `${name}: no parameter twice`)
    const inPath = [...name.matchAll(/\{(\w+)\}/g)].map(([, parameter]) => `path ${parameter ?? ''}`)
    t.same(
      places.filter((place) => place.startsWith('path ')),
      inPath,
      `${name}: the parameters of the path`
    )
    for (const { name: parameter, schema } of ownParameters(operation)) {
      t.ok(ajv.validateSchema(schema), `${name} ${parameter}`)
    }
  }
})

t.test('holds every route that answers, and nothing else', async (t) => {
  const routes: string[] = []
  await mounted(t, { openapi: true }, (app) => {
    app.addHook('onRoute', ({ method, url }) => {
      for (const each of [method].flat())
        routes.push(`${each.toLowerCase()} ${url.replace(/:(\w+)/g, '{$1}')}`)
    })
  })
  // A page for people is none of the API's calls.
  const others = /^head | \/v1\/\*$| \/openapi(-3\.0)?\.json$| \/authenticate\//
  const named = operationsOf(await documented()).map(([name]) => name)
  t.same(named.sort(), routes.filter((route) => !others.test(route)).sort())
  t.ok(named.length >= 13)
})

t.test('says of each operation what it is called, does and answers', async (t) => {
  const document = await documented()
  const tags = (document.tags as { name: string; description: string }[]).map(({ name, description }) => {
    t.ok(description, name)
    return name
  })
  const ids = operationsOf(document).map(([name, operation]) => {
    t.match(operation, { operationId: /^(Get|Post|Delete)[A-Za-z]+$/, summary: /^[A-Z].*[^.]$/ }, name)
    t.match(operation.description, /^[A-Z`].*[.)]$/s, name)
    t.ok(
      Array.isArray(operation.tags) &&
        operation.tags.length === 1 &&
        tags.includes(String(operation.tags[0])),
      name
    )
    t.match(operation.responses['200']?.content['application/json']?.schema, {}, name)
    for (const [status, response] of Object.entries(operation.responses)) {
      if (status === '200') continue
      t.match(status, /^4\d\d$|^default$/)
      t.same(response.content['application/json'], { schema: { $ref: '#/components/schemas/error' } }, name)
      if (status === 'default') continue
      t.match(response.description, /^- [^\n]+: [^\n]+\.(\n- [^\n]+: [^\n]+\.)*$/, name)
      t.ok((response['x-error-codes'] as unknown[]).length > 0, name)
    }
    t.ok(operation.responses.default, name)
    t.match(operation['x-codeSamples'], [{ lang: 'Shell', source: /^curl / }], name)
    return operation.operationId
  })
  t.equal(new Set(ids).size, ids.length, 'each by a name of its own')
})

t.test('describes every parameter and every property', async (t) => {
  for (const [way, part] of parts(await documented())) {
    const described = typeof part.description === 'string' || '$ref' in part
    if (way.at(-2) === 'parameters' || way.at(-2) === 'properties') t.ok(described, way.join(' '))
  }
})

t.test('bounds every string that a call takes, by its length or by what it may be', async (t) => {
  const document = await documented()
  let count = 0
  const taken = (schema: Schema, way: string, seen: readonly string[] = []): void => {
    const { $ref, type, maxLength, properties = {}, items, additionalProperties, anyOf = [] } = schema
    const name = $ref?.replace('#/components/schemas/', '')
    if (name !== undefined) {
      if (!seen.includes(name)) taken(document.components.schemas[name] ?? {}, way, [...seen, name])
      return
    }
    if ([type].flat().includes('string')) {
      count++
      t.ok(schema.enum ?? maxLength, way)
    }
    for (const [key, each] of Object.entries(properties)) taken(each, `${way} ${key}`, seen)
    for (const each of anyOf) taken(each, way, seen)
    for (const each of [items, additionalProperties])
      if (typeof each === 'object') taken(each as Schema, `${way} …`, seen)
  }
  for (const [name, operation] of operationsOf(document)) {
    for (const parameter of ownParameters(operation)) taken(parameter.schema, `${name} ${parameter.name}`)
    for (const { schema } of Object.values(operation.requestBody?.content ?? {})) taken(schema, name)
  }
  for (const [name, { schema }] of Object.entries(document.components.parameters ?? {})) taken(schema, name)
  t.ok(count > 500, 'they were found')
})

t.test('names its components, without our prefix, and uses all of them', async (t) => {
  const document = await documented()
  const names = Object.keys(document.components.schemas)
  for (const name of [
    'payment_method',
    'customer',
    'deleted_customer',
    'payment_method_list',
    'customer_list',
    'error'
  ]) {
    t.ok(names.includes(name), name)
  }
  const used = new Set<unknown>()
  for (const [way, { $ref }] of parts(document)) {
    if (typeof $ref !== 'string' || $ref.startsWith('#/components/parameters/')) continue
    used.add($ref)
    const name = /^#\/components\/schemas\/(.+)$/.exec($ref)?.[1] ?? ''
    t.ok(names.includes(name), `${way.join(' ')} is ${$ref}`)
  }
  t.same([...used].sort(), names.map((name) => `#/components/schemas/${name}`).sort())
  t.notMatch(JSON.stringify(document), /payment_vault\.|def-\d|x-component|x-words/)
})

t.test('offers each body as JSON and as a form, over one component named after the call', async (t) => {
  const document = await documented()
  const { requestBody } = document.paths['/v1/payment_methods/{payment_method}/attach']?.post ?? {}
  const schema = { $ref: '#/components/schemas/PostPaymentMethodsPaymentMethodAttachRequest' }
  const example = { customer: 'cus_NbZ8Ki3f322LNn' }
  t.same(requestBody, {
    required: false,
    content: {
      'application/json': { schema, example },
      [form]: { schema, example, encoding: { expand: { style: 'deepObject', explode: true } } }
    }
  })
  for (const [name, operation] of operationsOf(document)) {
    if (!name.startsWith('post ')) t.notOk(operation.requestBody, name)
    else t.same(Object.keys(operation.requestBody?.content ?? {}), ['application/json', form], name)
  }
  const encoding = document.paths['/v1/payment_methods']?.post?.requestBody?.content[form]?.encoding ?? {}
  for (const name of ['billing_details', 'card', 'expand', 'metadata']) t.ok(name in encoding, name)
  t.notOk('type' in encoding, 'a plain value needs no brackets')
})

t.test('says how hashes and lists in queries are written', async (t) => {
  const operation = (await documented()).paths['/v1/customers']?.get
  const styleOf = (name: string) => {
    const found = operation && ownParameters(operation).find((parameter) => parameter.name === name)
    return { style: found?.style, explode: found?.explode }
  }
  t.same(styleOf('created'), { style: 'deepObject', explode: true })
  t.same(styleOf('expand'), { style: 'form', explode: true })
  t.same(styleOf('limit'), { style: undefined, explode: undefined })
})

t.test('names the headers that calls take, and who may call with a publishable key', async (t) => {
  const document = await documented()
  const refs = (...names: string[]) => names.map((name) => ({ $ref: `#/components/parameters/${name}` }))
  for (const [name, { parameters = [], security }] of operationsOf(document)) {
    t.same(
      parameters.filter((each) => '$ref' in each),
      name.startsWith('post ')
        ? refs('IdempotencyKey', 'StripeAccount', 'StripeVersion')
        : refs('StripeAccount', 'StripeVersion'),
      name
    )
    const forBrowsers =
      /^post \/v1\/(payment_methods|tokens)$|^get \/v1\/tokens\/|^(get \/v1\/\w+_intents\/\{intent\}|post \/v1\/\w+_intents\/\{intent\}\/confirm)$/
    const schemes = [{ bearerAuth: [] }, { basicAuth: [] }, { publishableKey: [] }]
    t.same(security, forBrowsers.test(name) ? schemes : undefined, name)
  }
  t.match(document.components.parameters, {
    IdempotencyKey: { name: 'Idempotency-Key', in: 'header', schema: { type: 'string', maxLength: 255 } },
    StripeAccount: { name: 'Stripe-Account', in: 'header' },
    StripeVersion: { name: 'Stripe-Version', in: 'header', methods: undefined }
  })
})

t.test('tells each refusal of a call by its status, with the codes that it has', async (t) => {
  const document = await documented()
  const { responses } = document.paths['/v1/payment_methods/{payment_method}/attach']?.post ?? {}
  t.same(Object.keys(responses ?? {}), ['200', '400', '402', '404', 'default'])
  t.same(responses?.['400']?.['x-error-codes'], [null, 'parameter_missing', 'resource_missing'])
  t.match(responses?.['402']?.['x-error-codes'], ['authentication_required'])
  t.match(document['x-error-codes'], {
    401: [null, 'api_key_expired', 'secret_key_required'],
    403: [null, 'account_invalid']
  })

  const values = [
    either(
      because(
        'why',
        refusal({ code: 'b', message: '' }),
        refusal({ code: 'c', message: '' }),
        refusal({ code: 'a', message: '' })
      ),
      refusal({ param: 'p', message: '', why: 'why else' })
    ),
    documents({ status: 400, type: 'idempotency_error', why: 'again' }),
    noSuch('setup_intent', () => Promise.resolve(undefined), { deletable: true })
  ]
  t.same(refusalsOf(values), {
    400: {
      description:
        '- `b`, `c` or `a`: why; without a code, `param` `p`: why else.\n- without a code, of type `idempotency_error`: again.',
      codes: [null, 'a', 'b', 'c']
    },
    404: {
      description: '- `resource_missing`: there is no such setup intent, or no more.',
      codes: ['resource_missing']
    }
  })
  const elsewhere = documents({ status: 404, why: '' })
  for (const group of [either, (...errors: Parameters<typeof either>) => because('', ...errors)]) {
    t.throws(() => group(refusal({ message: '' }), elsewhere), {
      message: 'errors of one line have one status'
    })
  }

  t.same(refusalsOf(['400 `a` or `b`: why; without a code, `param` `c`: why else', '400 `a`: again']), {
    400: {
      description: '- `a` or `b`: why; without a code, `param` `c`: why else\n- `a`: again',
      codes: [null, 'a', 'b']
    }
  })
  for (const text of ['400: why', '`a`: why', '400 a: why', '400 `a`']) {
    t.throws(() => refusalsOf([text]), { message: `not a refusal: ${text}` })
  }
})

t.test('a resource that expands to what cannot be loaded is found at start', (t) => {
  const kind = (name: string, expands: Record<string, string | null>) => ({
    kind: name,
    expands,
    toObject: (_view: unknown, row: object) => row,
    load: name === 'loaded' ? () => Promise.resolve([]) : undefined
  })
  const kinds = [kind('loaded', {}), kind('other', { gone: null, here: 'loaded' })]
  t.same([...objectsOf(kinds).keys()], ['loaded', 'other'])
  for (const target of ['other', 'unknown']) {
    t.throws(() => objectsOf([...kinds, kind('third', { it: target })]), {
      message: `it of third expands to ${target}, which cannot be loaded`
    })
  }
  t.end()
})

t.test('never gives two schemas the name of one component', async (t) => {
  const document = await documented()
  const inline = (type: string, description: string) => ({ type, 'x-component': 'same', description })
  const of = (a: Schema, b: Schema) =>
    collectComponents({ ...document, components: { schemas: { outer: { properties: { a, b } } } } })
      .components
  const $ref = '#/components/schemas/same'
  t.same(of(inline('string', 'x'), inline('string', 'y')).schemas, {
    outer: { properties: { a: { $ref, description: 'x' }, b: { $ref, description: 'y' } } },
    same: { type: 'string' }
  })
  t.same(of(inline('string', 'x'), inline('string', 'x')).schemas, {
    outer: { properties: { a: { $ref }, b: { $ref } } },
    same: { type: 'string', description: 'x' }
  })
  t.throws(() => of(inline('string', 'x'), inline('integer', 'x')), { message: /named same/ })
})

t.test('gives examples that are true of the server as it first starts', async (t) => {
  const document = await documented()
  const first = [
    'PostCustomers',
    'PostPaymentMethods',
    'PostPaymentMethodsPaymentMethodAttach',
    'PostCustomersCustomer',
    'PostPaymentMethodsPaymentMethod',
    'PostWebhookEndpoints',
    'PostSetupIntents',
    'GetSetupAttempts',
    'PostPaymentIntents',
    'PostRefunds'
  ]
  // Of a new intent each, since most of them end it.
  const ofNewIntents: Record<string, object> = {
    PostPaymentIntentsIntentCapture: {
      capture_method: 'manual',
      payment_method: 'pm_card_visa',
      confirm: true
    },
    PostRefunds: { payment_method: 'pm_card_visa', confirm: true },
    PostPaymentIntentsIntentConfirm: {},
    PostPaymentIntentsIntentCancel: {},
    PostPaymentIntentsIntent: {},
    PostSetupIntentsIntentConfirm: {},
    PostSetupIntentsIntentCancel: {},
    PostSetupIntentsIntent: {}
  }
  const last = [
    'PostPaymentMethodsPaymentMethodDetach',
    'DeleteCustomersCustomer',
    'DeleteWebhookEndpointsWebhookEndpoint'
  ]
  const place = ({ operationId }: Operation) =>
    (first.indexOf(operationId) + 1 || first.length + 1) + last.indexOf(operationId) + 1
  const inOrder = operationsOf(document).sort(([, a], [, b]) => place(a) - place(b))
  for (const mediaType of ['application/json', form]) {
    const vault = await startVault(t)
    await insertReferenceObjects(vault.db, accountIn(await firstAccount(vault.db), false))
    // What is not there from the first has an id that an answer tells.
    const told: Record<string, string> = {}
    for (const [name, operation] of inOrder) {
      const { operationId: id, requestBody } = operation
      const [method = '', template = ''] = name.split(' ')
      const newIntent = ofNewIntents[id]
      if (newIntent) {
        const setsUp = id.startsWith('PostSetup')
        const made = setsUp
          ? await vault.post('/v1/setup_intents', newIntent)
          : await vault.post('/v1/payment_intents', { amount: 2000, currency: 'usd', ...newIntent })
        told[String(made.body.object)] = String(made.body.id)
      }
      const exampled = (place: string) =>
        ownParameters(operation).filter((each) => each.in === place && 'example' in each)
      const path = exampled('path')
        .filter(({ name }) => name === 'customer' || name === 'payment_method')
        .reduce((made, { name, example }) => made.replace(`{${name}}`, String(example)), template)
        .replace(/\{(\w+)\}/, (_braces, name: string) => told[kindOf(name, template)] ?? name)
      const example =
        requestBody === undefined
          ? Object.fromEntries(exampled('query').map(({ name, example }) => [name, example]))
          : requestBody.content[mediaType]?.example
      const text = JSON.stringify(example)
        .replace(/"pi_\w+"/g, JSON.stringify(told.payment_intent))
        .replace(/"seti_\w+"/g, JSON.stringify(told.setup_intent))
      const params = mediaType === form || requestBody === undefined ? (JSON.parse(text) as object) : text
      const headers = requestBody === undefined ? {} : { 'content-type': mediaType }
      const { status, body } = await vault.ask(method.toUpperCase(), path, { params, headers })
      t.equal(status, 200, `${id} ${mediaType}`)
      const answer = operation.responses['200']?.content['application/json']?.example
      if (answer !== undefined) t.same(body, answer, `${id} ${mediaType} answers its example`)
      if (body.object === 'list') t.match(body.data, [{ id: String }], `${id} has something to show`)
      const shown = (body.object === 'list' ? (body.data as Json[])[0] : body) ?? {}
      told[String(shown.object)] = String(shown.id)
    }
  }
})

/** What kind of object a parameter of a path stands for. */
const kindOf = (name: string, path: string): string =>
  name === 'id'
    ? 'event'
    : name !== 'intent'
      ? name
      : path.includes('/setup_')
        ? 'setup_intent'
        : 'payment_intent'

t.test('is served under the prefix to whoever asks, where the option says so', async (t) => {
  const app = await mounted(t, { openapi: true, prefix: '/billing' })
  const served = await app.inject('/billing/openapi.json')
  t.equal(served.statusCode, 200)
  t.match(served.headers['content-type'], /^application\/json/)
  t.same(served.json(), await openApiDocument({ servers: [{ url: '/billing' }] }))
  t.equal((await app.inject('/billing/v1/customers')).statusCode, 401, 'all else asks for a key')

  const bare = await mounted(t, { openapi: true, jsonBodies: false })
  const formsOnly = (await bare.inject('/openapi.json')).json<OpenApiDocument>()
  t.same(formsOnly.servers, [{ url: '/' }])
  t.same(Object.keys(formsOnly.paths['/v1/customers']?.post?.requestBody?.content ?? {}), [form])

  const off = await mounted(t)
  t.equal((await off.inject('/openapi.json')).statusCode, 404)
})

t.test('tells in the words of OpenAPI 3.0 the same', async (t) => {
  const document = (await openApiDocument({ version: '3.0' })) as OpenApiDocument
  t.equal(document.openapi, '3.0.3')
  t.match(document.info, { license: { name: 'MIT', url: /^https:/ } })
  t.same(
    operationsOf(document).map(([name]) => name),
    operationsOf(await documented()).map(([name]) => name)
  )
  for (const [way, part] of parts(document)) {
    if (way.at(-1) === 'properties') continue
    t.notOk(Array.isArray(part.type), way.join(' '))
    if ('$ref' in part) t.same(Object.keys(part), ['$ref'], way.join(' '))
  }
  t.match(document.components.schemas.payment_method_card?.properties, {
    country: { type: 'string', nullable: true },
    last4: { type: 'string', nullable: undefined },
    regulated_status: { type: 'string', nullable: true, enum: ['regulated', 'unregulated', null] }
  })

  const odd = await documented()
  const two = { ...odd, components: { ...odd.components, schemas: { two: { type: ['string', 'integer'] } } } }
  t.throws(() => toOpenApi30(two), { message: /string or integer/ })
  // What a caller names may be called like a keyword.
  const named = { type: 'object', properties: { type: { type: ['string', 'null'] } } }
  const converted = toOpenApi30({ ...odd, components: { ...odd.components, schemas: { named } } })
  t.same(converted.components.schemas.named, {
    type: 'object',
    properties: { type: { type: 'string', nullable: true } }
  })

  const app = await mounted(t, { openapi: true, prefix: '/billing' })
  t.same(
    (await app.inject('/billing/openapi-3.0.json')).json(),
    await openApiDocument({ version: '3.0', servers: [{ url: '/billing' }] })
  )
})

t.test('gives lines of curl that run as they stand', async (t) => {
  const vault = await startVault(t)
  await insertReferenceObjects(vault.db, accountIn(await firstAccount(vault.db), false))
  const curl = promisify(execFile)
  const document = (await openApiDocument({ servers: [{ url: vault.url }] })) as OpenApiDocument
  const sources = Object.fromEntries(
    operationsOf(document).map(([name, operation]) => {
      const [sample] = operation['x-codeSamples'] as { source: string }[]
      return [name, sample?.source ?? '']
    })
  )
  for (const [name, answer] of [
    ['post /v1/payment_methods/{payment_method}/attach', { customer: 'cus_NbZ8Ki3f322LNn' }],
    ['post /v1/customers', { email: 'ada@example.com' }],
    ['post /v1/payment_methods', { card: { brand: 'visa' } }],
    ['get /v1/customers', { data: [{ email: 'ada@example.com' }] }],
    ['get /v1/customers/search', { data: [{ email: 'ada@example.com' }] }],
    ['get /v1/payment_methods', { data: [{ customer: 'cus_NbZ8Ki3f322LNn' }] }],
    ['delete /v1/customers/{customer}', { deleted: true }]
  ] as const) {
    const env = { ...process.env, SECRET_KEY: vault.keys.test }
    const { stdout } = await curl('sh', ['-c', `${sources[name] ?? ''} --silent --noproxy '*'`], { env })
    t.match(JSON.parse(stdout), answer, name)
  }
  // The page that a host serves tells of the prefix, and can't know the name.
  const [sample] = ((await openApiDocument({ servers: [{ url: '/billing' }] })) as OpenApiDocument).paths[
    '/v1/customers'
  ]?.get?.['x-codeSamples'] as { source: string }[]
  t.match(sample?.source, /^curl -G https:\/\/example\.com\/billing\/v1\/customers \\\n/)
})

t.test("does not mix with a host's own document and schemas", async (t) => {
  const app = await mounted(t, { openapi: true }, async (host) => {
    await host.register(swagger, { openapi: { info: { title: 'a shop', version: '1' } } })
    host.addSchema({ $id: 'payment_method', type: 'object', properties: { shop: { $ref: 'nowhere#' } } })
    host.get('/shop', { schema: { operationId: 'GetShop' } }, () => 'open')
  })
  const served = (await app.inject('/openapi.json')).json<OpenApiDocument>()
  t.same(served, await openApiDocument({ servers: [{ url: '/' }] }))
})

t.test('the docs page tries calls out with a test key, from here alone', async (t) => {
  const app = Fastify()
  t.teardown(() => app.close())
  docsPage(app, { secretKey: 'sk_test_51shown' }, undefined)
  const page = await app.inject('/docs')
  t.equal(page.statusCode, 200)
  t.match(page.headers['content-security-policy'], /^default-src 'self';/)
  t.notMatch(page.body, /https?:/)
  for (const [, path = ''] of page.body.matchAll(/(?:src|href)="([^"]+)"/g)) {
    const part = await app.inject(path)
    t.equal(part.statusCode, 200, path)
    t.equal(part.headers['cross-origin-resource-policy'], 'same-origin', path)
  }
  t.match((await app.inject('/docs/static/theme/key.js')).body, /"sk_test_51shown"/)
  t.same((await app.inject('/docs/json')).json(), { ...(await openApiDocument()), servers: [{ url: '/' }] })
})

t.test(
  'a host’s docs page stands under its prefix, beside pages of its own, and hands out no key',
  async (t) => {
    const app = Fastify()
    t.teardown(() => app.close())
    await app.register(fastifySwagger)
    await app.register(fastifySwaggerUi, { routePrefix: '/documentation' })
    await app.register(
      async (scope) => {
        docsPage(scope, true, undefined)
      },
      { prefix: '/billing' }
    )
    const page = await app.inject('/billing/docs')
    t.equal(page.statusCode, 200)
    for (const [, path = ''] of page.body.matchAll(/(?:src|href)="([^"]+)"/g))
      t.equal((await app.inject(path)).statusCode, 200, path)
    t.notMatch(page.body, /key\.js/)
    t.match((await app.inject('/billing/docs/json')).json(), { servers: [{ url: '/billing' }] })
    t.equal((await app.inject('/documentation/json')).statusCode, 200)
  }
)

t.test('an answer other than documented is found out', async (t) => {
  const path = '/v1/customers/cus_1'
  const deleted = { id: 'cus_1', object: 'customer', deleted: true }
  const refused = { error: { type: 'invalid_request_error', message: 'No.' } }
  await checkAnswer('DELETE', path, 200, deleted)
  await checkAnswer('DELETE', `/billing${path}?a=b`, 404, refused)
  await checkAnswer('PUT', '/v1/nothing', 404, refused)

  const wrong: [method: string, path: string, status: number, body: object, fault: RegExp][] = [
    ['DELETE', path, 200, { ...deleted, more: 1 }, /must NOT have additional properties.*more/],
    ['DELETE', path, 200, { id: 'cus_1', object: 'customer' }, /must have required property 'deleted'/],
    ['DELETE', path, 200, { ...deleted, deleted: 'true' }, /\/deleted must be boolean/],
    ['DELETE', path, 402, deleted, /required property 'error'/],
    ['DELETE', path, 400, { error: { ...refused.error, type: 'strange' } }, /\/error\/type/],
    ['DELETE', path, 400, { error: { ...refused.error, hint: '' } }, /additional properties.*hint/],
    [
      'DELETE',
      path,
      404,
      { error: { ...refused.error, code: 'card_declined' } },
      /refused with 404 card_declined/
    ],
    ['DELETE', path, 402, refused, /refused with 402 without a code/],
    ['PUT', '/v1/nothing', 404, {}, /required property 'error'/],
    ['PUT', '/v1/nothing', 200, {}, /not in the document/]
  ]
  for (const [method, url, status, body, fault] of wrong) {
    await t.rejects(checkAnswer(method, url, status, body), { message: fault })
  }
})
