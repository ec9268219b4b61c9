import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { startEmbeddedPostgres } from '../../../src/storage/postgres/embedded'
import { migrate } from '../../../src/storage/migrations/migrate'

export interface TestCluster {
  /** The admin's connection. */
  url: string
  /** A database that is migrated, to be copied; databases of a run are named after it. */
  template: string
  stop: () => Promise<void>
}

/** A server to test on, with a migrated template: the one that `given` names, else a new one that `stop` removes. */
export async function startTestCluster(given?: string): Promise<TestCluster> {
  const server = given === undefined ? await throwawayServer() : { url: given, stop: async () => undefined }
  const template = `vault_template_${process.pid}`
  const stop = async () => {
    if (given !== undefined) await dropDatabases(given, template)
    await server.stop()
  }
  try {
    await onServer(server.url, `create database ${template} template template0`)
    const pool = new pg.Pool({ connectionString: databaseUrl(server.url, template) })
    pool.on('error', () => undefined)
    await migrate(pool, { schema: 'payment_vault' }).finally(() => pool.end())
    return { url: server.url, template, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** The same server, another database. Not by the class URL: a host that is a socket's folder leaves the host part empty. */
export const databaseUrl = (url: string, database: string): string =>
  url.replace(/^(\w+:\/\/[^/?]*)(\/[^?]*)?/, `$1/${database}`)

/** Runs statements one by one on the admin's connection. */
export async function onServer(url: string, ...statements: string[]): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => undefined)
  await client.connect()
  try {
    for (const statement of statements) await client.query(statement)
  } finally {
    await client.end()
  }
}

/**
 * Drops a database once its sessions have ended, as a pool's end does not wait for that; whoever is still there after
 * a second is thrown out.
 */
export async function dropDatabase(url: string, name: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => undefined)
  await client.connect()
  try {
    for (let tries = 0; tries < 50; tries++) {
      const sessions = await client.query('select 1 from pg_stat_activity where datname = $1', [name])
      if (sessions.rowCount === 0) break
      await sleep(20)
    }
    await client.query(`drop database ${name} with (force)`)
  } finally {
    await client.end()
  }
}

async function throwawayServer(): Promise<{ url: string; stop: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'payment-vault-test-'))
  // Postgres is another user when we are root, and must pass here.
  await chmod(folder, 0o711)
  const removeFolder = () => rm(folder, { recursive: true, force: true })
  try {
    const binaries = process.env.PAYMENT_VAULT_PG_BIN
    const { url, stop } = await startEmbeddedPostgres({ folder, binaries, throwaway: true })
    return { url, stop: () => stop().finally(removeFolder) }
  } catch (error) {
    await removeFolder()
    throw error
  }
}

/** All that a run made on somebody else's server, whatever became of the tests. */
async function dropDatabases(url: string, template: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => undefined)
  await client.connect()
  const found = await client.query<{ datname: string }>(
    "select datname from pg_database where datname = $1 or starts_with(datname, $1 || '_')",
    [template]
  )
  await client.end()
  await onServer(url, ...found.rows.map((row) => `drop database if exists ${row.datname} with (force)`))
}
