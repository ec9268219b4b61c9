import type { TSchema } from '@sinclair/typebox'
import type { FastifyRequest } from 'fastify'
import { type AddedRoute, wrapRoutes } from '../../../plugins/routes/wrap-routes'
import type { Scope } from '../../protocol/scope'
import { withoutRequest } from '../../resources/call'
import type { Performed } from './perform'

/** A route of the vault: its schemas and its handler. */
export interface RegisteredRoute {
  method: 'delete' | 'get' | 'post'
  url: string
  schema: { operationId?: string; params?: TSchema; querystring?: TSchema; body?: TSchema }
  handler: (request: FastifyRequest) => unknown
}

/** The routes by `operationId`. */
export type RouteRegistry = ReadonlyMap<string, RegisteredRoute>

/** Returns a scope that also adds each route to `routes`, without the wrappers for the host and HTTP. */
export const registeringRoutes = (scope: Scope, routes: Map<string, RegisteredRoute>): Scope =>
  wrapRoutes(scope, ({ method, url, options, handler }: Added) => {
    const { schema } = options
    if (schema.operationId !== undefined) routes.set(schema.operationId, { method, url, schema, handler })
    return options
  })

type Added = AddedRoute<Pick<RegisteredRoute, 'schema'>, RegisteredRoute['handler']>

/** A route that is no declared operation yet, as one: its handler gets a request that never came in. */
export const operationOf = ({ method, url, schema, handler }: RegisteredRoute): Performed => ({
  method,
  url,
  schema: schema as Performed['schema'],
  run: (call, params, input) => {
    const [query, body] = method === 'post' ? [{}, input] : [input, undefined]
    return handler(withoutRequest(call, { params, query, body }))
  }
})
