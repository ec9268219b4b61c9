import type { FastifyInstance } from 'fastify'
import { Answer } from './idempotency'
import { json, toBody } from './json'

/** What every answer carries, whatever it says: any page may call, and nobody keeps what is answered. */
export const everyAnswer = {
  'access-control-allow-credentials': 'true',
  'access-control-allow-methods': 'GET, HEAD, PUT, PATCH, POST, DELETE',
  'access-control-allow-origin': '*',
  'access-control-expose-headers':
    'Request-Id, Stripe-Manage-Version, Stripe-Should-Retry, Idempotent-Replayed, Original-Request',
  'access-control-max-age': '300',
  'cache-control': 'no-cache, no-store',
  vary: 'Origin'
}

/** Puts the wire's headers and its way of writing JSON on every answer of this scope. */
export function answerHeaders(scope: FastifyInstance): void {
  scope.addHook('onRequest', (_request, reply, done) => {
    void reply.headers(everyAnswer)
    done()
  })

  scope.addHook('preSerialization', (request, reply, payload, done) => {
    if (request.method === 'POST' && !(payload instanceof Answer)) {
      // Whoever adds a route can't forget it: what was not answered through `once` is not sent.
      done(new Error(`POST ${request.routeOptions.url ?? ''} was answered past its idempotency key`))
      return
    }
    if (payload instanceof Answer) {
      if (payload.originalRequest !== undefined)
        void reply.header('original-request', payload.originalRequest)
      if (payload.replayed) void reply.header('idempotent-replayed', 'true')
      if (request.headers['idempotency-key'] !== undefined) void reply.header('stripe-should-retry', 'false')
      void reply.code(payload.status)
    }
    void reply.header('content-type', json)
    done(null, payload)
  })

  // Not one compiled from the response schema: bodies are pretty-printed, and every key is put there by hand. The
  // compiler is named too, so that Fastify does not compile at start what is never used.
  const serialize = (payload: unknown): string => (payload instanceof Answer ? payload.body : toBody(payload))
  scope.setReplySerializer(serialize)
  scope.setSerializerCompiler(() => serialize)
}
