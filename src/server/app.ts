import Fastify, { type FastifyInstance, type FastifyServerOptions } from 'fastify'
import { handleErrors, unknownRoute } from '../../plugins/reply/error-handler'
import { isLoopbackHost } from '../../plugins/auth/network'
import { paymentVault } from '../plugin/payment-vault'
import { warnOfLostConnections } from '../storage/pool'
import type { Settings } from './settings'
import { health } from './http/health'
import { withoutSecrets } from './http/log-serializer'
import type { OpenDatabase } from './open-database'
import type { Secrets } from './secrets/secrets'
import type { Tls } from './secrets/tls'
import { malformedPath, malformedRequest } from './http/malformed-requests'

interface AppOptions {
  /** The certificate and key for HTTPS; plain HTTP if unset. */
  tls?: Tls | undefined
  /** Whether the app accepts live keys. */
  liveMode: boolean
}

/** Builds the app of the stand-alone server: the vault, its OpenAPI document, docs page, `GET /health` and 404. */
export async function buildApp(
  settings: Settings,
  { pool, embedded }: OpenDatabase,
  { fingerprintKey, secretKey }: Secrets,
  { tls, liveMode }: AppOptions = { liveMode: true }
): Promise<FastifyInstance> {
  // The TLS handshake and the request headers have 15 s each.
  const timeouts = { headersTimeout: 15_000, connectionsCheckingInterval: 5000 }
  const options: FastifyServerOptions = {
    logger: { level: settings.logLevel, serializers: { req: withoutSecrets } },
    bodyLimit: 512 * 1024,
    // The vault answers an id of any length as an unknown id; the router would answer 414.
    routerOptions: { maxParamLength: 5000 },
    // A request has 30 s to arrive. The socket may be idle for longer: five attempts at a locked row take 25 s.
    requestTimeout: 30_000,
    connectionTimeout: 60_000,
    trustProxy: settings.trustProxy ?? false,
    ...(tls ? { https: { ...tls, ...timeouts, handshakeTimeout: 15_000 } } : { http: timeouts }),
    // While the server stops, it answers requests on open connections, and closes each connection after the answer.
    return503OnClosing: false,
    frameworkErrors: malformedPath,
    clientErrorHandler: malformedRequest
  }
  const app = Fastify(options)
  warnOfLostConnections(app, pool)
  handleErrors(app)
  app.setNotFoundHandler(unknownRoute)
  health(app, pool)
  const loopbackOnly = isLoopbackOnly(settings)
  const pages = { secretKey: loopbackOnly ? secretKey : undefined }
  await app.register(paymentVault, {
    pool,
    fingerprintKey,
    schema: settings.schema,
    // Leaves one connection for `GET /health`.
    maxConnections: pool.options.max - 1,
    migrate: 'off',
    preparedStatements: embedded,
    rowLevelSecurity: settings.rowLevelSecurity,
    openapi: true,
    deliverWebhooks: settings.deliverWebhooks,
    rateLimit: settings.rateLimit,
    liveMode,
    docs: pages,
    inspector: (settings.inspector ?? (loopbackOnly && !liveMode)) && pages
  })
  return app
}

/** Returns whether the pages may receive the key: a server behind a proxy may have visitors from other machines. */
const isLoopbackOnly = ({ host, behindTls, trustProxy }: Settings): boolean =>
  isLoopbackHost(host) && !behindTls && trustProxy === undefined
