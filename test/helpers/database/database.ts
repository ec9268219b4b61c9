import pg from 'pg'
import root, { type Test } from 'tap'
import { databaseUrl, dropDatabase, onServer, startTestCluster, type TestCluster } from './cluster'

let cluster: Promise<TestCluster> | undefined
let made = 0

/**
 * A database of the test's own, migrated (or with `empty`, as Postgres makes it), dropped when `t` ends. Without a
 * run around it (test/run.ts), the file brings its own server, once.
 */
export async function newDatabase(
  t: Test,
  options: { empty?: boolean } = {}
): Promise<{ url: string; pool: pg.Pool }> {
  const server = await (cluster ??= ourCluster())
  const name = `${server.template}_${process.pid}_${++made}`
  // A copy of the files takes 10 ms, a copy through the log up to 40.
  const template = options.empty ? 'template0' : server.template
  await onServer(server.url, `create database ${name} template ${template} strategy file_copy`)
  const url = databaseUrl(server.url, name)
  const pool = new pg.Pool({ connectionString: url })
  pool.on('error', () => undefined)
  t.teardown(async () => {
    if (!pool.ended) await pool.end()
    await dropDatabase(server.url, name)
  })
  return { url, pool }
}

async function ourCluster(): Promise<TestCluster> {
  const url = process.env.TEST_DATABASE_URL
  const template = process.env.TEST_TEMPLATE
  if (url !== undefined && template !== undefined) return { url, template, stop: async () => undefined }
  const started = await startTestCluster(url)
  root.teardown(() => started.stop())
  return started
}
