import type { FastifyInstance } from 'fastify'
import type { Pool } from 'pg'
import { setTimeout as sleep } from 'node:timers/promises'
import { timed } from '../../../plugins/database/query-timeout'

// Milliseconds.
const patience = 2000

/** `GET /health`: 200 when the database answers within two seconds, 503 otherwise. Nobody is asked for a key. */
export function health(app: FastifyInstance, pool: Pool): void {
  let asking: Promise<boolean> | undefined
  // One question at a time: while the database hangs, the connections are not for those who only look.
  const answers = () =>
    (asking ??= pool
      .query(timed('select 1', patience))
      .then(
        () => true,
        () => false
      )
      .finally(() => (asking = undefined)))

  app.get('/health', { logLevel: 'warn' }, async (_request, reply) => {
    const well = await Promise.race([answers(), sleep(patience, false, { ref: false })])
    return reply
      .code(well ? 200 : 503)
      .header('cache-control', 'no-store')
      .send({ status: well ? 'ok' : 'unavailable' })
  })
}
