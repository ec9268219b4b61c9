import type { FastifyInstance } from 'fastify'

export interface DocsPageOptions {
  /** Filled in for trying calls out, where it is a test-mode key: whoever can open the page can read it. */
  secretKey?: string | undefined
  document: () => object | Promise<object>
}

/**
 * Serves `/docs`: the document, to read and to try out against the server that the page came from. Everything that
 * the page loads comes from here.
 */
export async function docsPage(
  app: FastifyInstance,
  { secretKey, document }: DocsPageOptions
): Promise<void> {
  // Whoever never shows the page never loads these.
  const [{ fastifySwagger }, { fastifySwaggerUi }] = await Promise.all([
    import('@fastify/swagger'),
    import('@fastify/swagger-ui')
  ])
  // Calls go to where the page came from, under whatever name that is known to the browser.
  const here = { ...(await document()), servers: [{ url: '/' }] }
  const key = secretKey?.startsWith('sk_test_') ? secretKey : undefined

  await app.register(async (scope) => {
    // Else any page in the browser could load our scripts as its own, and read the key out of them.
    scope.addHook('onRequest', (_request, reply, done) => {
      void reply.header('cross-origin-resource-policy', 'same-origin')
      done()
    })
    await scope.register(fastifySwagger, { mode: 'static', specification: { document: here as never } })
    await scope.register(fastifySwaggerUi, {
      routePrefix: '/docs',
      staticCSP: contentPolicy,
      uiConfig: { docExpansion: 'list', tryItOutEnabled: true, layout: 'BaseLayout' },
      theme: {
        title: 'fastify-payment-vault',
        ...(key !== undefined && { js: [{ filename: 'key.js', content: fillIn(key) }] })
      }
    })
  })
}

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
