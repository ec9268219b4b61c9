import { Pool } from 'pg'
import { Database } from '../../../plugins/database/database'
import { Deliverer } from '../../../src/webhooks/deliverer'

// One of many processes that deliver, each until it is killed. It waits for its turn, so that the next is there at once.
const pool = new Pool({ connectionString: process.env.CHAOS_DATABASE_URL ?? '', max: 2 })
pool.on('error', () => undefined)
const deliverer = new Deliverer({
  db: new Database(pool, { schema: 'payment_vault', prepared: false }),
  secretsKey: Buffer.from('a key for chaos, 32 characters ok'),
  defaultVersion: '2022-11-15',
  log: { warn: () => undefined, debug: () => undefined },
  retries: { test: Array.from({ length: 1000 }, () => 1) },
  // So that what a dead one had claimed is taken over while we watch.
  limits: { timeout: 500, lease: 1000, every: 50 }
})
process.once('message', () => {
  deliverer.start()
})
process.once('disconnect', () => void deliverer.stop().then(() => pool.end()))
void pool.query('select 1').then(() => process.send?.('ready'))
