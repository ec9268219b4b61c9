import type { TSchema } from '@sinclair/typebox'
import type { FastifyRequest } from 'fastify'
import { type AddedRoute, addingRoutes } from '../../../plugins/routes/wrap-routes'
import type { Scope } from '../../protocol/scope'

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
export const keepingRoutes = (scope: Scope, routes: Map<string, KeptRoute>): Scope =>
  addingRoutes(scope, ({ method, url, options, handler }: Added) => {
    const { schema } = options
    if (schema.operationId !== undefined) routes.set(schema.operationId, { method, url, schema, handler })
    return options
  })

type Added = AddedRoute<Pick<KeptRoute, 'schema'>, KeptRoute['handler']>
