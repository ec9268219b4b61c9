import { once } from 'node:events'
import { Pool } from 'pg'
import { Database } from '../../../plugins/database/database'
import { defaultSchema } from '../../../plugins/database/statement'
import { onSignals } from '../../../src/cli/signals'
import { buildApp } from '../../../src/server/app'
import { drain } from '../../../src/server/http/drain'
import { readSettings } from '../../../src/server/settings'
import { watchLoop } from './loop-watch'

/** What it tells when it has ended: of how many requests, and how many of them had their answer. */
export interface Ended {
  begun: number
  answered: number
}

// The stand-alone server, with a pool of 8, and somebody watching its event loop: `reset` begins with that anew, `read`
// asks what was seen, and `collect` as well what is left of the memory.
async function main(): Promise<void> {
  const interruption = onSignals()
  const settings = readSettings({ DATABASE_URL: process.env.CHAOS_DATABASE_URL, LOG_LEVEL: 'silent' })
  const pool = new Pool({ connectionString: settings.databaseUrl, max: 8 })
  const db = new Database(pool, { schema: defaultSchema, prepared: true })
  const database = { pool, db, embedded: true, place: '', close: () => pool.end() }
  const fingerprintKey = process.env.CHAOS_FINGERPRINT_KEY ?? ''
  const app = await buildApp(settings, database, { fingerprintKey, secretKey: 'sk_test_12345678', files: {} })
  const ended: Ended = { begun: 0, answered: 0 }
  app.server.on('request', (_request, response) => {
    ended.begun++
    response.once('finish', () => ended.answered++)
  })
  const watch = watchLoop()
  process.on('message', (asked) => {
    if (asked === 'reset') watch.reset()
    else process.send?.(watch.read(asked === 'collect'))
  })
  process.send?.(await app.listen({ port: 0, host: '127.0.0.1' }))
  await once(interruption, 'abort')
  await drain(app)
  await database.close()
  process.send?.(ended, () => process.exit(0))
}

void main()
