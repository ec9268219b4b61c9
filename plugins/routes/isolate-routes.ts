import type { FastifyInstance } from 'fastify'
import { wrapRoutes } from './wrap-routes'

/**
 * Returns `scope` with routes isolated from the host's settings and documents. No document of the host lists
 * them, its swagger transform skips them, and HEAD works on each GET. The options are set before the route is
 * added, because the host's hooks see a route before ours do.
 */
export const isolateRoutes = <Scope extends FastifyInstance>(scope: Scope): Scope =>
  wrapRoutes(scope, ({ method, options }: { method: string; options: RouteOptions }) => ({
    ...options,
    schema: { ...options.schema, hide: true },
    // @fastify/swagger reads this.
    config: { ...options.config, swaggerTransform: false },
    exposeHeadRoute: method === 'get'
  }))

interface RouteOptions {
  config?: object
  schema?: object
}
