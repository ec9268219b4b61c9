import fp from 'fastify-plugin'
import type { FastifyInstance } from 'fastify'
import { type Authenticate, keyAuthentication } from '../plugins/authentication'
import { Batcher, unshared } from '../plugins/batcher'
import { besideAHost } from '../plugins/beside-a-host'
import { Database, defaultSchema } from '../plugins/database'
import { handleErrors, unknownRoute } from '../plugins/error-handler'
import { form } from '../plugins/form'
import { answerHeaders } from '../plugins/headers'
import { removeOldKeys } from '../plugins/idempotency-retention'
import { usualGuessLimit } from '../plugins/key-guesses'
import { preflight } from '../plugins/preflight'
import { rateLimiter } from '../plugins/rate-limit'
import { refuseStrayParameters } from '../plugins/stray-parameters'
import { validatorCompiler } from '../plugins/validation'
import { noteLastUses } from './accounts/last-use'
import { findKey } from './accounts/store'
import { authenticationRoutes } from './authentication/routes'
import { receiveCalls, type Vault } from './call'
import { checkOptions } from './check-options'
import { checkRowLevelSecurity } from './check-row-level-security'
import { docsPage } from './docs-page'
import { warnOfLosses } from './durability'
import { CommittedEvents } from './events/committed'
import { removeOldEvents } from './events/retention'
import { hookBeforeAttach } from './host/before-attach'
import { decorating } from './host/decorate'
import { inProcess } from './host/in-process'
import { type KeptRoute, keepingRoutes } from './host/kept-routes'
import { checkParamLength } from './host/param-length'
import { listeners } from './host/listeners'
import { inspectorCalls } from './inspector/calls'
import { logRequests, RequestLog } from './inspector/log'
import { inspectorPage } from './inspector/page'
import { finishAbandonedRegularly } from './intents/finish-abandoned'
import { serveDocument } from './openapi-document'
import type { PaymentVaultOptions } from './options'
import { longestTimer, usualRetention } from './options-schema'
import { routesNeedPermissions } from './permissions'
import { poolOf } from './pool'
import { prepareSchema } from './prepare-schema'
import { discreet } from './processor/discreet'
import { testProcessor } from './processor/test-processor'
import { routes } from './routes'
import { deliverBeside } from './webhooks/deliver-beside'
import { keyFor } from './wire/derived-secret'
import { pageVersion } from './wire/versions'

async function mount(app: FastifyInstance, options: PaymentVaultOptions): Promise<void> {
  checkOptions(options)
  checkParamLength(app)
  const decorate = decorating(app, options.decorateAs ?? 'paymentVault')
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
      const routes = new Map<string, KeptRoute>()
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
  kept: Map<string, KeptRoute>
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
    beforeAttach: beforeAttach && hookBeforeAttach(beforeAttach, beforeAttachTimeout)
  }
  warnOfLosses(scope, db)

  scope.setValidatorCompiler(validatorCompiler)
  handleErrors(scope)
  answerHeaders(scope)
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
  routes(keepingRoutes(besideAHost(scope), kept))
  const methods = scope.supportedMethods.filter((method) => method !== 'OPTIONS')
  // Before the body is looked at: what is unknown is that, whatever was sent there.
  const unknown = { schema: { hide: true }, onRequest: unknownRoute, handler: unknownRoute }
  scope.route({ method: methods, url: '/v1/*', ...unknown })
  const { keepIdempotencyKeysFor, keepEventsFor } = usualRetention
  removeOldKeys(scope, db, { keepFor: options.keepIdempotencyKeysFor ?? keepIdempotencyKeysFor })
  removeOldEvents(scope, db, { keepFor: options.keepEventsFor ?? keepEventsFor })
  finishAbandonedRegularly(scope, stands)
  if (options.deliverWebhooks ?? true) deliverBeside(scope, stands, options.webhookRetries)
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
