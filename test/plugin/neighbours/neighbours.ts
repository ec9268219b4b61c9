import cookie from '@fastify/cookie'
import cors from '@fastify/cors'
import formbody from '@fastify/formbody'
import helmet from '@fastify/helmet'
import jwt from '@fastify/jwt'
import multipart from '@fastify/multipart'
import { FastifyOtelInstrumentation } from '@fastify/otel'
import postgres from '@fastify/postgres'
import rateLimit from '@fastify/rate-limit'
import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import underPressure from '@fastify/under-pressure'
import type { FastifyBaseLogger, FastifyInstance, FastifyReply, FastifyServerOptions } from 'fastify'
import { PassThrough } from 'node:stream'
import type { PaymentVaultOptions } from '../../../src/index'
import type { Ask } from './send'

/** What else a host has, and what its callers may ask because of it. */
export interface Neighbour {
  name: string
  server?: FastifyServerOptions & { http2?: true }
  before?: (app: FastifyInstance, databaseUrl: string) => unknown
  after?: (app: FastifyInstance) => unknown
  vault?: Partial<PaymentVaultOptions>
  /** Of the host. */
  calls?: Ask[]
  /** Of the vault, beside the usual ones: answered with 200. */
  ours?: Ask[]
  /** The host answers browsers' first question for its whole app. */
  preflights?: true
  /** The vault is registered, and not waited for. */
  hurried?: true
  /** Can't be with the others in one app. */
  apart?: true
}

const json = { 'content-type': 'application/json' }
const form = { 'content-type': 'application/x-www-form-urlencoded' }
const documented = (operationId: string) => ({
  schema: { operationId, tags: ['shop'], querystring: { $ref: 'shop#' } }
})

/** A host with a document of its routes, of one kind or another, and a page that shows it. */
const documenting = (
  name: string,
  options: object,
  apart: { apart?: true } = { apart: true }
): Neighbour => ({
  name,
  ...apart,
  before: async (app) => {
    await app.register(swagger, { exposeHeadRoutes: true, ...options })
    await app.register(swaggerUi, { routePrefix: '/docs' })
    app.addSchema({ $id: 'shop', type: 'object', properties: { city: { type: 'string' } } })
    app.get('/shops', documented('ListShops'), () => [])
  },
  after: (app) => app.get('/shops/late', documented('ListLateShops'), () => []),
  calls: ['/docs/json', '/docs/yaml', '/docs', '/shops?city=Ulm', '/shops/late'].map((path) => ({ path }))
})

const info = { title: 'a shop', version: '1' }

const loggingTo = (lines: string[]): FastifyBaseLogger => {
  const line = (given: unknown, text?: string): void => {
    lines.push(text ?? String(given))
  }
  const logger = {
    level: 'info',
    silent: line,
    fatal: line,
    error: line,
    warn: line,
    info: line,
    debug: line
  }
  return { ...logger, trace: line, child: () => loggingTo(lines) }
}

export const hostLog: string[] = []

