import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { parseArgs, promisify } from 'node:util'
import { Pool } from 'pg'
import { metered } from './load/metered'
import { wrk } from './load/wrk'
import { inTurns, ratioOf, medianOf, type Turn } from './report/figures'
import { commandLine, heading, number, table } from './report/markdown'
import { benchIds, makeRows } from './stand/rows'
import { onStand, type Stand } from './stand/stand'

const run = promisify(execFile)
const { values } = parseArgs({
  options: {
    before: { type: 'string' },
    seconds: { type: 'string', default: '3' },
    rounds: { type: 'string', default: '6' },
    connections: { type: 'string', default: '1,64' }
  }
})

/**
 * npm run bench:builds -- --before FOLDER: attaches by this checkout's build and by another checkout's, interleaved,
 * each as its stand-alone server on a database of its own. Prints the ratios of after to before. Both must be built.
 */
async function bench(stand: Stand): Promise<void> {
  if (values.before === undefined)
    throw new Error('--before needs the folder of another checkout, which is built')
  const seconds = Number(values.seconds)
  const connections = values.connections.split(',').map(Number)
  const builds = {
    before: await start(stand, resolve(values.before), 'before'),
    after: await start(stand, join(__dirname, '../..'), 'after')
  }
  const turns: Turn[] = connections.flatMap((count) =>
    Object.entries(builds).map(([name, build]) => ({
      name: `${name} ${count}`,
      run: () => build.attach(count, seconds)
    }))
  )
  for (const build of Object.values(builds)) await build.attach(64, 5)
  const measured = await inTurns(turns, Number(values.rounds), async () => {
    for (const { pool } of Object.values(builds)) await pool.query('checkpoint')
  })
  console.log(`${heading(stand.version, commandLine('bench:builds'))}\n`)
  const figures = ['rate', 'p50', 'p99', 'node', 'postgres', 'wal'] as const
  const rows = connections.flatMap((count) => [
    ...['before', 'after'].map((name) => [
      String(count),
      name,
      ...figures.map((figure) =>
        number(medianOf(measured, `${name} ${count}`, figure), figure === 'p50' ? 2 : 0)
      )
    ]),
    [
      String(count),
      'after ÷ before',
      ...figures.map((figure) => number(ratioOf(measured, `after ${count}`, `before ${count}`, figure), 2))
    ]
  ])
  const head = [
    'connections',
    'build',
    'attaches/s',
    'p50 ms',
    'p99 ms',
    'Node µs',
    'Postgres µs',
    'WAL bytes'
  ]
  console.log(table(head, rows))
}

/** Starts the stand-alone server of a build, through its own commands: what is inside may differ. */
async function start(stand: Stand, folder: string, name: string) {
  const admin = new Pool({ connectionString: stand.url })
  await admin.query(`create database ${name}`).finally(() => admin.end())
  const url = stand.url.replace('/postgres?', `/${name}?`)
  const manifest = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as {
    bin: Record<string, string>
  }
  const program = join(folder, manifest.bin['fastify-payment-vault'] ?? '')
  const env = {
    ...process.env,
    ...{ NODE_ENV: 'production', DATABASE_URL: url, PORT: '0', LOG_LEVEL: 'warn' },
    PAYMENT_VAULT_FINGERPRINT_KEY: 'a key for the bench, 32 characters'
  }
  await run(process.execPath, [program, 'migrate'], { env })
  const child = spawn(process.execPath, [program], { env, stdio: ['ignore', 'pipe', 'inherit'] })
  stand.atEnd(async () => {
    child.kill('SIGTERM')
    await once(child, 'exit')
  })
  const base = await urlOf(child.stdout)
  const { stdout: key } = await run(process.execPath, [program, 'keys', 'create'], { env })
  const pool = new Pool({ connectionString: url, max: 2 })
  pool.on('error', () => undefined)
  stand.atEnd(() => pool.end())
  const { rows } = await pool.query<{ id: string }>('select id from payment_vault.accounts')
  const account = `${rows[0]?.id ?? ''}:test`
  const meter = { pool, postmaster: stand.postmaster, servers: [child.pid ?? 0] }
  let made = 0
  let next = 0
  const attach = async (connections: number, seconds: number) => {
    const missing = next + seconds * 16_000 - made
    if (missing > 0) await makeRows(pool, account, made, missing)
    made += Math.max(missing, 0)
    const figures = await metered(meter, () =>
      wrk({ call: 'attach', key: key.trim(), urls: [base], connections, seconds, first: next, ids: benchIds })
    )
    next = figures.next
    return figures
  }
  return { pool, attach }
}

async function urlOf(output: NodeJS.ReadableStream): Promise<string> {
  for await (const line of createInterface({ input: output })) {
    const found = /https?:\/\/\S+:\d+/.exec(line)
    if (!found) continue
    output.resume()
    return found[0]
  }
  throw new Error('the server did not start')
}

void onStand(['wrk'], bench)
