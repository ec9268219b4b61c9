import Fastify, { type FastifyInstance } from 'fastify'
import { handleErrors, unknownRoute } from '../../plugins/error-handler'
import { docsPage } from '../docs-page'
import { openApiDocument } from '../openapi-document'
import { paymentVault } from '../payment-vault'
import type { Settings } from '../settings'
import { health } from './health'
import type { OpenDatabase } from './open-database'
import type { Secrets } from './secrets'
import { unreadablePath, unreadableRequest } from './unreadable'

const loopback = ['127.0.0.1', '::1', 'localhost']

/** The Fastify app of the stand-alone server: the vault, its document and docs page, `GET /health`, the wire's 404. */
export async function buildApp(
  settings: Settings,
  { pool, embedded }: OpenDatabase,
  { fingerprintKey, secretKey }: Secrets
): Promise<FastifyInstance> {
  const app = Fastify({
    logger: { level: settings.logLevel, serializers: { req: withoutSecrets } },
    bodyLimit: 512 * 1024,
    // An id of any length is answered as an unknown one, not by the router.
    routerOptions: { maxParamLength: 5000 },
    // A request has 30 s to arrive. The socket may be silent for longer: five tries at a locked row take 25 s.
    requestTimeout: 30_000,
    connectionTimeout: 60_000,
    http: { headersTimeout: 15_000, connectionsCheckingInterval: 5000 },
    // What still comes in on an open connection while we stop is answered; the connection closes behind it.
    return503OnClosing: false,
    frameworkErrors: unreadablePath,
    clientErrorHandler: unreadableRequest
  })
  pool.on('error', (error) => {
    app.log.warn({ err: error }, 'an idle database connection was lost')
  })
  handleErrors(app)
  app.setNotFoundHandler(unknownRoute)
  health(app, pool)
  await app.register(paymentVault, {
    pool,
    fingerprintKey,
    schema: settings.schema,
    migrate: 'off',
    preparedStatements: embedded,
    openapi: true,
    deliverWebhooks: settings.deliverWebhooks
  })
  await docsPage(app, {
    document: openApiDocument,
    // The page hands the key to whoever opens it: only from this machine.
    secretKey: loopback.includes(settings.host) ? secretKey : undefined
  })
  return app
}

/** No headers, which hold the key, and no query, which may hold an e-mail address. */
const withoutSecrets = ({ method, url }: { method: string; url: string }) => ({
  method,
  path: url.split('?', 1)[0]
})
