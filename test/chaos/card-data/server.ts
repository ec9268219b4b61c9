import Fastify from 'fastify'
import { Pool } from 'pg'
import { setFlagsFromString, writeHeapSnapshot } from 'node:v8'
import { Database } from '../../../plugins/database/database'
import { defaultSchema } from '../../../plugins/database/statement'
import { paymentVault } from '../../../src/index'
import { buildApp } from '../../../src/server/app'
import { withoutSecrets } from '../../../src/server/http/log-serializer'
import { readSettings } from '../../../src/server/settings'
import { spitefulProcessor } from './processor'

export interface Told {
  standAlone: string
  host: string
}

// The stand-alone server, and a host with a processor that repeats numbers: both at log level trace, with the inspector
// open, in one process. It collects its garbage when it is asked to, and writes down its heap.
async function main(): Promise<void> {
  setFlagsFromString('--heap-snapshot-string-limit=4194304')
  const env = {
    DATABASE_URL: process.env.CHAOS_DATABASE_URL,
    LOG_LEVEL: 'trace',
    PAYMENT_VAULT_INSPECTOR: 'true'
  }
  const settings = readSettings(env)
  const fingerprintKey = process.env.CHAOS_FINGERPRINT_KEY ?? ''
  const pool = new Pool({ connectionString: settings.databaseUrl, max: 8 })
  const db = new Database(pool, { schema: defaultSchema, prepared: true })
  const database = { pool, db, embedded: true, place: '', close: () => pool.end() }
  const standAlone = await buildApp(settings, database, {
    fingerprintKey,
    secretKey: 'sk_test_12345678',
    files: {}
  })
  const host = Fastify({
    logger: { level: 'trace', serializers: { req: withoutSecrets } },
    routerOptions: { maxParamLength: 5000 },
    forceCloseConnections: true
  })
  await host.register(paymentVault, {
    pool,
    fingerprintKey,
    processor: spitefulProcessor(fingerprintKey),
    migrate: 'off',
    inspector: true,
    processorTimeout: 1000
  })
  process.on('message', (asked: { snapshot?: string }) => {
    for (let i = 0; i < 4; i++) globalThis.gc?.()
    if (asked.snapshot !== undefined) writeHeapSnapshot(asked.snapshot)
    process.send?.('done')
  })
  process.once('disconnect', () => process.exit(0))
  const at = { port: 0, host: '127.0.0.1' }
  process.send?.({ standAlone: await standAlone.listen(at), host: await host.listen(at) } satisfies Told)
}

void main()
