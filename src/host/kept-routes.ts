import type { TSchema } from '@sinclair/typebox'
import type { FastifyRequest } from 'fastify'
import type { Scope } from '../scope'

/** A route of the vault as it was written: what it takes, and what it does with that. */
export interface KeptRoute {
  method: 'delete' | 'get' | 'post'
  url: string
  schema: { operationId?: string; params?: TSchema; querystring?: TSchema; body?: TSchema }
  handler: (request: FastifyRequest) => unknown
}

/** By `operationId`. */
export type KeptRoutes = ReadonlyMap<string, KeptRoute>

/** `scope` for adding routes that are kept in `routes` as well, with nothing around them that a host or HTTP wants. */
export function keepingRoutes(scope: Scope, routes: Map<string, KeptRoute>): Scope {
  const adding = (method: KeptRoute['method']) => ({
    value: (url: string, options: Pick<KeptRoute, 'schema'>, handler: KeptRoute['handler']) => {
      const { schema } = options
      if (schema.operationId !== undefined) routes.set(schema.operationId, { method, url, schema, handler })
      scope[method](url, options, handler)
    }
  })
  return Object.create(scope, { delete: adding('delete'), get: adding('get'), post: adding('post') }) as Scope
}
