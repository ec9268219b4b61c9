import type { FastifyInstance } from 'fastify'
import type { Pool } from 'pg'
import { setTimeout as sleep } from 'node:timers/promises'
import { withQueryTimeout } from '../../../plugins/database/errors/query-timeout'

const timeoutMs = 2000

/** Adds `GET /health`: 200 if the database answers within two seconds, otherwise 503. Needs no API key. */
export function health(app: FastifyInstance, pool: Pool): void {
  let query: Promise<boolean> | undefined
  // One query at a time: while the database hangs, health checks must not occupy its connections.
  const answers = () =>
    (query ??= pool
      .query(withQueryTimeout('select 1', timeoutMs))
      .then(
        () => true,
        () => false
      )
      .finally(() => (query = undefined)))

  app.get('/health', { logLevel: 'warn' }, async (_request, reply) => {
    const healthy = await Promise.race([answers(), sleep(timeoutMs, false, { ref: false })])
    return reply
      .code(healthy ? 200 : 503)
      .header('cache-control', 'no-store')
      .send({ status: healthy ? 'ok' : 'unavailable' })
  })
}
