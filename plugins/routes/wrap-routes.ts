import type { FastifyInstance } from 'fastify'

/** A route added with `scope.get(url, options, handler)` or its siblings. */
export interface AddedRoute<Options, Handler> {
  method: 'delete' | 'get' | 'post'
  url: string
  options: Options
  handler: Handler
}

/**
 * Returns `scope` with methods that pass each route's options through `change`. Unlike a hook, `change` runs
 * before the host's hooks, which may wrap a handler.
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
