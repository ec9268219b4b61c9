import type { FastifyInstance } from 'fastify'
import { Batcher, unbatched } from '../../plugins/database/batcher'
import { Database } from '../../plugins/database/database'
import { defaultSchema } from '../../plugins/database/statement'
import { wrapBeforeAttach } from '../in-process/before-attach'
import { redactErrors } from '../processor/redact-errors'
import { testProcessor } from '../processor/test/processor'
import { keyFor } from '../protocol/values/derived-secret'
import { pageVersion } from '../protocol/versions'
import type { Vault } from '../resources/call'
import { objects } from '../resources/index'
import { CommittedEvents } from '../resources/events/committed'
import { checkRowLevelSecurity } from '../storage/check-row-level-security'
import { warnAboutDurability } from '../storage/durability'
import { poolOf } from '../storage/pool'
import { prepareSchema } from '../storage/prepare-schema'
import type { PaymentVaultOptions } from './options'
import { longestTimer } from './options-schema'

/** Opens the database, prepares its schema and makes the vault from the options. Throws if the database is not usable. */
export async function openVault(scope: FastifyInstance, options: PaymentVaultOptions): Promise<Vault> {
  const db = await openDatabase(scope, options)
  const batcher = (options.shareTransactions ?? true) ? new Batcher(db, sharedTransactions) : unbatched(db)
  // Accepted calls get their answers before the vault's own pool ends.
  scope.addHook('onClose', () => batcher.drained())
  warnAboutDurability(scope, db)
  const { fingerprintKey, beforeAttach, beforeAttachTimeout = defaultHookTimeoutMs } = options
  return {
    db,
    batcher,
    processor: redactErrors(options.processor ?? testProcessor({ fingerprintKey })),
    processorTimeout: options.processorTimeout ?? 20_000,
    parametersKey: keyFor('idempotency parameters', fingerprintKey),
    secretsKey: keyFor('secrets', fingerprintKey),
    defaultVersion: options.defaultVersion ?? pageVersion,
    publicUrl: options.publicUrl?.replace(/(?<!\/)\/+$/, ''),
    committed: new CommittedEvents(),
    objects,
    beforeAttach: beforeAttach && wrapBeforeAttach(beforeAttach, beforeAttachTimeout)
  }
}

async function openDatabase(scope: FastifyInstance, options: PaymentVaultOptions): Promise<Database> {
  const { pool, maxConnections } = poolOf(scope, options)
  const { schema = defaultSchema, migrate = 'auto', rowLevelSecurity = false } = options
  await prepareSchema(pool, schema, migrate, rowLevelSecurity, (line) => {
    scope.log.warn(line)
  })
  const { databaseTimeout, beforeAttach, beforeAttachTimeout = defaultHookTimeoutMs } = options
  const db = new Database(pool, {
    schema,
    prepared: options.preparedStatements ?? false,
    rowLevelSecurity,
    maxConnections,
    timeoutMs: databaseTimeout,
    // While the host's hook runs, the attach's transaction is idle.
    idleTimeoutMs: beforeAttach && Math.min(beforeAttachTimeout + 5000, longestTimer)
  })
  if (rowLevelSecurity) await checkRowLevelSecurity(db)
  return db
}

const defaultHookTimeoutMs = 10_000

// Measured at 8 to 256 connections, interleaved. At 64 connections, one batch at a time makes 1.1 times as many attaches
// as two, with three quarters of the Postgres time for each. More than 32 calls in a batch only add latency. A batch
// takes about 5 ms, or 100 ms when it waits for a lock.
const sharedTransactions = { slots: 2, patienceMs: 20, size: 32, maxWaiting: 2000 }
