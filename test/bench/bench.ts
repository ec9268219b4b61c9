import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, chmod } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Pool } from 'pg'
import { Database } from '../../plugins/database'
import { createKey, firstAccount } from '../../src/accounts/keys'
import { accountIn } from '../../src/call'
import { startEmbeddedPostgres } from '../../src/embedded-postgres'
import { migrate } from '../../src/migrate'
import { makeRows } from './rows'
import { type Figures, pgbench, requireTools, wrk } from './tools'

const rounds = 3
const seconds = 4
// More payment methods than any of them can attach in its seconds.
const perRun = 80_000
const fingerprintKey = 'a key for the bench, 32 characters'

/** npm run bench: attaches a second over HTTP, beside a route that does nothing and beside pgbench, in turns. */
async function main(): Promise<void> {
  requireTools()
  const folder = await mkdtemp(join(tmpdir(), 'payment-vault-bench-'))
  await chmod(folder, 0o711)
  // Durable: fsync, synchronous commit and full page writes are on, as they are for users.
  const postgres = await startEmbeddedPostgres({ folder })
  const pool = new Pool({ connectionString: postgres.url, max: 2 })
  let server: ChildProcess | undefined
  try {
    await migrate(pool, { schema: 'payment_vault' })
    const db = new Database(pool, { schema: 'payment_vault', prepared: false })
    const account = accountIn(await firstAccount(db), false)
    const key = await createKey(db, { livemode: false, kind: 'secret' })
    const started = await startServer(postgres.url)
    server = started.server
    await measure({ pool, account, key, serverUrl: started.url, databaseUrl: postgres.url })
  } finally {
    if (server) {
      server.kill('SIGTERM')
      await once(server, 'exit')
    }
    await pool.end()
    await postgres.stop()
    await rm(folder, { recursive: true, force: true })
  }
}

interface Bench {
  pool: Pool
  account: string
  key: string
  serverUrl: string
  databaseUrl: string
}

async function measure({ pool, account, key, serverUrl, databaseUrl }: Bench): Promise<void> {
  let first = 0
  const block = async (): Promise<number> => {
    first += perRun
    await makeRows(pool, account, first, perRun)
    return first
  }
  const overHttp = (prefix: string, connections: number) => async (from: number) =>
    wrk(serverUrl, { prefix, key, first: from, connections, seconds })
  const inDatabase = (clients: number) => async (from: number) =>
    pgbench(databaseUrl, { account, first: from, clients, span: perRun / clients, seconds })

  const table: Record<string, string> = {}
  for (const connections of [1, 32]) {
    const runs = {
      vault: overHttp('', connections),
      nothing: overHttp('/nothing', connections),
      pgbench: inDatabase(connections)
    }
    const measured: Record<keyof typeof runs, Figures[]> = { vault: [], nothing: [], pgbench: [] }
    for (let round = 0; round < rounds; round++) {
      for (const name of ['vault', 'nothing', 'pgbench'] as const) {
        const from = name === 'nothing' ? 0 : await block()
        await pool.query('checkpoint')
        measured[name].push(await runs[name](from))
      }
    }
    for (const [name, figures] of Object.entries(measured))
      table[`${name} ${connections}`] = line(name, connections, figures)
    const rate = (name: keyof typeof runs) => median(measured[name].map((figures) => figures.rate))
    table[`ratios ${connections}`] =
      `${' '.repeat(22)}vault / pgbench ${(rate('vault') / rate('pgbench')).toFixed(2)}, vault / nothing ${(rate('vault') / rate('nothing')).toFixed(2)}`
  }
  console.log(`median of ${rounds} interleaved runs of ${seconds} s, Node ${process.version}`)
  console.log(Object.values(table).join('\n'))
}

function line(name: string, connections: number, figures: Figures[]): string {
  const of = (key: keyof Figures) => median(figures.map((each) => each[key]))
  const what = {
    vault: 'attach over HTTP',
    nothing: 'a route that does nothing',
    pgbench: 'pgbench, same call'
  }[name]
  const p99 = Number.isNaN(of('p99')) ? '' : `, p99 ${of('p99').toFixed(2)} ms`
  return `${String(connections).padStart(3)} connections  ${(what ?? name).padEnd(26)} ${of('rate').toFixed(0).padStart(7)}/s, p50 ${of('p50').toFixed(2)} ms${p99}`
}

function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? NaN
}

async function startServer(databaseUrl: string): Promise<{ server: ChildProcess; url: string }> {
  const server = spawn(process.execPath, ['--import', 'tsx', join(__dirname, 'server.ts')], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      ...process.env,
      NODE_ENV: 'production',
      BENCH_DATABASE_URL: databaseUrl,
      BENCH_FINGERPRINT_KEY: fingerprintKey
    }
  })
  const [line] = (await once(server.stdout, 'data')) as [Buffer]
  return { server, url: line.toString().trim() }
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
})