export const neighbours: Neighbour[] = [
  {
    name: '@fastify/formbody',
    before: (app) => app.register(formbody, { bodyLimit: 1000 })
  },
  documenting('@fastify/swagger with a 2.0 document', { swagger: { info } }),
  documenting('@fastify/swagger with a 3.0 document', { openapi: { openapi: '3.0.3', info } }),
  documenting('@fastify/swagger with a 3.1 document', { openapi: { openapi: '3.1.0', info } }, {}),
  documenting('@fastify/swagger that transforms each schema', {
    openapi: { openapi: '3.1.0', info },
    transform: ({ schema, url }: { schema?: { operationId?: string }; url: string }) => {
      // It is written for the host's own schemas.
      const { operationId = 'ListShops' } = schema ?? {}
      if (!operationId.startsWith('List')) throw new Error(`${operationId} is none of mine`)
      return { schema: { ...schema, description: url }, url }
    }
  }),
  {
    name: '@fastify/postgres',
    before: (app, connectionString) => app.register(postgres, { connectionString }),
    vault: { pool: undefined },
    after: (app) =>
      app.get('/answer', async () => {
        const { rows } = await app.pg.query<object>('select 42 as answer, 1::int8 as big')
        return rows
      }),
    calls: [{ path: '/answer' }]
  },
  {
    name: '@fastify/jwt',
    before: (app) =>
      app.register(jwt, { secret: 'a secret of the shop’s', cookie: { cookieName: 'token', signed: false } }),
    after: (app) => {
      app.post('/login', () => ({ token: app.jwt.sign({ user: 'ada' }, { noTimestamp: true } as object) }))
      app.get('/me', { onRequest: (request) => request.jwtVerify() }, (request) => request.user)
    },
    calls: [
      { method: 'POST', path: '/login' },
      { path: '/me' },
      { path: '/me', headers: { authorization: 'Bearer x' } }
    ]
  },
  {
    name: '@fastify/cors',
    before: (app) => app.register(cors, { origin: ['https://shop.example'], credentials: true }),
    preflights: true
  },
  {
    name: '@fastify/cors that asks before each call by itself',
    apart: true,
    before: (app) => app.register(cors, { origin: true, hook: 'preHandler', preflight: false }),
    preflights: true
  },
  {
    name: '@fastify/helmet',
    before: (app) => app.register(helmet)
  },
  {
    name: '@fastify/rate-limit',
    before: (app) =>
      app.register(rateLimit, {
        max: 10_000,
        timeWindow: '1 day',
        addHeadersOnExceeding: { 'x-ratelimit-reset': false }
      })
  },
  {
    name: '@fastify/under-pressure',
    before: (app) =>
      app.register(underPressure, {
        maxEventLoopDelay: 60_000,
        exposeStatusRoute: '/status'
      }),
    calls: [{ path: '/status' }]
  },
  {
    name: '@fastify/otel',
    before: (app) => app.register(new FastifyOtelInstrumentation().plugin()),
    after: (app) => app.get('/traced', (request) => ({ traced: request.opentelemetry().enabled })),
    calls: [{ path: '/traced' }]
  },
  {
    name: '@fastify/multipart',
    before: (app) => app.register(multipart, { attachFieldsToBody: 'keyValues' }),
    calls: [
      {
        method: 'POST',
        path: '/shop/echo',
        headers: { 'content-type': 'multipart/form-data; boundary=x' },
        body: '--x\r\nContent-Disposition: form-data; name="name"\r\n\r\nAda\r\n--x--\r\n'
      }
    ]
  },
  {
    name: '@fastify/cookie',
    before: (app) => app.register(cookie, { secret: 'a secret of the shop’s' }),
    after: (app) =>
      app.get('/basket', (request, reply) => {
        void reply.setCookie('basket', '2', { signed: true })
        return request.cookies
      }),
    calls: [{ path: '/basket', headers: { cookie: 'basket=1' } }]
  },
  {
    name: 'handlers of its own for errors and for what is not found',
    server: {
      frameworkErrors: (error, _request, reply: FastifyReply) =>
        void reply.code(400).send({ shop: error.code })
    },
    before: (app) => {
      app.setErrorHandler((error: Error, _request, reply: FastifyReply) =>
        reply.code(499).send({ shop: error.message })
      )
      app.setNotFoundHandler((request, reply) => reply.code(404).send({ shop: request.url }))
      app.setSchemaErrorFormatter(([error]) => new Error(`shop: ${error?.message ?? ''}`))
    }
  },
  {
    name: 'a handler for errors that is set later, without waiting for the vault',
    apart: true,
    hurried: true,
    after: (app) =>
      app.setErrorHandler((error: Error, _request, reply: FastifyReply) =>
        reply.code(499).send({ shop: error.message })
      )
  },
  {
    name: 'compilers of its own',
    apart: true,
    before: (app) => {
      app.setValidatorCompiler(
        () => (value: unknown) =>
          value === undefined ? { error: new Error('empty') } : { value: { valid: value } }
      )
      app.setSerializerCompiler(() => (value) => `shop ${JSON.stringify(value)}`)
      app.setReplySerializer((value) => `shop's ${JSON.stringify(value)}`)
    }
  },
  {
    name: 'a schema controller of its own',
    apart: true,
    server: {
      schemaController: {
        bucket: () => ({
          add: () => {
            throw new Error('only the shop adds schemas')
          },
          getSchema: () => undefined,
          getSchemas: () => ({})
        }),
        compilersFactory: {
          buildValidator: () => (() => (value: unknown) => ({ value: { valid: value } })) as never,
          buildSerializer: () => () => (value: unknown) => `shop ${JSON.stringify(value)}`
        }
      }
    }
  },
  {
    name: 'Ajv options of its own',
    server: {
      ajv: {
        customOptions: {
          coerceTypes: 'array',
          removeAdditional: 'all',
          allErrors: true,
          keywords: ['x-shop']
        }
      }
    },
    after: (app) => {
      const body = { type: 'object', 'x-shop': true, properties: { tags: { type: 'array' } } }
      app.post('/tags', { schema: { body } }, (request) => request.body)
    },
    calls: [{ method: 'POST', path: '/tags', headers: json, body: '{"tags":"a","more":1}' }]
  },
  {
    name: '$ids like the vault’s',
    before: (app) => {
      for (const $id of ['payment_method', 'payment_vault.payment_method', 'payment_vault.error']) {
        app.addSchema({ $id, type: 'object', properties: { shop: { type: 'string' } } })
      }
    },
    after: (app) => {
      app.addSchema({
        $id: 'payment_vault.customer',
        type: 'object',
        properties: { name: { type: 'string' } }
      })
      const response = {
        200: { type: 'object', properties: { a: { $ref: 'payment_vault.payment_method#' } } }
      }
      app.get('/ids', { schema: { response } }, () => ({ a: { shop: 'x', id: 'no' }, b: 1 }))
      app.post('/ids', { schema: { body: { $ref: 'payment_vault.customer#' } } }, (request) => request.body)
    },
    calls: [{ path: '/ids' }, { method: 'POST', path: '/ids', headers: json, body: '{"name":[]}' }]
  },
  {
    name: 'decorators like the vault’s',
    before: (app) => {
      for (const name of ['call', 'received', 'account', 'principal', 'db', 'vault', 'paymentMethods']) {
        app.decorate(name, 'of the shop')
        app.decorateRequest(name, 'of the shop')
        app.decorateReply(name, 'of the shop')
      }
    },
    after: (app) => app.get('/decorated', (request) => ({ call: (request as { call?: string }).call })),
    calls: [{ path: '/decorated' }]
  },
  {
    name: 'genReqId and requestIdHeader',
    server: { genReqId: () => 'req_ofTheShop', requestIdHeader: 'request-id' },
    after: (app) =>
      app.get('/id', (request, reply) => reply.header('request-id', request.id).send(request.id)),
    calls: [{ path: '/id' }, { path: '/id', headers: { 'request-id': 'mine' } }]
  },
  { name: 'a logger of its own', server: { loggerInstance: loggingTo(hostLog) } },
  {
    name: 'trustProxy',
    server: { trustProxy: true },
    after: (app) => app.get('/from', ({ ip, host, protocol }) => ({ ip, host, protocol })),
    calls: [
      { path: '/from', headers: { 'x-forwarded-for': '192.0.2.1', 'x-forwarded-host': 'shop.example' } }
    ]
  },
  { name: 'HTTP/2', apart: true, server: { http2: true } },
  {
    name: 'ignoreTrailingSlash, ignoreDuplicateSlashes and caseSensitive: false',
    server: {
      routerOptions: { ignoreTrailingSlash: true, ignoreDuplicateSlashes: true, caseSensitive: false }
    },
    ours: ['/billing/v1/customers/', '/billing//v1/customers', '/Billing/V1/Customers'].map((path) => ({
      path
    }))
  },
  { name: 'exposeHeadRoutes: false', server: { exposeHeadRoutes: false } },
  {
    name: 'an onRoute hook',
    before: (app) =>
      app.addHook('onRoute', (route) => {
        // So do guards that a host wants on each of its routes.
        const guard = (_request: unknown, _reply: unknown, done: () => void) => {
          done()
        }
        route.preHandler = [route.preHandler ?? [], guard].flat()
        route.config = { ...route.config, shop: true } as object
      })
  },
  {
    name: 'hooks on everything',
    before: (app) => {
      app.addHook('onRequest', async (_request, reply) => void reply.header('x-shop', 'open'))
      app.addHook('preParsing', async (_request, _reply, payload) => payload.pipe(new PassThrough()))
      app.addHook('preValidation', async (request) => {
        request.log.info('validating')
      })
      app.addHook('preHandler', async (_request, reply) => void reply.header('x-handled', 'yes'))
      app.addHook('preSerialization', async (_request, _reply, payload) => ({ data: payload }))
      app.addHook('onSend', async (_request, reply, payload) => {
        void reply.header('x-sent', typeof payload)
        return payload
      })
      app.addHook('onError', async (_request, reply) => void reply.header('x-failed', 'yes'))
      app.addHook('onResponse', async () => undefined)
    }
  },
  { name: 'a tiny bodyLimit', server: { bodyLimit: 300 } },
  {
    name: 'return503OnClosing, disableRequestLogging, handlerTimeout',
    // An older host says it in the older words.
    server: {
      ...({ disableRequestLogging: true } as object),
      return503OnClosing: false,
      handlerTimeout: 20_000
    }
  },
  {
    name: 'rewriteUrl',
    server: {
      rewriteUrl: ({ url = '/' }) => url.replace(/^\/pay\//, '/billing/').replace(/^\/old$/, '/shop')
    },
    calls: [{ path: '/old' }],
    ours: [{ path: '/pay/v1/customers?limit=1' }]
  },
  {
    name: 'a query parser of its own',
    server: { routerOptions: { querystringParser: (text) => ({ text }) } }
  },
  {
    name: 'constraints',
    server: {
      routerOptions: {
        constraints: {
          tenant: {
            name: 'tenant',
            storage: () => {
              const handlers = new Map<unknown, unknown>()
              return {
                get: (key) => (handlers.get(key) ?? null) as never,
                set: (key, handler) => {
                  handlers.set(key, handler)
                }
              }
            },
            validate: () => undefined,
            deriveConstraint: ({ headers }) => headers['x-tenant'] as string,
            mustMatchWhenDerived: false
          }
        }
      }
    },
    after: (app) => app.get('/shop', { constraints: { tenant: 'ada' } }, () => 'Ada’s shop'),
    calls: [
      { path: '/shop', headers: { 'x-tenant': 'ada' } },
      { path: '/shop', headers: { 'x-tenant': 'eve' } }
    ]
  },
  {
    name: 'onProtoPoisoning: ignore',
    server: { onProtoPoisoning: 'ignore', onConstructorPoisoning: 'ignore' },
    calls: [{ method: 'POST', path: '/shop/echo', headers: form, body: 'a=b' }]
  }
]

/** One host that has all of them, but those that exclude each other. */
export function allAtOnce(): Neighbour {
  const all = neighbours.filter(({ apart }) => !apart)
  const options = all.map(({ server = {} }) => server)
  const routerOptions = Object.assign({}, ...options.map((each) => each.routerOptions ?? {})) as object
  return {
    name: 'all of them at once',
    server: { ...(Object.assign({}, ...options) as FastifyServerOptions), routerOptions },
    before: async (app, databaseUrl) => {
      for (const { before } of all) await before?.(app, databaseUrl)
    },
    after: async (app) => {
      for (const { after } of all) await after?.(app)
    },
    vault: Object.assign({}, ...all.map(({ vault }) => vault)) as Partial<PaymentVaultOptions>,
    calls: all.flatMap(({ calls = [] }) => calls),
    ours: all.flatMap(({ ours = [] }) => ours),
    preflights: true
  }
}
