import fp from 'fastify-plugin'
import type { FastifyInstance } from 'fastify'
import { type Authenticate, keyAuthentication } from '../../plugins/auth/api-keys'
import { Batcher, unshared } from '../../plugins/database/batcher'
import { besideAHost } from '../../plugins/routes/isolate-routes'
import { Database, defaultSchema } from '../../plugins/database/database'
import { handleErrors, unknownRoute } from '../../plugins/reply/error-handler'
import { form } from '../../plugins/params/form'
import { answerHeaders } from '../../plugins/reply/headers'
import { shapeHostReplies } from '../../plugins/reply/host-replies'
import { removeOldKeys } from '../../plugins/idempotency/expiry'
import { usualGuessLimit } from '../../plugins/auth/guess-limit'
import { preflight } from '../../plugins/reply/preflight'
import { rateLimiter } from '../../plugins/auth/rate-limit'
import { refuseStrayParameters } from '../../plugins/params/refuse-unknown-parameters'
import { validatorCompiler } from '../../plugins/params/validation'
import { noteLastUses } from '../resources/accounts/last-use'
import { findKey } from '../resources/accounts/store'
import { authenticationRoutes } from '../pages/authentication/routes'
import type { Vault } from '../resources/call'
import { receiveCalls } from './receive'
import { checkOptions } from './check-options'
import { checkRowLevelSecurity } from '../storage/check-row-level-security'
import { docsPage } from '../pages/docs'
import { warnOfLosses } from '../storage/durability'
import { CommittedEvents } from '../resources/events/committed'
import { removeOldEvents } from '../resources/events/retention'
import { wrapBeforeAttach } from '../in-process/before-attach'
import { vaultDecorator } from '../in-process/decorate'
import { inProcess } from '../in-process/in-process'
import { type RegisteredRoute, registeringRoutes } from '../in-process/operations/route-registry'
import { checkParamLength } from './param-length'
import { listeners } from '../in-process/listeners'
import { inspectorCalls } from '../pages/inspector/calls'
import { logRequests, RequestLog } from '../pages/inspector/log'
import { inspectorPage } from '../pages/inspector/page'
import { finishAbandonedRegularly } from '../resources/intents/recover-operations'
import { serveDocument } from '../pages/document'
import type { PaymentVaultOptions } from './options'
import { longestTimer, usualRetention } from './options-schema'
import { routesNeedPermissions } from './permissions'
import { poolOf } from '../storage/pool'
import { prepareSchema } from '../storage/prepare-schema'
import { discreet } from '../processor/redact-errors'
import { testProcessor } from '../processor/test/processor'
import { routes } from '../resources/index'
import { deliverWebhooks } from '../webhooks/plugin'
import { keyFor } from '../protocol/values/derived-secret'
import { pageVersion } from '../protocol/versions'

async function mount(app: FastifyInstance, options: PaymentVaultOptions): Promise<void> {
  checkOptions(options)
  checkParamLength(app)
  const decorate = vaultDecorator(app, options.decorateAs ?? 'paymentVault')
  // Not wrapped in fastify-plugin: this is what keeps all the rest inside, and what the prefix is for.
  await app.register(async (scope) => {
    // Beside the vault and not in it: whoever calls that is asked for a key.
    await scope.register(async (beside) => {
      preflight(beside, '/v1/*')
      if (options.openapi) serveDocument(beside, options.jsonBodies)
      if (options.docs) docsPage(beside, options.docs, options.jsonBodies)
      if (options.inspector) inspectorPage(beside, options.inspector)
    })
    // Once its scope is registered, which the other one waits for.
    let stands!: Vault
    await scope.register(async (within) => {
      const routes = new Map<string, RegisteredRoute>()
      stands = await vault(within, options, routes)
      const { liveMode = true } = options
      decorate({ ...listeners(within, stands), ...inProcess(within, stands, { routes, liveMode }) })
    })
    await scope.register(async (pages) => authenticationRoutes(pages, stands))
  }, options)
}

