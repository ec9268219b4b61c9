import { createHmac } from 'node:crypto'
import fp from 'fastify-plugin'
import type { FastifyInstance } from 'fastify'
import { Pool } from 'pg'
import { keyAuthentication } from '../plugins/authentication'
import { Database, defaultSchema } from '../plugins/database'
import { handleErrors, unknownRoute } from '../plugins/error-handler'
import { form } from '../plugins/form'
import { answerHeaders } from '../plugins/headers'
import { validatorCompiler } from '../plugins/validation'
import { findPrincipal } from './accounts/store'
import { receiveCalls, type Vault } from './call'
import { customerRoutes } from './customers/routes'
import { customerComponents } from './customers/schema'
import { checkMigrations, migrate } from './migrate'
import type { PaymentVaultOptions } from './options'
import { paymentMethodRoutes } from './payment-methods/routes'
import { paymentMethodComponents } from './payment-methods/schema'
import { testProcessor } from './processor/test-processor'
import { ErrorResponse } from './wire/schemas'
import { pageVersion } from './wire/versions'

async function vault(scope: FastifyInstance, options: PaymentVaultOptions): Promise<void> {
  const pool = poolOf(scope, options)
  const schema = options.schema ?? defaultSchema
  if (options.migrate === 'check') await checkMigrations(pool, { schema })
  else if (options.migrate !== 'off') await migrate(pool, { schema })

  const db = new Database(pool, { schema, prepared: options.preparedStatements ?? false })
  const stands: Vault = {
    db,
    processor: options.processor ?? testProcessor({ fingerprintKey: options.fingerprintKey }),
    // A key of its own for each use, so that neither hash says anything of the other.
    parametersKey: createHmac('sha256', options.fingerprintKey).update('idempotency parameters').digest(),
    defaultVersion: options.defaultVersion ?? pageVersion
  }
  const authenticate =
    options.authenticate ??
    keyAuthentication((hash) => findPrincipal(db, hash), { rememberFor: options.rememberKeysFor ?? 2000 })

  scope.setValidatorCompiler(validatorCompiler)
  handleErrors(scope)
  answerHeaders(scope)
  receiveCalls(scope, stands, authenticate)
  await form(scope, { json: options.jsonBodies ?? true, bodyLimit: 512 * 1024 })

  for (const component of [ErrorResponse, ...customerComponents, ...paymentMethodComponents]) {
    scope.addSchema(component)
  }
  customerRoutes(scope)
  paymentMethodRoutes(scope)
  scope.all('/v1/*', unknownRoute)
}

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
 * Its parser, validator, error handler and hooks stay inside; the host's routes answer as before.
 * Fails to register without a database, or (`migrate: 'check'`) with one whose schema is behind.
 */
export const paymentVault = fp(vault, { name: 'fastify-payment-vault', fastify: '5.x', encapsulate: true })
