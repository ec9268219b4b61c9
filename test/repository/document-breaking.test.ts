import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { breaksBetween, unnamed } from '../../openapi/breaking'
import { type Facts, factsOf } from '../../openapi/facts'
import type { OpenApiDocument, Operation, Parameter, Schema } from '../../plugins/openapi/shape'
import { openApiDocument } from '../../src/index'

const original = openApiDocument() as Promise<OpenApiDocument>

/** What is found when the document that was released is changed so. */
async function breaksOf(change: (document: OpenApiDocument) => void): Promise<string[]> {
  const changed = structuredClone(await original)
  change(changed)
  return breaksBetween(factsOf(await original), factsOf(changed)).map(({ name, what }) => `${name} ${what}`)
}

const operation = (document: OpenApiDocument, method: string, path: string): Operation => {
  const found = document.paths[path]?.[method]
  if (!found) throw new Error(`no ${method} ${path}`)
  return found
}
const schema = (document: OpenApiDocument, name: string): Schema => document.components.schemas[name] ?? {}
const property = (document: OpenApiDocument, name: string, key: string): Schema =>
  schema(document, name).properties?.[key] ?? {}
const drop = (hash: object | undefined, key: string): void => {
  if (hash) Reflect.deleteProperty(hash, key)
}

t.test('finds nothing in a document that is the same, or says the same in other words', async (t) => {
  t.same(await breaksOf(() => undefined), [])
  t.same(
    await breaksOf((document) => {
      const attach = operation(document, 'post', '/v1/payment_methods/{payment_method}/attach')
      attach.summary = attach.description = 'Other words.'
      property(document, 'customer', 'email').description = 'Other words.'
    }),
    []
  )
})

t.test('lets requests take more, and answers show more', async (t) => {
  t.same(
    await breaksOf((document) => {
      document.paths['/v1/new'] = {
        get: { ...operation(document, 'get', '/v1/customers'), operationId: 'GetNew' }
      }
      const { parameters } = operation(document, 'get', '/v1/customers')
      parameters?.push({ name: 'colour', in: 'query', schema: { type: 'string' } })
      const body = schema(document, 'PostCustomersRequest')
      body.properties = {
        ...body.properties,
        colour: { type: 'string' },
        more: { type: 'object', properties: { inner: { type: 'string' } }, required: ['inner'] }
      }
      property(document, 'PostPaymentMethodsRequest', 'type').enum?.push('shells')
      drop(property(document, 'PostCustomersRequest', 'balance'), 'type')
      schema(document, 'PostRefundsRequest').required = []
      const customer = schema(document, 'customer')
      customer.properties = { ...customer.properties, colour: { type: 'string' } }
      customer.required?.push('colour', 'sources')
      property(document, 'customer', 'email').type = 'string'
      property(document, 'payment_intent', 'status').enum?.pop()
    }),
    []
  )
})

