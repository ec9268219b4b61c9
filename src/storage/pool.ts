import type { FastifyInstance } from 'fastify'
import { Pool } from 'pg'

/** The plugin's options that select the pool. */
interface PoolOptions {
  pool?: Pool | undefined
  connectionString?: string | undefined
  maxConnections?: number | undefined
}

/** A vault's pool, and the most connections that the vault uses at once. */
interface VaultPool {
  pool: Pool
  maxConnections: number
}

/**
 * Returns the host's pool, or the vault's own pool, which ends with the app. Throws when neither is
 * configured.
 */
export function poolOf(scope: FastifyInstance, options: PoolOptions): VaultPool {
  const { connectionString, maxConnections } = options
  if (connectionString !== undefined)
    return ownPool(scope, connectionString, maxConnections ?? defaultPoolSize)
  const pool = options.pool ?? (scope as WithPostgres).pg?.pool
  if (!pool) throw new Error(noDatabase)
  const { max = defaultPoolSize } = pool.options as Partial<Pool['options']>
  return { pool, maxConnections: Math.min(maxConnections ?? Math.ceil(max / 2), max) }
}

/** The property that @fastify/postgres adds to an app. */
type WithPostgres = { pg?: { pool?: Pool } }

/** pg's default size of a pool. */
const defaultPoolSize = 10

const noDatabase =
  'fastify-payment-vault needs a database: pass `pool` or `connectionString`, or register @fastify/postgres before it (of one with a name, pass `pool: app.pg.<name>.pool`).'

/** Returns a pool that waits at most five seconds for a connection, also when the network drops packets. */
export const openPool = (connectionString: string, max = defaultPoolSize): Pool =>
  new Pool({ connectionString, max, connectionTimeoutMillis: 5000, keepAlive: true })

function ownPool(scope: FastifyInstance, connectionString: string, max: number): VaultPool {
  const pool = openPool(connectionString, max)
  warnOfLostConnections(scope, pool)
  scope.addHook('onClose', () => pool.end())
  return { pool, maxConnections: max }
}

/**
 * Logs a warning for each lost idle connection. Without a listener, pg's error event would end the process.
 */
export function warnOfLostConnections(scope: FastifyInstance, pool: Pool): void {
  let closing = false
  scope.addHook('onClose', async () => {
    closing = true
  })
  pool.on('error', ({ message }) => {
    if (!closing) scope.log.warn({ reason: message }, 'an idle database connection was lost')
  })
}
