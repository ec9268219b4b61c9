import bearerAuth from '@fastify/bearer-auth'
import Fastify, { type FastifyInstance, type FastifyReply } from 'fastify'
import { Readable } from 'node:stream'
import t, { type Test } from 'tap'
import { paymentVault } from '../../src/index'
import { type Surroundings, surroundings } from './neighbours/mounted'

const prefix = '/billing'
const phases = ['onRequest', 'preParsing', 'preValidation', 'preHandler'] as const
const statuses = [200, 204, 302, 400, 401, 403, 404, 429, 500, 503]

/** What a host may send, and what of it a caller may read in an error. */
const payloads: Record<string, { make: () => unknown; message?: string }> = {
  'an object': { make: () => ({ error: 'not yours' }), message: 'not yours' },
  'an object with a message': { make: () => ({ message: 'go away', statusCode: 401 }), message: 'go away' },
  'an error of the wire': {
    make: () => ({ error: { type: 'invalid_request_error', message: 'in its own words' } }),
    message: 'in its own words'
  },
  'an array': { make: () => [1, 2] },
  'a number': { make: () => 42 },
  'a string': { make: () => 'no entry', message: 'no entry' },
  'an empty string': { make: () => '' },
  'a page': { make: () => '<html><body>sign in</body></html>' },
  'JSON as text': { make: () => '{"message":"as text"}', message: 'as text' },
  'broken JSON': { make: () => '{"message":' },
  'a Buffer': { make: () => Buffer.from('{"message":"as bytes"}'), message: 'as bytes' },
  'a stream': { make: () => Readable.from(['streamed']) },
  null: { make: () => null },
  undefined: { make: () => undefined }
}

const calls = [
  { method: 'POST', url: '/v1/payment_methods', payload: { type: 'card' } },
  { method: 'GET', url: '/v1/customers' },
  { method: 'GET', url: '/v1/customers/cus_NbZ8Ki3f322LNn' },
  { method: 'POST', url: '/v1/payment_methods/pm_1/attach', payload: { customer: 'cus_1' } },
  { method: 'DELETE', url: '/v1/customers/cus_1' },
  { method: 'GET', url: '/v1/nowhere' }
] as const

/** An app with the vault, over HTTP, whose hooks `add` adds before it. */
async function host(t: Test, { options }: Surroundings, add: (app: FastifyInstance) => unknown) {
  const app = Fastify()
  await add(app)
  await app.register(paymentVault, options)
  const url = await app.listen({ port: 0, host: '127.0.0.1' })
  t.teardown(() => app.close())
  return url
}

const ask = (url: string, call: (typeof calls)[number], headers: Record<string, string> = {}) =>
  fetch(`${url}${prefix}${call.url}`, {
    method: call.method,
    redirect: 'manual',
    headers: 'payload' in call ? { 'content-type': 'application/json', ...headers } : headers,
    ...('payload' in call && { body: JSON.stringify(call.payload) })
  })

t.test('a host’s bearer token refuses a call with the host’s status, and the host lives on', async (t) => {
  const place = await surroundings(t)
  const url = await host(t, place, (app) => app.register(bearerAuth, { keys: new Set(['right']) }))
  for (const call of calls) {
    const response = await ask(url, call, { authorization: 'Bearer wrong' })
    t.equal(response.status, 401)
    t.match(await response.json(), { error: { type: 'invalid_request_error' } }, call.url)
  }
})

t.test('what a host’s hook answers leaves with the host’s status', async (t) => {
  const place = await surroundings(t)
  let wanted: { phase: string; waits: boolean; status: number; make: () => unknown } | undefined
  const url = await host(t, place, (app) => {
    for (const phase of phases) {
      const reply = (reply: FastifyReply) => reply.code(wanted?.status ?? 200).send(wanted?.make())
      const isNext = (waits: boolean) => wanted?.phase === phase && wanted.waits === waits
      // Of the four, preParsing alone is handed the body before `done`.
      const answer = (each: FastifyReply, done: () => void) => {
        if (isNext(false)) void reply(each)
        else done()
      }
      if (phase === 'preParsing') {
        app.addHook(phase, (_request, each, _payload, done) => {
          answer(each, done)
        })
      } else {
        app.addHook(phase as 'onRequest', (_request, each, done) => {
          answer(each, done)
        })
      }
      app.addHook(phase as 'onRequest', async (_request, each) => {
        if (isNext(true)) return reply(each)
      })
    }
  })
  const headers = { authorization: `Bearer ${place.key}` }
  for (const phase of phases) {
    // The vault itself refuses an unknown path in `onRequest`.
    const among = calls.filter(({ url }) => phase === 'onRequest' || url !== '/v1/nowhere')
    for (const waits of [true, false]) {
      for (const status of statuses) {
        for (const [name, { make, message }] of Object.entries(payloads)) {
          const call = among[(status + name.length) % among.length] ?? calls[0]
          wanted = { phase, waits, status, make }
          const response = await ask(url, call, headers)
          const text = await response.text()
          wanted = undefined
          const what = `${name} with ${status} from ${waits ? 'an async' : 'a callback'} ${phase}`
          t.equal(response.status, status, what)
          if (status >= 400) {
            const { error } = JSON.parse(text) as { error: { type: string; message: string } }
            t.match(error.type, /^(?:api|invalid_request)_error$/, what)
            if (message !== undefined && status < 500) t.equal(error.message, message, what)
          }
        }
      }
    }
  }
  const after = await ask(url, { method: 'GET', url: '/v1/customers' }, headers)
  t.equal(after.status, 200, 'the vault answers afterwards')
})

t.test('what a host’s hook sends with a status below 400 leaves as it was sent', async (t) => {
  const place = await surroundings(t)
  let make: () => unknown = () => null
  const url = await host(t, place, (app) => {
    app.addHook('preHandler', async (_request, reply) => reply.send(make()))
  })
  const sent: [unknown, string][] = [
    [{ a: [1] }, '{"a":[1]}'],
    [['x'], '["x"]'],
    ['text', 'text'],
    [Buffer.from('bytes'), 'bytes'],
    [null, 'null']
  ]
  for (const [payload, text] of sent) {
    make = () => payload
    const response = await ask(
      url,
      { method: 'GET', url: '/v1/customers' },
      { authorization: `Bearer ${place.key}` }
    )
    t.equal(await response.text(), text)
  }
})

t.test('an answer of the vault that a host’s onSend turns into an error has the wire’s shape', async (t) => {
  const place = await surroundings(t)
  let replaced: unknown
  const url = await host(t, place, (app) => {
    app.addHook('onSend', async (_request, reply, payload) => {
      void reply.code(503)
      return replaced ?? payload
    })
  })
  for (const body of [undefined, 'no', '{}', '', Buffer.from('bytes')]) {
    replaced = body
    const response = await ask(
      url,
      { method: 'GET', url: '/v1/customers' },
      { authorization: `Bearer ${place.key}` }
    )
    t.equal(response.status, 503)
    t.match(await response.json(), { error: { type: 'api_error' } })
  }
})
