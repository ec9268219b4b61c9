import { Pool } from 'pg'
import { Database } from '../../../plugins/database/database'
import { Deliverer } from '../../../src/webhooks/deliverer'

// The process that is measured: it delivers, and counts what it asks the database.
const pool = new Pool({ connectionString: process.env.BENCH_DATABASE_URL ?? '', max: 4 })
let queries = 0
pool.on('acquire', () => queries++)
const deliverer = new Deliverer({
  db: new Database(pool, { schema: 'payment_vault', prepared: true }),
  secretsKey: Buffer.from('a key for the bench, 32 chars ok'),
  defaultVersion: '2022-11-15',
  log: { warn: console.warn, debug: () => undefined }
})
deliverer.start()
process.on('message', (message: { wake: string } | 'count') => {
  if (message === 'count') process.send?.(queries)
  else deliverer.wake(message.wake)
})
process.once('disconnect', () => {
  // What hangs is not waited for.
  process.exit()
})
process.send?.('ready')
