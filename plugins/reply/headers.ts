import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { Answer } from '../idempotency/idempotency'
import { json, toBody } from '../json/json'
import { markAnswered } from './own-answers'

/** The headers of every answer: any page may call, and no cache may store the answer. */
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

/** Adds the wire's headers and JSON format to the answers of routes that `scope` adds from here on. */
export function answerHeaders(scope: FastifyInstance): void {
  scope.addHook('onRequest', (_request, reply, done) => {
    void reply.headers(commonHeaders)
    done()
  })

  // The handler itself serializes the answer, so that the host's serialization hooks do not change it.
  scope.addHook('onRoute', (route) => {
    const handler = route.handler
    route.handler = async function (request, reply) {
      return writeAnswer(request, reply, await handler.call(this, request, reply))
    }
  })
  // Schemas describe the handlers' values, which are text by now. Any other payload comes from the host's
  // hook.
  scope.setSerializerCompiler(() => (payload: unknown) => JSON.stringify(payload))
}

function writeAnswer(request: FastifyRequest, reply: FastifyReply, payload: unknown): string {
  markAnswered(reply, payload instanceof Answer ? payload.status : 200)
  // Without the serializer Fastify would add a charset to the content type.
  void reply.header('content-type', json).serializer(identity)
  if (!(payload instanceof Answer)) {
    if (request.method !== 'POST') return toBody(payload)
    // A POST route cannot skip idempotency by mistake: an answer that did not pass `once` is not sent.
    throw new Error(`POST ${request.routeOptions.url ?? ''} was answered without its idempotency key`)
  }
  if (payload.originalRequest !== undefined) void reply.header('original-request', payload.originalRequest)
  if (payload.replayed) void reply.header('idempotent-replayed', 'true')
  if (request.headers['idempotency-key'] !== undefined) void reply.header('stripe-should-retry', 'false')
  void reply.code(payload.status)
  return payload.body
}

const identity = (text: unknown): string => text as string
