import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { openApiDocument } from './document'
import { isFromThisMachine } from './same-machine'
import type { KeyForPages } from './key-for-pages'

/**
 * Serves `/docs`: the OpenAPI document as an interactive page that calls this server. The page loads nothing from other
 * servers. The first request builds it in a separate app. Without requests it costs nothing, and it does not conflict
 * with Swagger pages of the host.
 */
export function docsPage(
  scope: FastifyInstance,
  given: true | KeyForPages,
  jsonBodies: boolean | undefined
): void {
  let made: Promise<FastifyInstance> | undefined
  const serve = async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    const pages = await (made ??= makePages(scope.prefix, given === true ? {} : given, jsonBodies))
    reply.hijack()
    pages.routing(request.raw, reply.raw)
  }
  const options = { schema: { hide: true } }
  scope.get('/docs', options, serve)
  scope.get('/docs/*', options, serve)
  scope.addHook('onClose', async () => (await made?.catch(() => undefined))?.close())
}

async function makePages(
  prefix: string,
  { secretKey }: KeyForPages,
  jsonBodies: boolean | undefined
): Promise<FastifyInstance> {
  const [{ fastifySwagger }, { fastifySwaggerUi }, document] = await Promise.all([
    import('@fastify/swagger'),
    import('@fastify/swagger-ui'),
    openApiDocument({ jsonBodies })
  ])
  const app = Fastify()
  // Otherwise any page in the browser could load the script and read the key.
  app.addHook('onRequest', (request, reply, done) => {
    void reply.header('cross-origin-resource-policy', 'same-origin')
    if (request.url.includes(keyFile) && !isFromThisMachine(request))
      void reply.type('text/javascript').send('')
    else done()
  })
  // A relative URL sends calls to the page's own origin.
  const here = { ...document, servers: [{ url: prefix === '' ? '/' : prefix }] }
  await app.register(fastifySwagger, { mode: 'static', specification: { document: here as never } })
  await app.register(fastifySwaggerUi, {
    routePrefix: `${prefix}/docs`,
    staticCSP: contentPolicy,
    uiConfig: { docExpansion: 'list', tryItOutEnabled: true, layout: 'BaseLayout' },
    theme: {
      title: 'fastify-payment-vault',
      ...(secretKey !== undefined && { js: [{ filename: keyFile, content: fillIn(secretKey) }] })
    }
  })
  await app.ready()
  return app
}

const keyFile = 'key.js'

// Swagger UI uses style attributes, and data URLs for its icons.
const contentPolicy =
  "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'"

/** Returns a script that fills in the key. It wraps SwaggerUIBundle, because the page does not expose its instance. */
const fillIn = (key: string): string => `{
  const make = window.SwaggerUIBundle
  const wrapped = (config) => {
    const ui = make({
      ...config,
      onComplete: () => ui.preauthorizeApiKey('bearerAuth', ${JSON.stringify(key)})
    })
    return ui
  }
  window.SwaggerUIBundle = Object.assign(wrapped, make)
}
`
