import fp from 'fastify-plugin'
import type { FastifyInstance } from 'fastify'
import { Pool } from 'pg'
import { keyAuthentication } from '../plugins/authentication'
import { Batcher, unshared } from '../plugins/batcher'
import { Database, defaultSchema } from '../plugins/database'
import { handleErrors, unknownRoute } from '../plugins/error-handler'
import { form } from '../plugins/form'
import { answerHeaders } from '../plugins/headers'
import { removeOldKeys } from '../plugins/idempotency-retention'
import { preflight } from '../plugins/preflight'
import { refuseStrayParameters } from '../plugins/stray-parameters'
import { validatorCompiler } from '../plugins/validation'
import { findPrincipal } from './accounts/store'
import { authenticationRoutes } from './authentication/routes'
import { receiveCalls, type Vault } from './call'
import { CommittedEvents } from './events/committed'
import { removeOldEvents } from './events/retention'
import { hookBeforeAttach } from './host/before-attach'
import { decorating } from './host/decorate'
import { listeners } from './host/listeners'
import { finishAbandonedRegularly } from './intents/finish-abandoned'
import { checkMigrations, migrate } from './migrate'
import { serveDocument } from './openapi-document'
import type { PaymentVaultOptions } from './options'
import { testProcessor } from './processor/test-processor'
import { routes } from './routes'
import { deliverBeside } from './webhooks/deliver-beside'
import { keyFor } from './wire/derived-secret'
import { pageVersion } from './wire/versions'

async function mount(app: FastifyInstance, options: PaymentVaultOptions): Promise<void> {
  const decorate = decorating(app, options.decorateAs ?? 'paymentVault')
  // Not wrapped in fastify-plugin: this is what keeps all the rest inside, and what the prefix is for.
  await app.register(async (scope) => {
    // Beside the vault and not in it: whoever calls that is asked for a key.
    await scope.register(async (beside) => {
      preflight(beside, '/v1/*')
      if (options.openapi) serveDocument(beside, options.jsonBodies)
    })
    // Once its scope is registered, which the other one waits for.
    let stands!: Vault
    await scope.register(async (within) => {
      stands = await vault(within, options)
      decorate(listeners(within, stands))
    })
    await scope.register(async (pages) => authenticationRoutes(pages, stands))
  }, options)
}

async function vault(scope: FastifyInstance, options: PaymentVaultOptions): Promise<Vault> {
  const pool = poolOf(scope, options)
  const schema = options.schema ?? defaultSchema
  if (options.migrate === 'check') await checkMigrations(pool, { schema })
  else if (options.migrate !== 'off') await migrate(pool, { schema })

  const db = new Database(pool, { schema, prepared: options.preparedStatements ?? false })
  const batcher = (options.shareTransactions ?? true) ? new Batcher(db, sharedTransactions) : unshared(db)
  // What was taken is answered, before a pool of our own ends.
  scope.addHook('onClose', () => batcher.drained())
  const stands: Vault = {
    db,
    batcher,
    processor: options.processor ?? testProcessor({ fingerprintKey: options.fingerprintKey }),
    processorTimeout: options.processorTimeout ?? 20_000,
    parametersKey: keyFor('idempotency parameters', options.fingerprintKey),
    secretsKey: keyFor('secrets', options.fingerprintKey),
    defaultVersion: options.defaultVersion ?? pageVersion,
    publicUrl: options.publicUrl?.replace(/\/+$/, ''),
    committed: new CommittedEvents(),
    beforeAttach:
      options.beforeAttach && hookBeforeAttach(options.beforeAttach, options.beforeAttachTimeout ?? 10_000)
  }
  const authenticate =
    options.authenticate ??
    keyAuthentication((hash) => findPrincipal(db, hash), { rememberFor: options.rememberKeysFor ?? 2000 })

  scope.setValidatorCompiler(validatorCompiler)
  handleErrors(scope)
  answerHeaders(scope)
  receiveCalls(scope, stands, authenticate)
  await form(scope, { json: options.jsonBodies ?? true, bodyLimit: 512 * 1024 })

  refuseStrayParameters(scope)
  routes(scope)
  const methods = scope.supportedMethods.filter((method) => method !== 'OPTIONS')
  // Before the body is looked at: what is unknown is that, whatever was sent there.
  scope.route({ method: methods, url: '/v1/*', onRequest: unknownRoute, handler: unknownRoute })
  const keepKeysFor = options.keepIdempotencyKeysFor ?? 25 * 3600 * 1000
  removeOldKeys(scope, db, { keepFor: keepKeysFor })
  removeOldEvents(scope, db, { keepFor: options.keepEventsFor ?? 30 * 24 * 3600 * 1000, keepKeysFor })
  finishAbandonedRegularly(scope, stands)
  if (options.deliverWebhooks ?? true) deliverBeside(scope, stands, options.webhookRetries)
  return stands
}

// Measured with 16, 64 and 200 connections. One batch at a time leaves the database idle while answers are made; three or
// four are smaller ones, and cost Postgres up to twice as much for each call. More than 32 calls gain nothing but wait.
const sharedTransactions = { slots: 2, size: 32, room: 2000 }

function poolOf(scope: FastifyInstance, options: PaymentVaultOptions): Pool {
  if (options.pool) return options.pool
  if (options.connectionString !== undefined) {
    const pool = new Pool({ connectionString: options.connectionString })
    // An idle connection that the server closes must not take the process with it.
    pool.on('error', (error) => {
      scope.log.warn({ err: error }, 'an idle database connection was lost')
    })
    scope.addHook('onClose', () => pool.end())
    return pool
  }
  const ofHost = (scope as { pg?: { pool?: Pool } }).pg?.pool
  if (ofHost) return ofHost
  throw new Error(
    'fastify-payment-vault needs a database: pass `pool` or `connectionString`, or register @fastify/postgres before it.'
  )
}

/**
 * The vault as a Fastify plugin: `await app.register(paymentVault, { pool, fingerprintKey, prefix: '/billing' })`.
 * Its parser, validator, error handler and hooks stay inside; the host's routes answer as before. The app it is
 * registered in gets `app.paymentVault`, and nothing else.
 * Fails to register without a database, or (`migrate: 'check'`) with one whose schema is behind.
 */
export const paymentVault = fp(mount, { name: 'fastify-payment-vault', fastify: '5.x' })
