import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { challenge } from './authentication'
import { errorBody, invalidRequest, WireError } from './errors'
import { json } from './json'

/**
 * Every failure in this scope leaves as the wire's error: ours as they are, Fastify's own (too large, a bad
 * length, an unknown type) as a 4xx of the same shape, and whatever nobody foresaw as a 500 that says nothing of
 * the inside. What was refused is no news for the log; what failed is.
 */
export function handleErrors(scope: FastifyInstance): void {
  scope.setErrorHandler((error: FastifyError | WireError, request, reply) => {
    const refusal = error instanceof WireError ? error : foreign(error)
    if (refusal.status >= 500) request.log.error({ err: refusal.cause ?? error }, 'request failed')
    return sendError(reply, refusal)
  })
}

/** Answers a URL or a method that is none of ours; a known path with a wrong method is just that. */
export function unknownRoute(request: FastifyRequest): never {
  const path = request.url.split('?', 1)[0] ?? ''
  throw new WireError(404, {
    type: 'invalid_request_error',
    message: `Unrecognized request URL (${request.method}: ${path}). Please see https://stripe.com/docs or we can help at https://support.stripe.com/.`
  })
}

function sendError(reply: FastifyReply, error: WireError): FastifyReply {
  if (error.status === 401) challenge(reply)
  const retry = error.shouldRetry ?? (error.executed ? false : undefined)
  if (retry !== undefined) void reply.header('stripe-should-retry', String(retry))
  // As bytes: to text Fastify would add a charset.
  return reply
    .code(error.status)
    .header('content-type', json)
    .send(Buffer.from(errorBody(error)))
}

function foreign(error: FastifyError): WireError {
  const status = error.statusCode ?? 500
  if (status >= 400 && status < 500) {
    const { type, message } = invalidRequest(error.message).fields
    return new WireError(status, { type, message })
  }
  return new WireError(500, {
    type: 'api_error',
    message: 'An error occurred inside the server. It has been logged; the request may be retried.'
  })
}
