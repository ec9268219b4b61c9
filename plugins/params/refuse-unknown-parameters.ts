import type { FastifyInstance } from 'fastify'
import { Hash } from './schema'

/**
 * Routes with a schema that says nothing of a query, or of a body, take none: a parameter there is an unknown one,
 * where Fastify would pass over it in silence. For the routes that `scope` gets from here on.
 */
export function refuseUnknownParameters(scope: FastifyInstance): void {
  scope.addHook('onRoute', (route) => {
    if (route.schema === undefined) return
    // A GET's body is never read, and Fastify wants no schema for it.
    const bodiless = [route.method].flat().some((method) => method === 'GET' || method === 'HEAD')
    route.schema = { querystring: noParameters, ...(!bodiless && { body: noParameters }), ...route.schema }
  })
}

const noParameters = Hash({})
