import Fastify from 'fastify'
import { paymentVault } from '../../../src/index'
import { watchLoop } from '../harness/loop-watch'

// The plugin with a pool of its own; whoever started it may ask what is left of its memory.
async function main(): Promise<void> {
  const app = Fastify()
  await app.register(paymentVault, {
    connectionString: process.env.CHAOS_DATABASE_URL ?? '',
    fingerprintKey: process.env.CHAOS_FINGERPRINT_KEY ?? '',
    maxConnections: 8,
    migrate: 'off',
    preparedStatements: true,
    databaseTimeout: 3000
  })
  const watch = watchLoop()
  process.on('message', () => process.send?.(watch.read(true)))
  process.send?.(await app.listen({ port: 0, host: '127.0.0.1' }))
}

void main()
