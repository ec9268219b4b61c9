import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Operation } from './resource'

/** Adds a route to `scope` for each operation. `callOf` makes the call of a request. */
export function addRoutes<C>(
  scope: FastifyInstance,
  operations: Readonly<Record<string, Operation<C>>>,
  callOf: (request: FastifyRequest) => C
): void {
  for (const { method, url, permission, publishable, schema, run } of Object.values(operations)) {
    const input = method === 'post' ? 'body' : 'query'
    const config = { resource: permission, ...(publishable && { publishable }) }
    scope[method](url, { schema, config }, async (request) =>
      run(callOf(request), request.params as object, request[input] as object, request)
    )
  }
}
