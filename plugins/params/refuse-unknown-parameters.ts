import type { FastifyInstance } from 'fastify'
import { Hash } from './schema'

/**
 * Makes routes without a schema for their query or body reject all parameters there, which Fastify would
 * ignore. Applies to routes that `scope` adds from here on.
 */
export function refuseUnknownParameters(scope: FastifyInstance): void {
  scope.addHook('onRoute', (route) => {
    if (route.schema === undefined) return
    // Fastify never reads the body of a GET and rejects a schema for it.
    const bodiless = [route.method].flat().some((method) => method === 'GET' || method === 'HEAD')
    route.schema = { querystring: noParameters, ...(!bodiless && { body: noParameters }), ...route.schema }
  })
}

const noParameters = Hash({})
