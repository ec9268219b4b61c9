import type { FastifyInstance } from 'fastify'
import { handleErrors } from './error-handler'
import { commonHeaders } from './headers'

/**
 * Answers the CORS preflight that browsers send before a page's call. It carries no key, so `scope` must not
 * require one.
 */
export function preflight(scope: FastifyInstance, url: string): void {
  handleErrors(scope)
  scope.options(url, { schema: { hide: true } }, (request, reply) => {
    // The wildcard does not cover Authorization.
    const asked = request.headers['access-control-request-headers'] ?? defaultHeaders
    return reply
      .headers({ ...commonHeaders, 'access-control-allow-headers': asked })
      .code(204)
      .send()
  })
}

const defaultHeaders = 'Authorization, Content-Type, Idempotency-Key, Stripe-Account, Stripe-Version'
