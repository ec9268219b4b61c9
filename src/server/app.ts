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
import { unreadablePath, unreadableRequest } from './http/malformed-requests'

export interface AppOptions {
  /** What it answers HTTPS with; without it, plain HTTP. */
  tls?: Tls | undefined
  /** Whether live keys are taken. */
  liveMode: boolean
}

/** The Fastify app of the stand-alone server: the vault, its document and docs page, `GET /health`, the wire's 404. */
export async function buildApp(
  settings: Settings,
  { pool, embedded }: OpenDatabase,
  { fingerprintKey, secretKey }: Secrets,
  { tls, liveMode }: AppOptions = { liveMode: true }
): Promise<FastifyInstance> {
  // The head has 15 s to arrive, and so has the handshake before it.
  const patience = { headersTimeout: 15_000, connectionsCheckingInterval: 5000 }
  const options: FastifyServerOptions = {
    logger: { level: settings.logLevel, serializers: { req: withoutSecrets } },
    bodyLimit: 512 * 1024,
    // An id of any length is answered as an unknown one, not by the router.
    routerOptions: { maxParamLength: 5000 },
    // A request has 30 s to arrive. The socket may be silent for longer: five tries at a locked row take 25 s.
    requestTimeout: 30_000,
    connectionTimeout: 60_000,
    trustProxy: settings.trustProxy ?? false,
    ...(tls ? { https: { ...tls, ...patience, handshakeTimeout: 15_000 } } : { http: patience }),
    // What still comes in on an open connection while we stop is answered; the connection closes behind it.
    return503OnClosing: false,
    frameworkErrors: unreadablePath,
    clientErrorHandler: unreadableRequest
  }
  const app = Fastify(options)
  warnOfLostConnections(app, pool)
  handleErrors(app)
  app.setNotFoundHandler(unknownRoute)
  health(app, pool)
  const onlyHere = isOnlyForThisMachine(settings)
  const pages = { secretKey: onlyHere ? secretKey : undefined }
  await app.register(paymentVault, {
    pool,
    fingerprintKey,
    schema: settings.schema,
    // One is left for `GET /health`.
    maxConnections: pool.options.max - 1,
    migrate: 'off',
    preparedStatements: embedded,
    rowLevelSecurity: settings.rowLevelSecurity,
    openapi: true,
    deliverWebhooks: settings.deliverWebhooks,
    rateLimit: settings.rateLimit,
    liveMode,
    docs: pages,
    inspector: (settings.inspector ?? (onlyHere && !liveMode)) && pages
  })
  return app
}

/** The pages hand the key to whoever opens them. Behind a proxy that may be anybody. */
const isOnlyForThisMachine = ({ host, behindTls, trustProxy }: Settings): boolean =>
  isLoopbackHost(host) && !behindTls && trustProxy === undefined
