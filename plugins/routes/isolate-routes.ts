import type { FastifyInstance } from 'fastify'
import { wrapRoutes } from './wrap-routes'

/**
 * `scope` for adding routes that a host's own settings and documents do not touch: none of its documents lists them, or
 * has them gone through by what was written for the host's schemas, and a HEAD is answered as a GET whatever the host
 * says. They are told so from the beginning, as a host's hooks see a route before any hook of ours.
 */
export const isolateRoutes = <Scope extends FastifyInstance>(scope: Scope): Scope =>
  wrapRoutes(scope, ({ method, options }: { method: string; options: RouteOptions }) => ({
    ...options,
    schema: { ...options.schema, hide: true },
    // As @fastify/swagger has it.
    config: { ...options.config, swaggerTransform: false },
    exposeHeadRoute: method === 'get'
  }))

interface RouteOptions {
  config?: object
  schema?: object
}
