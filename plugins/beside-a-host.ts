import type { FastifyInstance } from 'fastify'

/**
 * `scope` for adding routes that a host's own settings and documents do not touch: none of its documents lists them, or
 * has them gone through by what was written for the host's schemas, and a HEAD is answered as a GET whatever the host
 * says. They are told so from the beginning, as a host's hooks see a route before any hook of ours.
 */
export function besideAHost<Scope extends FastifyInstance>(scope: Scope): Scope {
  const adding = (method: 'delete' | 'get' | 'post') => ({
    value: (url: string, options: RouteOptions, handler: never) => {
      const schema = { ...options.schema, hide: true }
      // As @fastify/swagger has it.
      const config = { ...options.config, swaggerTransform: false } as const
      scope[method](url, { ...options, schema, config, exposeHeadRoute: method === 'get' }, handler)
    }
  })
  return Object.create(scope, { delete: adding('delete'), get: adding('get'), post: adding('post') }) as Scope
}

interface RouteOptions {
  config?: object
  schema?: object
}