t.test('finds what callers can not do any more', async (t) => {
  const cases: [change: (document: OpenApiDocument) => void, found: string[] | RegExp][] = [
    [
      (document) => {
        drop(document.paths['/v1/payment_methods/{payment_method}'], 'get')
      },
      ['GetPaymentMethodsPaymentMethod GET /v1/payment_methods/{payment_method} is gone']
    ],
    [
      (document) => {
        document.paths['/v1/buyers'] = document.paths['/v1/customers'] ?? {}
        drop(document.paths, '/v1/customers')
      },
      [
        'GetCustomers GET /v1/customers is GET /v1/buyers',
        'PostCustomers POST /v1/customers is POST /v1/buyers'
      ]
    ],
    [
      (document) => {
        const list = operation(document, 'get', '/v1/customers')
        list.parameters = (list.parameters ?? []).filter((each) => !('name' in each && each.name === 'email'))
      },
      ['GetCustomers query email is not taken any more']
    ],
    [
      (document) => {
        const { parameters = [] } = operation(document, 'get', '/v1/customers')
        const limit = parameters.find((each): each is Parameter => 'name' in each && each.name === 'limit')
        if (limit) limit.required = true
        parameters.push({ name: 'colour', in: 'query', required: true, schema: { type: 'string' } })
      },
      ['GetCustomers query colour is required now', 'GetCustomers query limit is required now']
    ],
    [
      (document) => {
        drop(schema(document, 'PostCustomersRequest').properties, 'email')
      },
      ['PostCustomersRequest.email is not taken any more']
    ],
    [
      (document) => {
        const body = schema(document, 'PostCustomersRequest')
        body.required = ['email', 'colour']
        body.properties = { ...body.properties, colour: { type: 'string' } }
      },
      ['PostCustomersRequest.colour is required now', 'PostCustomersRequest.email is required now']
    ],
    [
      (document) => {
        property(document, 'PostPaymentMethodsRequest', 'allow_redisplay').enum?.shift()
        property(document, 'PostCustomersRequest', 'balance').type = 'string'
        property(document, 'PostCustomersRequest', 'coupon').enum = ['half']
      },
      [
        'PostCustomersRequest.balance does not take integer any more',
        'PostCustomersRequest.coupon does not take any value any more',
        'PostPaymentMethodsRequest.allow_redisplay does not take =always any more'
      ]
    ],
    [
      (document) => {
        property(document, 'PostCustomersCustomerRequest', 'card').type = 'string'
      },
      ['PostCustomersCustomerRequest.card does not take anything any more']
    ],
    [
      (document) => {
        drop(operation(document, 'post', '/v1/customers').requestBody?.content, 'application/json')
      },
      ['PostCustomers application/json is not taken any more']
    ],
    [
      (document) => {
        drop(schema(document, 'customer').properties, 'email')
        schema(document, 'customer').required = ['id']
      },
      /^customer\.address may be missing now$.*^customer\.email is not answered any more$/ms
    ],
    [
      (document) => {
        property(document, 'payment_intent', 'status').enum?.push('lost')
        property(document, 'customer', 'balance').type = ['integer', 'null']
        drop(property(document, 'payment_method', 'allow_redisplay'), 'enum')
        property(document, 'payment_method', 'card').$ref = '#/components/schemas/token_card'
      },
      [
        'customer.balance may be null now',
        'payment_intent.status may be =lost now',
        'payment_method.allow_redisplay may be any value now',
        'payment_method.card may be #token_card now',
        'payment_method_card is not answered any more'
      ]
    ]
  ]
  for (const [change, expected] of cases) {
    const found = (await breaksOf(change)).sort()
    if (expected instanceof RegExp) t.match(found.join('\n'), expected)
    else t.same(found, expected)
  }
})

t.test('has each named in the changelog, by itself or with all of its kind', async (t) => {
  const breaks = ['customer.email', 'customer.name', 'GetEvents query type'].map((name) => ({
    name,
    what: ''
  }))
  const left = (changelog: string) => unnamed(breaks, changelog).map(({ name }) => name)
  const log = (text: string) =>
    `# Changelog\n\n## [Unreleased]\n\n${text}\n\n## [0.1.0] - 2026-12-01\n\n### Breaking\n\n- \`GetEvents\`\n`

  t.same(left(log('')), ['customer.email', 'customer.name', 'GetEvents query type'])
  t.same(left(log('### Added\n\n- `customer`')), ['customer.email', 'customer.name', 'GetEvents query type'])
  t.same(left(log('### Breaking\n\n- `customer.email` is gone.')), ['customer.name', 'GetEvents query type'])
  t.same(left(log('### Breaking\n\n- `customer` and `GetEvents query type`\n\n### Fixed')), [])
  t.same(left('# Changelog\n'), ['customer.email', 'customer.name', 'GetEvents query type'])
})

t.test('the document keeps what was released, but for what the changelog names', async (t) => {
  const read = (...path: string[]) => readFile(join(__dirname, '../..', ...path), 'utf8')
  const released = JSON.parse(await read('openapi', 'released.json')) as Facts
  t.ok(Object.keys(released.operations).length >= 13)
  const breaks = breaksBetween(released, factsOf(await original))
  t.same(unnamed(breaks, await read('CHANGELOG.md')), [])
})
