import type { Pool, PoolClient } from 'pg'
import { isQueryTimeout, withQueryTimeout } from './errors/query-timeout'
import { setNoAccount } from './row-level-security'

/**
 * Returns the command that begins a transaction. A statement that waited for a row must read the present, so the
 * isolation level does not depend on the host's default. The time limits free the locks of a transaction that hangs: a
 * server would notice a dead client only after hours.
 */
export const beginCommand = ({ idleTimeoutMs = 5000, rowLevelSecurity = false }: BeginOptions): string =>
  [
    'begin isolation level read committed',
    "set local lock_timeout = '5s'",
    `set local idle_in_transaction_session_timeout = ${idleTimeoutMs}`,
    ...(rowLevelSecurity ? [setNoAccount] : [])
  ].join('; ')

interface BeginOptions {
  idleTimeoutMs?: number | undefined
  rowLevelSecurity?: boolean
}

/**
 * Runs `work` once on one connection, between `begin` and a commit. Rolls back and rethrows when `work` throws. Waits
 * `timeoutMs` for the answers to `begin` and `commit`; 0 for no limit.
 */
export async function inTransaction<T>(
  pool: Pool,
  begin: string,
  work: (client: PoolClient) => Promise<T>,
  timeoutMs = 0
): Promise<T> {
  const client = await pool.connect()
  let broken: Error | undefined
  const onError = (error: Error) => (broken = error)
  client.on('error', onError)
  try {
    await client.query(withQueryTimeout(begin, timeoutMs))
    const value = await work(client)
    const { command } = await client.query(withQueryTimeout('commit', timeoutMs))
    // Postgres answers a commit this way when `work` ignored a failed statement.
    if (command === 'ROLLBACK')
      throw new Error('the transaction was rolled back: a statement in it had failed')
    return value
  } catch (error) {
    // The pool must not reuse a connection that cannot roll back. After a query timeout a rollback would wait as well.
    if (isQueryTimeout(error)) broken ??= error
    else
      await client
        .query(withQueryTimeout('rollback', timeoutMs))
        .catch((failed: unknown) => (broken ??= failed as Error))
    throw error
  } finally {
    client.off('error', onError)
    client.release(broken)
  }
}
