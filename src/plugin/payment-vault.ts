import fp from 'fastify-plugin'
import type { FastifyInstance } from 'fastify'
import { type Authenticate, keyAuthentication } from '../../plugins/auth/api-keys'
import { isolateRoutes } from '../../plugins/routes/isolate-routes'
import type { Database } from '../../plugins/database/database'
import { handleErrors, unknownRoute } from '../../plugins/reply/error-handler'
import { form } from '../../plugins/params/form'
import { answerHeaders } from '../../plugins/reply/headers'
import { shapeHostReplies } from '../../plugins/reply/host-replies'
import { removeOldKeys } from '../../plugins/idempotency/expiry'
import { defaultGuessLimit } from '../../plugins/auth/guess-limit'
import { preflight } from '../../plugins/reply/preflight'
import { rateLimiter } from '../../plugins/auth/rate-limit'
import { refuseUnknownParameters } from '../../plugins/params/refuse-unknown-parameters'
import { validatorCompiler } from '../../plugins/params/validation'
import { noteLastUses } from '../resources/accounts/last-use'
import { findKey } from '../resources/accounts/store'
import { authenticationRoutes } from '../pages/authentication/routes'
import type { Vault } from '../resources/call'
import { receiveCalls } from './receive'
import { checkOptions } from './check-options'
import { docsPage } from '../pages/docs'
import { removeOldEvents } from '../resources/events/retention'
import { vaultDecorator } from '../in-process/decorate'
import { inProcess } from '../in-process/in-process'
import {
  type RegisteredRoute,
  registeringRoutes,
  type RouteRegistry
} from '../in-process/operations/route-registry'
import { openVault } from './open-vault'
import { checkParamLength } from './param-length'
import { listeners } from '../in-process/listeners'
import { inspectorCalls } from '../pages/inspector/calls'
import { logRequests, RequestLog } from '../pages/inspector/log'
import { inspectorPage } from '../pages/inspector/page'
import { finishAbandonedRegularly } from '../resources/intents/recover-operations'
import { serveDocument } from '../pages/document'
import type { PaymentVaultOptions } from './options'
import { defaultRetention } from './options-schema'
import { routesNeedPermissions } from './permissions'
import { routes } from '../resources/index'
import { deliverWebhooks } from '../webhooks/plugin'

async function mount(app: FastifyInstance, options: PaymentVaultOptions): Promise<void> {
  checkOptions(options)
  checkParamLength(app)
  const decorate = vaultDecorator(app, options.decorateAs ?? 'paymentVault')
  // This scope keeps parser, validator, error handler and hooks away from the host, and applies the prefix.
  await app.register(async (scope) => {
    // These routes answer without an API key, so they are outside the scope that authenticates.
    await scope.register(async (pages) => {
      preflight(pages, '/v1/*')
      if (options.openapi) serveDocument(pages, options.jsonBodies)
      if (options.docs) docsPage(pages, options.docs, options.jsonBodies)
      if (options.inspector) inspectorPage(pages, options.inspector)
    })
    const vault = await openVault(scope, options)
    await scope.register(async (api) => {
      const routes = await serveApi(api, vault, options)
      const { liveMode = true } = options
      decorate({ ...listeners(api, vault), ...inProcess(api, vault, { routes, liveMode }) })
    })
    await scope.register(async (pages) => authenticationRoutes(pages, vault))
  }, options)
}

/** Adds the API to the scope, with the background work that belongs to it. Returns its routes. */
async function serveApi(
  scope: FastifyInstance,
  vault: Vault,
  options: PaymentVaultOptions
): Promise<RouteRegistry> {
  const { db } = vault
  scope.setValidatorCompiler(validatorCompiler)
  handleErrors(scope)
  answerHeaders(scope)
  shapeHostReplies(scope)
  receiveCalls(scope, vault, {
    authenticate: options.authenticate ?? byKeys(scope, db, options),
    limit: options.rateLimit && rateLimiter(options.rateLimit),
    liveMode: options.liveMode ?? true
  })
  await form(scope, { json: options.jsonBodies ?? true, bodyLimit: 512 * 1024 })

  if (options.inspector) {
    const log = new RequestLog()
    logRequests(scope, log)
    // A scope of its own: `routesNeedPermissions` does not apply, and restricted keys have no access.
    await scope.register(async (calls) => {
      inspectorCalls(calls, log)
    })
  }
  refuseUnknownParameters(scope)
  routesNeedPermissions(scope)
  const registry = new Map<string, RegisteredRoute>()
  routes(registeringRoutes(isolateRoutes(scope), registry))
  const methods = scope.supportedMethods.filter((method) => method !== 'OPTIONS')
  // An unknown route answers before Fastify parses the body, so that an invalid body is a 404 too.
  const unknown = { schema: { hide: true }, onRequest: unknownRoute, handler: unknownRoute }
  scope.route({ method: methods, url: '/v1/*', ...unknown })
  const { keepIdempotencyKeysFor, keepEventsFor } = defaultRetention
  removeOldKeys(scope, db, { keepFor: options.keepIdempotencyKeysFor ?? keepIdempotencyKeysFor })
  removeOldEvents(scope, db, { keepFor: options.keepEventsFor ?? keepEventsFor })
  finishAbandonedRegularly(scope, vault)
  if (options.deliverWebhooks ?? true) deliverWebhooks(scope, vault, options.webhookRetries)
  return registry
}

function byKeys(scope: FastifyInstance, db: Database, options: PaymentVaultOptions): Authenticate {
  const used = noteLastUses(scope, db)
  const find = async (hash: Buffer) => {
    const key = await findKey(db, hash)
    if (key && (key.expires ?? Infinity) > Date.now()) used(key)
    return key
  }
  const { rememberKeysFor: cacheMs = 2000, limitKeyGuesses = defaultGuessLimit } = options
  return keyAuthentication(find, { cacheMs, guessLimit: limitKeyGuesses || undefined })
}

/**
 * The vault as a Fastify plugin: `await app.register(paymentVault, { pool, fingerprintKey, prefix: '/billing' })`. Its
 * parser, validator, error handler and hooks stay inside: the host's routes are unchanged. It adds only
 * `app.paymentVault`.
 * Registration fails for an invalid or unknown option, without a database, and (`migrate: 'check'`) with an outdated
 * schema.
 */
export const paymentVault = fp(mount, { name: 'fastify-payment-vault', fastify: '5.x' })