async function vault(
  scope: FastifyInstance,
  options: PaymentVaultOptions,
  kept: Map<string, RegisteredRoute>
): Promise<Vault> {
  const { pool, maxConnections } = poolOf(scope, options)
  const schema = options.schema ?? defaultSchema
  const { preparedStatements: prepared = false, rowLevelSecurity = false } = options
  await prepareSchema(pool, schema, options.migrate ?? 'auto', rowLevelSecurity, (line) => {
    scope.log.warn(line)
  })

  const { databaseTimeout, beforeAttach, beforeAttachTimeout = 10_000 } = options
  const db = new Database(pool, {
    ...{ schema, prepared, rowLevelSecurity, maxConnections },
    ...(databaseTimeout !== undefined && { timeout: databaseTimeout }),
    // The transaction of an attach is silent while the host's hook is at work.
    ...(beforeAttach && { silence: Math.min(beforeAttachTimeout + 5000, longestTimer) })
  })
  if (rowLevelSecurity) await checkRowLevelSecurity(db)
  const batcher = (options.shareTransactions ?? true) ? new Batcher(db, sharedTransactions) : unshared(db)
  // What was taken is answered, before a pool of our own ends.
  scope.addHook('onClose', () => batcher.drained())
  const stands: Vault = {
    db,
    batcher,
    processor: discreet(options.processor ?? testProcessor({ fingerprintKey: options.fingerprintKey })),
    processorTimeout: options.processorTimeout ?? 20_000,
    parametersKey: keyFor('idempotency parameters', options.fingerprintKey),
    secretsKey: keyFor('secrets', options.fingerprintKey),
    defaultVersion: options.defaultVersion ?? pageVersion,
    publicUrl: options.publicUrl?.replace(/(?<!\/)\/+$/, ''),
    committed: new CommittedEvents(),
    beforeAttach: beforeAttach && wrapBeforeAttach(beforeAttach, beforeAttachTimeout)
  }
  warnOfLosses(scope, db)

  scope.setValidatorCompiler(validatorCompiler)
  handleErrors(scope)
  answerHeaders(scope)
  shapeHostReplies(scope)
  receiveCalls(scope, stands, {
    authenticate: options.authenticate ?? byKeys(scope, db, options),
    limit: options.rateLimit && rateLimiter(options.rateLimit),
    liveMode: options.liveMode ?? true
  })
  await form(scope, { json: options.jsonBodies ?? true, bodyLimit: 512 * 1024 })

  if (options.inspector) {
    const log = new RequestLog()
    logRequests(scope, log)
    // Of its own: it has no part in what restricted keys may do, which is nothing here.
    await scope.register(async (calls) => {
      inspectorCalls(calls, log)
    })
  }
  refuseStrayParameters(scope)
  routesNeedPermissions(scope)
  routes(registeringRoutes(besideAHost(scope), kept))
  const methods = scope.supportedMethods.filter((method) => method !== 'OPTIONS')
  // Before the body is looked at: what is unknown is that, whatever was sent there.
  const unknown = { schema: { hide: true }, onRequest: unknownRoute, handler: unknownRoute }
  scope.route({ method: methods, url: '/v1/*', ...unknown })
  const { keepIdempotencyKeysFor, keepEventsFor } = usualRetention
  removeOldKeys(scope, db, { keepFor: options.keepIdempotencyKeysFor ?? keepIdempotencyKeysFor })
  removeOldEvents(scope, db, { keepFor: options.keepEventsFor ?? keepEventsFor })
  finishAbandonedRegularly(scope, stands)
  if (options.deliverWebhooks ?? true) deliverWebhooks(scope, stands, options.webhookRetries)
  return stands
}

// Measured at 8 to 256 connections, in turns: beside two batches at a time, one at a time makes 1.1 times as many attaches
// at 64 and costs Postgres three quarters as much for each. More than 32 calls in one gain nothing but wait. A batch takes
// some 5 ms; 100 ms where it waits for a lock.
const sharedTransactions = { slots: 2, patience: 20, size: 32, room: 2000 }

function byKeys(scope: FastifyInstance, db: Database, options: PaymentVaultOptions): Authenticate {
  const used = noteLastUses(scope, db)
  const find = async (hash: Buffer) => {
    const key = await findKey(db, hash)
    if (key && (key.expires ?? Infinity) > Date.now()) used(key)
    return key
  }
  const { rememberKeysFor: rememberFor = 2000, limitKeyGuesses: guesses = usualGuessLimit } = options
  return keyAuthentication(find, { rememberFor, guesses: guesses || undefined })
}

/**
 * The vault as a Fastify plugin: `await app.register(paymentVault, { pool, fingerprintKey, prefix: '/billing' })`.
 * Its parser, validator, error handler and hooks stay inside; the host's routes answer as before. The app it is
 * registered in gets `app.paymentVault`, and nothing else.
 * Fails to register with an option that is wrong or unknown, without a database, or (`migrate: 'check'`) with one whose
 * schema is behind.
 */
export const paymentVault = fp(mount, { name: 'fastify-payment-vault', fastify: '5.x' })
