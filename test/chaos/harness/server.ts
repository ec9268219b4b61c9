import Fastify from 'fastify'
import { Pool } from 'pg'
import { paymentVault } from '../../../src/index'

// One of several processes on a database: the plugin, and nothing else. It ends when its parent lets go of it.
async function main(): Promise<void> {
  const pool = new Pool({ connectionString: process.env.CHAOS_DATABASE_URL ?? '' })
  // The database goes away at times.
  pool.on('error', () => undefined)
  const app = Fastify()
  await app.register(paymentVault, {
    pool,
    fingerprintKey: process.env.CHAOS_FINGERPRINT_KEY ?? '',
    migrate: 'off',
    preparedStatements: true,
    ...(JSON.parse(process.env.CHAOS_OPTIONS ?? '{}') as object)
  })
  process.once('disconnect', () => void app.close().then(() => pool.end()))
  process.send?.(await app.listen({ port: 0, host: '127.0.0.1' }))
}

void main()
