import type { FastifyInstance } from 'fastify'
import { Pool } from 'pg'

/** Where connections come from; the plugin's options of these names. */
export interface PoolOptions {
  pool?: Pool | undefined
  connectionString?: string | undefined
  maxConnections?: number | undefined
}

/** The pool of a vault, and how many of its connections the vault uses at once. */
export interface VaultPool {
  pool: Pool
  maxConnections: number
}

/** The host's pool, or one of the vault's own that ends with the app. Throws where there is none to be had. */
export function poolOf(scope: FastifyInstance, options: PoolOptions): VaultPool {
  const { connectionString, maxConnections } = options
  if (connectionString !== undefined)
    return ownPool(scope, connectionString, maxConnections ?? defaultPoolSize)
  const pool = options.pool ?? (scope as WithPostgres).pg?.pool
  if (!pool) throw new Error(noDatabase)
  const { max = defaultPoolSize } = pool.options as Partial<Pool['options']>
  return { pool, maxConnections: Math.min(maxConnections ?? Math.ceil(max / 2), max) }
}

/** What @fastify/postgres adds to an app. */
type WithPostgres = { pg?: { pool?: Pool } }

/** As many connections as pg itself allows a pool. */
const defaultPoolSize = 10

const noDatabase =
  'fastify-payment-vault needs a database: pass `pool` or `connectionString`, or register @fastify/postgres before it (of one with a name, pass `pool: app.pg.<name>.pool`).'

/** A pool that waits five seconds at most for a connection, to a database that swallows packets too. */
export const openPool = (connectionString: string, max = defaultPoolSize): Pool =>
  new Pool({ connectionString, max, connectionTimeoutMillis: 5000, keepAlive: true })

function ownPool(scope: FastifyInstance, connectionString: string, max: number): VaultPool {
  const pool = openPool(connectionString, max)
  warnOfLostConnections(scope, pool)
  scope.addHook('onClose', () => pool.end())
  return { pool, maxConnections: max }
}

/** An idle connection that the server closes must not take the process with it; while we close ourselves it may. */
export function warnOfLostConnections(scope: FastifyInstance, pool: Pool): void {
  let closing = false
  scope.addHook('onClose', async () => {
    closing = true
  })
  pool.on('error', ({ message }) => {
    if (!closing) scope.log.warn({ reason: message }, 'an idle database connection was lost')
  })
}
