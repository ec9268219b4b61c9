import type pg from 'pg'
import { until } from '../until'

/** Ends, as an administrator would, the connections that wait for a lock of `holder`, as soon as there is one. */
export async function terminateWaiting(holder: pg.PoolClient): Promise<void> {
  await until(async () => {
    // Not pg_stat_activity: within a transaction it goes on showing who was connected when it was first looked at.
    const ended = await holder.query(
      `select pg_terminate_backend(pid) from pg_locks
       where not granted and pg_backend_pid() = any(pg_blocking_pids(pid))`
    )
    return ended.rows.length > 0
  })
}
