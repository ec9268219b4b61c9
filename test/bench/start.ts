import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, rm } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs, promisify } from 'node:util'
import { Pool } from 'pg'
import { Database } from '../../plugins/database/database'
import { firstAccount } from '../../src/resources/accounts/keys'
import { accountIn } from '../../src/protocol/view'
import { startEmbeddedPostgres } from '../../src/storage/postgres/embedded'
import { median, note } from './report/figures'
import { commandLine, heading, megabytes, number, table } from './report/markdown'
import { family, memoryOf, residentOf } from './load/processes'
import { benchIds, makeRows } from './stand/rows'
import { onStand, type Stand, temporaryFolder } from './stand/stand'
import { targetTable } from './report/targets'
import { wrk } from './load/wrk'

/**
 * npm run bench:start: from `npm start` to the first answer, with an empty data folder and with one that is there, and
 * what memory it takes then and after ten seconds of attaches.
 */
const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '5' }, seconds: { type: 'string', default: '10' } }
})
const rounds = Number(values.rounds)
const root = resolve(__dirname, '../..')
const key = 'sk_test_benchbenchbenchbench'

const withoutNpm = [process.execPath, 'dist/src/cli/main.js']

async function bench(stand: Stand): Promise<void> {
  const told = heading(stand.version, commandLine('bench:start'))
  // What is there may be of any age.
  await promisify(execFile)('npm', ['run', 'build'], { cwd: root })
  const starts: { way: string; first: number; later: number }[] = []
  const ways = {
    '`npm start`': ['npm', 'start'],
    '… without npm': withoutNpm,
    '`npm run dev`': ['npm', 'run', 'dev']
  }
  for (const [way, command] of Object.entries(ways)) {
    const first: number[] = []
    const later: number[] = []
    for (let round = 0; round < rounds; round++) {
      const folder = await temporaryFolder()
      stand.atEnd(() => rm(folder, { recursive: true, force: true }))
      first.push(await timed(stand, command, folder))
      later.push(await timed(stand, command, folder))
      note(`${way}: ${number(first.at(-1) ?? NaN)} and ${number(later.at(-1) ?? NaN)} ms`)
    }
    starts.push({ way, first: median(first), later: median(later) })
  }
  const memory = await memoryOfOne(stand)
  console.log(`${told} Medians of ${rounds} starts.\n`)
  console.log(
    table(
      ['from … to the first answer', 'empty data folder, ms', 'later, ms'],
      starts.map(({ way, first, later }) => [way, number(first), number(later)])
    )
  )
  console.log(`\n${memory}\n`)
  const [npm] = starts
  console.log(
    targetTable([
      { figure: 'first start to first answer, s', measured: (npm?.first ?? NaN) / 1000, most: 3 },
      { figure: 'later starts, s', measured: (npm?.later ?? NaN) / 1000, most: 1 }
    ])
  )
}

interface Started {
  url: string
  pid: number
  /** Milliseconds to the first answer. */
  took: number
  stop: () => Promise<void>
}

async function timed(stand: Stand, command: readonly string[], folder: string): Promise<number> {
  const started = await start(stand, command, folder)
  await started.stop()
  return started.took
}

async function start(
  stand: Stand,
  [program = '', ...args]: readonly string[],
  folder: string
): Promise<Started> {
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const began = performance.now()
  const child = spawn(program, args, {
    cwd: root,
    env: {
      ...withoutSettings(),
      ...{ PORT: String(port), PAYMENT_VAULT_DATA: folder, PAYMENT_VAULT_SECRET_KEY: key }
    },
    stdio: ['ignore', 'ignore', 'inherit'],
    // A group of its own: npm does not pass every signal on.
    detached: true
  })
  const stop = stopOf(child)
  stand.atEnd(stop)
  while (!(await answers(`${url}/health`))) {
    if (child.exitCode !== null) throw new Error(`${program} ended with ${child.exitCode}`)
    await sleep(5)
  }
  return { url, pid: child.pid ?? NaN, took: performance.now() - began, stop }
}

/** Whoever runs the bench may have settings of their own. */
const withoutSettings = (): NodeJS.ProcessEnv =>
  Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !/^(HOST|DATABASE_URL|LOG_LEVEL|PAYMENT_VAULT_.*)$/.test(name)
    )
  )

function stopOf(child: ChildProcess): () => Promise<void> {
  const exit = once(child, 'exit')
  return async () => {
    if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
    const all = family([child.pid])
    process.kill(-child.pid, 'SIGTERM')
    await exit
    // npm may be gone before the server is, and the server before its Postgres.
    while (all.some(isAlive)) await sleep(5)
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

const answers = (url: string): Promise<boolean> =>
  fetch(url).then(
    ({ status }) => status === 200,
    () => false
  )

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  return port
}

/** Two lines: at rest, and after attaches at 64 connections. */
async function memoryOfOne(stand: Stand): Promise<string> {
  const folder = await temporaryFolder()
  stand.atEnd(() => rm(folder, { recursive: true, force: true }))
  const { url, pid, stop } = await start(stand, withoutNpm, folder)
  const postmaster = parseInt(await readFile(join(folder, 'pg/postmaster.pid'), 'utf8'), 10)
  const line = (when: string): string[] => [
    when,
    megabytes(residentOf(pid)),
    megabytes(memoryOf([postmaster])),
    String(family([postmaster]).length)
  ]
  const seconds = Number(values.seconds)
  await sleep(3000)
  const rest = line('at rest')
  await makeUnattached(folder, 16_000 * seconds)
  await wrk({ call: 'attach', key, urls: [url], connections: 64, seconds, first: 0, ids: benchIds })
  const after = line(`after ${seconds} s of attaches at 64 connections`)
  await stop()
  return table(
    ['memory', 'Node, resident', 'Postgres, what is shared counted once', 'its processes'],
    [rest, after]
  )
}

async function makeUnattached(folder: string, count: number): Promise<void> {
  const { url } = await startEmbeddedPostgres({ folder, role: 'share' })
  const pool = new Pool({ connectionString: url })
  try {
    const db = new Database(pool, { schema: 'payment_vault', prepared: false })
    await makeRows(pool, accountIn(await firstAccount(db), false), 0, count)
    await pool.query('vacuum analyze')
  } finally {
    await pool.end()
  }
}

void onStand(['wrk'], bench)
