import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { openApiDocument } from './document'
import { isOpenedHere } from './same-machine'
import type { KeyForPages } from './key-for-pages'

/**
 * Serves `/docs`: the document, to read and to try out against the server that the page came from. Everything that
 * the page loads comes from here. It is made when somebody first opens it, in an app of its own: whoever never does
 * loads nothing of it, and a host may have such pages too.
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
  // Else any page in the browser could load our scripts as its own, and read the key out of them.
  app.addHook('onRequest', (request, reply, done) => {
    void reply.header('cross-origin-resource-policy', 'same-origin')
    if (request.url.includes(keyFile) && !isOpenedHere(request)) void reply.type('text/javascript').send('')
    else done()
  })
  // Calls go to where the page came from, under whatever name that is known to the browser.
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

// The page styles itself by attributes, and its icons are in its style sheet.
const contentPolicy =
  "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'"

/** Runs before the page's own start, which keeps what it makes to itself: so the maker is wrapped. */
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
