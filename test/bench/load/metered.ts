import type { Pool } from 'pg'
import type { Figures } from '../report/figures'
import { cpuOf } from './processes'

/** What a tool measured from outside; `requests` is what the other costs are shared out by. */
export type Outside = Pick<Figures, 'rate' | 'p50' | 'p99' | 'max'> & { requests: number }

/** Adds what the run took of Node's CPU, of Postgres's, and of the log. */
export async function metered<T extends Outside>(
  { pool, postmaster, servers }: { pool: Pool; postmaster: number; servers: readonly number[] },
  run: () => Promise<T>
): Promise<Omit<T, 'requests'> & Figures> {
  const before = { node: cpuOf(servers), postgres: cpuOf([postmaster]), wal: await walPosition(pool) }
  const { requests, ...figures } = await run()
  const per = (after: number, start: number) => (after - start) / requests
  return {
    ...figures,
    node: servers.length === 0 ? NaN : per(cpuOf(servers), before.node),
    postgres: per(cpuOf([postmaster]), before.postgres),
    wal: per(await walPosition(pool), before.wal)
  }
}

export async function walPosition(pool: Pool): Promise<number> {
  const { rows } = await pool.query<{ at: number }>(
    "select (pg_current_wal_insert_lsn() - '0/0'::pg_lsn)::float8 as at"
  )
  return rows[0]?.at ?? NaN
}
