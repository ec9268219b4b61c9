import { setTimeout as sleep } from 'node:timers/promises'
import type { Pool } from 'pg'
import { makeRows } from '../../bench/stand/rows'
import { compiled } from '../harness/compiled'
import { customers, type LoadCall } from './calls'
import { LoadClients } from './clients'
import { badlyAnswered, isBusy, judgeDatabase } from './judge'
import type { Watched } from '../harness/loop-watch'
import { type WatchedServer, startWatchedServer } from '../harness/watched-servers'
import { type LoadMutant, loadMutants } from './mutants'
import { type ChaosDatabase, onNewDatabase } from '../harness/new-database'
import { type Found, type Stand, type Tried, withMutants } from '../harness/part'

const connections = 1000
const allSeconds = 60
const mutantSeconds = 2
// Payment methods that there are for each second.
const rate = 3000
// Waiting for a turn, and then for a lock, takes 10 s at most.
const within = 12_000
// What may wait while the database is held up: 2,000 for whose key it is, 2,000 in front of the pool, 2,000 for a shared transaction, and what
// is on its way.
const waitingAtMost = 6200
const floods = 8
const most = { held: 50, rss: 512 * 2 ** 20, grown: 24 * 2 ** 20 }

/**
 * 1,000 connections for a minute on a pool of 8; then the database is held up while 8,000 more calls come at once; then
 * SIGTERM in the midst of it all.
 */
export async function load(stand: Stand): Promise<Found> {
  return withMutants(stand, loadMutants, async (mutant) => {
    const program = await compiled(stand.folder, 'harness/watched-server', mutant?.program)
    return onNewDatabase(stand.cluster, (database) => run(stand, database, program, mutant))
  })
}

async function run(
  { share, say: tell }: Stand,
  { pool, url, account, secretKey }: ChaosDatabase,
  program: string,
  mutant: LoadMutant | undefined
): Promise<Tried[]> {
  const say = mutant ? () => undefined : tell
  const seconds = mutant ? mutantSeconds : share(allSeconds)
  const room = (seconds + 5) * rate
  await makeRows(pool, account, 0, room)
  await pool.query('vacuum analyze')
  const server = await startWatchedServer(program, url)
  const clients = new LoadClients(server.port, { connections, secretKey, room })
  try {
    clients.begin()
    // Until what is compiled on the way is compiled.
    await sleep(2000)
    const before = await server.read()
    server.reset()
    await sleep(seconds * 1000)
    const watched = await server.read()
    await clients.finish()
    say(told(watched, clients.calls))
    const { calls: flood, waiting } =
      (mutant?.held ?? true) ? await heldUp(pool, clients) : { calls: [], waiting: 0 }
    say(
      `held up, ${waiting} of ${flood.length} calls waited, and ${flood.filter(({ heard }) => heard && isBusy(heard)).length} were refused`
    )
    const answered = [...clients.calls]
    const bad = badlyAnswered(answered, within)
    const after = await atRest(server)
    const left = await terminated(server, clients)
    const judged = await judgeDatabase(pool, clients.calls)
    say(
      `SIGTERM: ${JSON.stringify(left)}; ${clients.calls.length - answered.length} calls, ${clients.calls.filter(({ lost }) => lost).length} not answered`
    )
    for (const call of [...bad, ...judged.missing, ...judged.unanswered].slice(0, 10))
      say(JSON.stringify(call))
    return [
      {
        promise:
          '1,000 connections, 8 to the database: every call is answered in time, by the rules or with a 429',
        tries: answered.length,
        faults: bad.length
      },
      {
        promise: 'the event loop is never blocked for over 50 ms',
        tries: watched.turns,
        faults: watched.over50
      },
      {
        promise: 'memory keeps its size',
        tries: answered.length,
        faults: Number(after.rss > most.rss) + Number(after.heap - before.heap > most.grown)
      },
      {
        promise: 'while the database is blocked, at most 6,200 calls wait',
        tries: flood.length,
        faults: Math.max(waiting - waitingAtMost, 0)
      },
      {
        promise: 'each acknowledged change exists, with its event',
        tries: judged.acknowledged,
        faults: judged.missing.length
      },
      {
        promise: 'SIGTERM: each started call is answered, and no unanswered call was started',
        tries: clients.calls.length - answered.length,
        faults: judged.unanswered.length + left.faults
      }
    ]
  } finally {
    clients.close()
    await server.kill()
  }
}

/** Nobody can write customers for some seconds, in which calls come; how many of them are not answered soon. */
async function heldUp(pool: Pool, clients: LoadClients): Promise<{ calls: LoadCall[]; waiting: number }> {
  const client = await pool.connect()
  try {
    await client.query('begin')
    await client.query('lock table payment_vault.customers in access exclusive mode')
    let sent = 0
    const all = clients.flood(floods, () => heldCall(sent++))
    const waiting = await untilQuiet(() => clients.calls.slice(-sent).filter(({ heard }) => !heard).length)
    await sleep(3000)
    await client.query('rollback')
    return { calls: await all, waiting }
  } finally {
    client.release()
  }
}

/** How many are left when there are not fewer any more; before any of those gives up waiting. */
async function untilQuiet(left: () => number): Promise<number> {
  let quiet = 0
  let before = left()
  for (let i = 0; i < 45 && quiet < 10; i++) {
    await sleep(100)
    const now = left()
    quiet = now === before ? quiet + 1 : 0
    before = now
  }
  return before
}

const heldCall = (number: number): LoadCall => {
  const customer = `cus_bench${String(number % customers).padStart(5, '0')}`
  const get = number % 2 === 0
  return {
    method: get ? 'GET' : 'POST',
    path: get ? `/v1/customers/${customer}` : `/v1/customers`,
    body: get ? '' : 'name=a',
    key: get ? '' : `held ${number}`,
    statuses: [200],
    events: get ? [] : [['customer.created', null]],
    ...(!get && { made: 'customers' as const })
  }
}

/** After all has been done. */
async function atRest(server: WatchedServer): Promise<Watched> {
  await sleep(500)
  return server.read()
}

/** SIGTERM while all of them call. */
async function terminated(
  server: WatchedServer,
  clients: LoadClients
): Promise<{ code: number | null; took: number; cut: number; faults: number }> {
  clients.begin()
  await sleep(1000)
  const { code, took, ended } = await server.terminate()
  await clients.finish()
  const cut = ended ? ended.begun - ended.answered : NaN
  const bad = code !== 0 || took > 9000 || Number.isNaN(cut)
  return { code, took: Math.round(took), cut, faults: Number(bad) + (cut || 0) }
}

function told(watched: Watched, calls: readonly LoadCall[]): string {
  const took = calls.flatMap(({ heard }) => (heard ? [heard.took] : [])).sort((a, b) => a - b)
  const statuses = new Map<number, number>()
  for (const { heard } of calls) statuses.set(heard?.status ?? 0, (statuses.get(heard?.status ?? 0) ?? 0) + 1)
  return `${JSON.stringify([...statuses])}; p50 ${took[took.length >> 1]?.toFixed(0) ?? ''} ms, longest ${took.at(-1)?.toFixed(0) ?? ''} ms; ${JSON.stringify(watched)}`
}
