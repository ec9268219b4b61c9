import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, readFile, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { build } from 'esbuild'
import { Pool } from 'pg'
import { Database } from '../../../plugins/database/database'
import { createKey, firstAccount } from '../../../src/resources/accounts/keys'
import { accountIn } from '../../../src/protocol/view'
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../../src/storage/postgres/embedded'
import { migrate } from '../../../src/storage/migrations/migrate'
import { note } from '../report/figures'

/** A throwaway Postgres that is durable as it is for users: fsync, synchronous commit, full page writes are on. */
export interface Stand {
  url: string
  version: string
  postmaster: number
  /** Another database on the same server, with the vault's schema, an account and a key. */
  makeDatabase: (name: string) => Promise<VaultDatabase>
  startServer: (database: VaultDatabase, env?: NodeJS.ProcessEnv) => Promise<Server>
  /** Closes something more, also when the bench is interrupted. */
  atEnd: (close: () => Promise<unknown>) => void
}

export interface VaultDatabase {
  url: string
  pool: Pool
  db: Database
  account: string
  key: string
}

export interface Server {
  url: string
  pid: number
  /** Tells it something, and waits until it has heard. */
  tell: (message: object) => Promise<void>
}

/** Runs a bench on a stand of its own, and leaves nothing behind, also when it is interrupted. */
export async function onStand(
  tools: readonly string[],
  bench: (stand: Stand) => Promise<void>
): Promise<void> {
  const closers: (() => Promise<unknown>)[] = []
  let closing: Promise<void> | undefined
  const close = () => (closing ??= closeAll(closers))
  const interrupted = (): void => {
    void close().finally(() => process.exit(130))
  }
  process.once('SIGINT', interrupted).once('SIGTERM', interrupted)
  try {
    requireTools(tools)
    await bench(await setUp(closers))
  } catch (error) {
    // What an interruption breaks off fails somehow.
    if (closing) return
    note(error instanceof Error ? (error.stack ?? error.message) : String(error))
    process.exitCode = 1
  } finally {
    await close()
    process.off('SIGINT', interrupted).off('SIGTERM', interrupted)
  }
}

const packages: Record<string, string> = { wrk: 'wrk', pgbench: 'postgresql-contrib', npm: 'npm' }

/** Says what is missing, and where it comes from, before anything is started. */
function requireTools(tools: readonly string[]): void {
  const missing = tools.filter((tool) => spawnSync(tool, ['--version']).error !== undefined)
  if (missing.length === 0) return
  const install = missing.map((tool) => packages[tool] ?? tool).join(' ')
  throw new Error(`The bench needs ${missing.join(' and ')}: apt-get install ${install}`)
}

/** The last that was opened first. One that fails keeps no other from closing. */
async function closeAll(closers: (() => Promise<unknown>)[]): Promise<void> {
  for (const close of closers.reverse()) await close().catch(() => undefined)
}

/** A folder for data, which the database's user may enter. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'payment-vault-bench-'))
  await chmod(folder, 0o711)
  return folder
}

async function setUp(closers: (() => Promise<unknown>)[]): Promise<Stand> {
  const folder = await temporaryFolder()
  closers.push(() => rm(folder, { recursive: true, force: true }))
  const program = await compiledServer(closers)
  const { url, stop } = await startWithRoom(folder)
  closers.push(stop)
  const pool = poolOf(url, closers)
  const { rows } = await pool.query<{ server_version: string }>('show server_version')
  return {
    url,
    version: rows[0]?.server_version ?? '',
    postmaster: parseInt(await readFile(join(folder, 'pg/postmaster.pid'), 'utf8'), 10),
    makeDatabase: async (name) => {
      await pool.query(`create database ${name}`)
      const of = url.replace('/postgres?', `/${name}?`)
      return openDatabase(of, poolOf(of, closers))
    },
    startServer: async (database, env) => {
      const { server, stop } = await spawnServer(program, database, env)
      closers.push(stop)
      return server
    },
    atEnd: (close) => closers.push(close)
  }
}

/** With more connections than by default: several servers and pgbench at once. The rest is as users have it. */
async function startWithRoom(folder: string): Promise<EmbeddedPostgres> {
  const { url, stop } = await startEmbeddedPostgres({ folder })
  const pool = new Pool({ connectionString: url })
  await pool.query('alter system set max_connections = 200').finally(() => pool.end())
  await stop()
  return startEmbeddedPostgres({ folder })
}

function poolOf(url: string, closers: (() => Promise<unknown>)[]): Pool {
  const pool = new Pool({ connectionString: url, max: 4 })
  // Interrupted, the database ends whatever it was at, and does not wait for it.
  pool.on('error', () => undefined)
  closers.push(() => Promise.race([pool.end(), sleep(1000)]))
  return pool
}

async function openDatabase(url: string, pool: Pool): Promise<VaultDatabase> {
  await migrate(pool, { schema: 'payment_vault' })
  const db = new Database(pool, { schema: 'payment_vault', prepared: false })
  const account = accountIn(await firstAccount(db), false)
  const key = await createKey(db, { livemode: false, kind: 'secret' })
  return { url, pool, db, account, key }
}

/** As users run it: what running TypeScript as it stands adds to every call is no part of what is measured. */
async function compiledServer(closers: (() => Promise<unknown>)[]): Promise<string> {
  const folder = await temporaryFolder()
  closers.push(() => rm(folder, { recursive: true, force: true }))
  const root = join(__dirname, '../../..')
  for (const name of ['node_modules', 'package.json']) await symlink(join(root, name), join(folder, name))
  const outfile = join(folder, 'server.js')
  await build({
    entryPoints: [join(__dirname, 'server.ts')],
    outfile,
    bundle: true,
    packages: 'external',
    platform: 'node',
    logLevel: 'error'
  })
  return outfile
}

async function spawnServer(
  program: string,
  database: VaultDatabase,
  env: NodeJS.ProcessEnv = {}
): Promise<{ server: Server; stop: () => Promise<void> }> {
  const child = spawn(process.execPath, [program], {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    env: { ...process.env, NODE_ENV: 'production', BENCH_DATABASE_URL: database.url, ...env }
  })
  const exit = once(child, 'exit')
  const first = child.stdout ? once(child.stdout, 'data') : exit
  const [line] = (await Promise.race([first, exit])) as [Buffer | number | null]
  if (!Buffer.isBuffer(line) || child.pid === undefined) throw new Error('the server did not start')
  const tell = async (message: object): Promise<void> => {
    child.send(message)
    await once(child, 'message')
  }
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM')
    await exit
  }
  return { server: { url: line.toString().trim(), pid: child.pid, tell }, stop }
}
