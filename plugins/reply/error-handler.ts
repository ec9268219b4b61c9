import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { STATUS_CODES } from 'node:http'
import { challenge } from '../auth/api-keys'
import { errorBody, WireError } from '../errors/errors'
import { commonHeaders } from './headers'
import { markAnswered } from './own-answers'
import { json } from '../json/json'
import { maskPath } from '../errors/mask-numbers'

/**
 * Answers every failure in this scope as a wire error. Our own errors keep their status and body. Errors of
 * Fastify or the host's hooks keep their status. Any other failure is a 500 without details. The log gets
 * failures, not refusals.
 */
export function handleErrors(scope: FastifyInstance): void {
  scope.setErrorHandler((error: FastifyError | WireError, request, reply) => {
    const refusal = error instanceof WireError ? error : foreignError(error, reply)
    if (refusal.status >= 500) request.log.error({ err: refusal.cause ?? error }, 'request failed')
    return sendError(reply, refusal)
  })
}

/** Throws the 404 of an unknown URL, also for a known path with a wrong method. */
export function unknownRoute(request: FastifyRequest): never {
  const path = maskPath(request.url.split('?', 1)[0] ?? '')
  throw new WireError(404, {
    type: 'invalid_request_error',
    message: `Unrecognized request URL (${request.method}: ${path}). Please see https://stripe.com/docs or we can help at https://support.stripe.com/.`
  })
}

function sendError(reply: FastifyReply, error: WireError): FastifyReply {
  markAnswered(reply, error.status)
  if (error.status === 401) challenge(reply)
  const retry = error.shouldRetry ?? (error.executed ? false : undefined)
  if (retry !== undefined) void reply.header('stripe-should-retry', String(retry))
  // The host's hook may have refused the call before our hooks ran. A Buffer keeps Fastify from adding a
  // charset.
  return reply
    .code(error.status)
    .headers({ ...commonHeaders, 'content-type': json })
    .send(Buffer.from(errorBody(error)))
}

/** Returns the wire error for an error of the host. A status below 400 becomes 500. */
export function foreignError(
  error: { statusCode?: number; message?: string | undefined },
  reply: FastifyReply
): WireError {
  const status = error.statusCode ?? reply.statusCode
  if (status >= 400 && status < 500) {
    const code = status === 429 ? 'rate_limit' : undefined
    const message = error.message ?? STATUS_CODES[status]
    return new WireError(status, { type: 'invalid_request_error', code, message })
  }
  if (status === 503) {
    const message = 'The server cannot answer at the moment. Please try again later.'
    return new WireError(503, { type: 'api_error', message })
  }
  return new WireError(500, {
    type: 'api_error',
    message: 'An error occurred inside the server. It has been logged; the request may be retried.'
  })
}
