import type { FastifyInstance } from 'fastify'
import { handleErrors } from './error-handler'
import { commonHeaders } from './headers'

/**
 * Answers the question that browsers ask before a call of a page's. They send no key with it, so `scope` must not be
 * one that asks for keys.
 */
export function preflight(scope: FastifyInstance, url: string): void {
  handleErrors(scope)
  scope.options(url, { schema: { hide: true } }, (request, reply) => {
    // A star would not do: it does not stand for Authorization.
    const asked = request.headers['access-control-request-headers'] ?? defaultHeaders
    return reply
      .headers({ ...commonHeaders, 'access-control-allow-headers': asked })
      .code(204)
      .send()
  })
}

const defaultHeaders = 'Authorization, Content-Type, Idempotency-Key, Stripe-Account, Stripe-Version'
