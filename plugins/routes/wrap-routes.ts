import type { FastifyInstance } from 'fastify'

/** A route as it is added by `scope.get(url, options, handler)` and the like. */
export interface AddedRoute<Options, Handler> {
  method: 'delete' | 'get' | 'post'
  url: string
  options: Options
  handler: Handler
}

/**
 * `scope` for adding routes, each with the options that `change` makes of its own. Unlike a hook it sees them before any
 * hook of a host's, which may wrap a handler.
 */
export function wrapRoutes<Scope extends FastifyInstance, Options, Handler>(
  scope: Scope,
  change: (route: AddedRoute<Options, Handler>) => object
): Scope {
  const adding = (method: AddedRoute<Options, Handler>['method']) => ({
    value: (url: string, options: Options, handler: Handler) => {
      scope[method](url, change({ method, url, options, handler }), handler as never)
    }
  })
  return Object.create(scope, { delete: adding('delete'), get: adding('get'), post: adding('post') }) as Scope
}
