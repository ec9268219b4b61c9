import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { Answer } from '../idempotency/idempotency'
import { json, toBody } from '../json/json'
import { markAnswered } from './own-answers'

/** What every answer carries, whatever it says: any page may call, and nobody keeps what is answered. */
export const commonHeaders = {
  'access-control-allow-credentials': 'true',
  'access-control-allow-methods': 'GET, HEAD, PUT, PATCH, POST, DELETE',
  'access-control-allow-origin': '*',
  'access-control-expose-headers':
    'Request-Id, Stripe-Manage-Version, Stripe-Should-Retry, Idempotent-Replayed, Original-Request',
  'access-control-max-age': '300',
  'cache-control': 'no-cache, no-store',
  vary: 'Origin'
}

/** Puts the wire's headers and its way of writing JSON on every answer of the routes that `scope` gets from here on. */
export function answerHeaders(scope: FastifyInstance): void {
  scope.addHook('onRequest', (_request, reply, done) => {
    void reply.headers(commonHeaders)
    done()
  })

  // Written by the handler itself, as text: what a host does to all that is serialized in its app is not for the wire.
  scope.addHook('onRoute', (route) => {
    const handler = route.handler
    route.handler = async function (request, reply) {
      return writeAnswer(request, reply, await handler.call(this, request, reply))
    }
  })
  // The schemas describe answers of the handlers, which are text by then. What else arrives here a host's hook sent.
  scope.setSerializerCompiler(() => (payload: unknown) => JSON.stringify(payload))
}

function writeAnswer(request: FastifyRequest, reply: FastifyReply, payload: unknown): string {
  // Else Fastify would add a charset to the type.
  markAnswered(reply, payload instanceof Answer ? payload.status : 200)
  void reply.header('content-type', json).serializer(identity)
  if (!(payload instanceof Answer)) {
    if (request.method !== 'POST') return toBody(payload)
    // Whoever adds a route can't forget it: what was not answered through `once` is not sent.
    throw new Error(`POST ${request.routeOptions.url ?? ''} was answered past its idempotency key`)
  }
  if (payload.originalRequest !== undefined) void reply.header('original-request', payload.originalRequest)
  if (payload.replayed) void reply.header('idempotent-replayed', 'true')
  if (request.headers['idempotency-key'] !== undefined) void reply.header('stripe-should-retry', 'false')
  void reply.code(payload.status)
  return payload.body
}

const identity = (text: unknown): string => text as string
