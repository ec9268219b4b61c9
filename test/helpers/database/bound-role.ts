import pg from 'pg'
import type { Test } from 'tap'
import { migrate } from '../../../src/index'

let made = 0

export interface BoundRole {
  /** For a pool of that role's. */
  login: pg.PoolConfig
  /** The same as a URL. */
  url: string
  drop: () => Promise<void>
}

/**
 * Turns row-level security on in a database, and makes a role that it binds: one that may read and write rows and
 * nothing else, or with `owner` the owner of the tables.
 */
export async function boundRole(admin: pg.Pool, url: string, { owner = false } = {}): Promise<BoundRole> {
  await migrate(admin, { schema: 'payment_vault', rowLevelSecurity: true })
  const role = `payment_vault_bound_${process.pid}_${++made}`
  await admin.query(`
    create role ${role} login password 'bound' nosuperuser nobypassrls;
    grant usage, create on schema payment_vault to ${role};
    grant select, insert, update, delete on all tables in schema payment_vault to ${role};
    alter default privileges in schema payment_vault grant select, insert, update, delete on tables to ${role}`)
  if (owner) {
    const { rows } = await admin.query<{ name: string }>(
      "select tablename as name from pg_tables where schemaname = 'payment_vault'"
    )
    for (const { name } of rows) await admin.query(`alter table payment_vault.${name} owner to ${role}`)
  }
  const { host, port, database } = new pg.Client({ connectionString: url })
  const drop = async () => {
    await admin.query(`reassign owned by ${role} to current_user`)
    await admin.query(`drop owned by ${role}`)
    await admin.query(`drop role ${role}`)
  }
  return {
    login: { host, port, database, user: role, password: 'bound' },
    url: url.replace(/\/\/[^/@]*@/, `//${role}:bound@`),
    drop
  }
}

/** A pool of such a role, which goes with `t`. */
export async function boundPool(
  t: Test,
  admin: pg.Pool,
  url: string,
  { owner = false, ...more }: pg.PoolConfig & { owner?: boolean } = {}
): Promise<pg.Pool> {
  const { login, drop } = await boundRole(admin, url, { owner })
  const pool = new pg.Pool({ ...login, ...more })
  pool.on('error', () => undefined)
  t.teardown(async () => {
    if (!pool.ended) await pool.end()
    await drop()
  })
  return pool
}
