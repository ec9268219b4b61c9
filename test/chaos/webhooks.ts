import { build } from 'esbuild'
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { Pool } from 'pg'
import { Database } from '../../plugins/database'
import { databaseUrl, onServer, startTestCluster, type TestCluster } from '../helpers/cluster'
import { deliveriesOf, insertEndpoint, writeEvents } from '../helpers/deliveries'
import { deliveryMutants } from './delivery-mutants'

const allKills = 100
const eventsPerKill = 4

/**
 * npm run chaos:webhooks: kills the process that delivers 100 times between the receiver's 2xx and the record of it,
 * and as often before the answer; then the same with broken rules, which must be noticed. `--fraction 0.1` kills a
 * tenth as often, `--mutant` runs the broken rules alone.
 */
async function main(): Promise<boolean> {
  const { values } = parseArgs({
    options: { fraction: { type: 'string', default: '1' }, mutant: { type: 'boolean', default: false } }
  })
  const kills = Math.round(allKills * Number(values.fraction))
  if (!(kills >= 1)) throw new Error('--fraction must be a number above 0')
  const folder = await mkdtemp(join(tmpdir(), 'payment-vault-chaos-'))
  const cluster = await startTestCluster(process.env.TEST_DATABASE_URL)
  try {
    const program = await compiled(folder)
    let kept = true
    if (!values.mutant) kept = (await run(cluster, program, kills, tellAll)) === 0
    for (const [name, mutate] of Object.entries(deliveryMutants)) {
      let faults = 0
      await run(cluster, program, Math.min(kills, 8), (_promise, faulty) => (faults += faulty), mutate)
      console.log(line(faults > 0, `noticed: ${name}`, `${faults} faults`))
      kept &&= faults > 0
    }
    return kept
  } finally {
    await cluster.stop()
    await rm(folder, { recursive: true, force: true })
  }
}

/** In one file, as it is started some hundred times. */
async function compiled(folder: string): Promise<string> {
  const outfile = join(folder, 'deliverer.js')
  await build({
    entryPoints: [join(__dirname, 'deliverer.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    external: ['pg-native'],
    logLevel: 'error'
  })
  await writeFile(join(folder, 'package.json'), JSON.stringify({ version: '0.0.0' }))
  return outfile
}

type Tell = (promise: string, faults: number, of: number) => void

const tellAll: Tell = (promise, faults, of) => {
  console.log(line(faults === 0, promise, faults === 0 ? `${of} of ${of}` : `${faults} of ${of} not`))
}

const line = (kept: boolean, promise: string, figure: string): string =>
  `${kept ? 'ok    ' : 'FAILED'}  ${promise}: ${figure}`

let databases = 0

/** Kills so often on a new database, lets the rest be delivered, tells each promise, and gives back the faults. */
async function run(
  cluster: TestCluster,
  program: string,
  kills: number,
  tell: Tell,
  mutate?: (pool: Pool) => Promise<void>
): Promise<number> {
  const name = `${cluster.template}_chaos_${++databases}`
  await onServer(cluster.url, `create database ${name} template ${cluster.template}`)
  const url = databaseUrl(cluster.url, name)
  const pool = new Pool({ connectionString: url, max: 2 })
  const receiver = await startReceiver()
  const processes = new Processes(program, url)
  try {
    await mutate?.(pool)
    const db = new Database(pool, { schema: 'payment_vault', prepared: false })
    await insertEndpoint(db, receiver.url)
    const written = await writeEvents(db, { count: kills * eventsPerKill })
    const started = performance.now()
    const counts = await killAll(db, receiver, processes, kills)
    receiver.settle()
    await processes.next()
    await settled(db)
    if (!mutate) {
      const seconds = ((performance.now() - started) / 1000).toFixed(0)
      const { got } = receiver
      const answers = [...got.values()].reduce((sum, { arrived }) => sum + arrived, 0)
      console.log(
        `${written.length} events, ${counts.unrecorded} kills between 2xx and the record, ${counts.recorded} just after it, ${counts.unanswered} before the answer: ${answers} arrived in ${seconds} s`
      )
      tell('kills fell between 2xx and the record', Math.max(kills - counts.unrecorded, 0), kills)
    }
    return await judge(db, receiver, written, tell)
  } finally {
    await processes.end()
    receiver.close()
    await pool.end()
    await onServer(cluster.url, `drop database ${name} with (force)`)
  }
}

interface Counts {
  unrecorded: number
  recorded: number
  unanswered: number
}

/** One process after another gets to deliver some, until it is killed. */
async function killAll(
  db: Database,
  receiver: Receiver,
  processes: Processes,
  kills: number
): Promise<Counts> {
  const counts: Counts = { unrecorded: 0, recorded: 0, unanswered: 0 }
  // Most kills win the race against the record. With broken rules nothing may be left to deliver.
  for (let i = 0; counts.unrecorded < kills && i < kills * 3; i++) {
    const answerFirst = i % 2 === 0 || counts.unanswered >= kills
    const working = await processes.next()
    const killed = receiver.killAt(Math.floor(Math.random() * 3), answerFirst, working)
    const id = await Promise.race([killed, sleep(2500, undefined)])
    if (id === undefined) return counts
    await processes.gone(working)
    if (!answerFirst) counts.unanswered++
    else if ((await stateOf(db, id)) === 'pending') counts.unrecorded++
    else counts.recorded++
  }
  return counts
}

const stateOf = async (db: Database, id: string): Promise<string | undefined> =>
  (await deliveriesOf(db)).find(({ event_id }) => event_id === id)?.state

/** Waits until all is delivered, or nothing happens for longer than a lease. */
async function settled(db: Database): Promise<void> {
  let [before, still] = ['', 0]
  while (still < 30) {
    const rows = await deliveriesOf(db)
    if (rows.every(({ state }) => state === 'delivered')) return
    const now = JSON.stringify(rows)
    still = now === before ? still + 1 : 0
    before = now
    await sleep(100)
  }
}

async function judge(db: Database, { got }: Receiver, written: string[], tell: Tell): Promise<number> {
  const rows = await deliveriesOf(db)
  const count = <T>(all: Iterable<T>, is: (one: T) => boolean): number => [...all].filter(is).length
  const of = written.length
  const promises: [promise: string, faults: number, of: number][] = [
    ['every event was answered 2xx at least once', count(written, (id) => !got.get(id)?.arrived), of],
    [
      'what arrived is what was written, under the same id',
      count(got.keys(), (id) => !written.includes(id)),
      of
    ],
    ['it is the same bytes each time', count(got.values(), ({ bodies }) => bodies.size !== 1), of],
    ['all is recorded as delivered in the end', count(rows, ({ state }) => state !== 'delivered'), of]
  ]
  for (const promise of promises) tell(...promise)
  return promises.reduce((sum, [, faults]) => sum + faults, 0)
}

interface Got {
  /** How often it was answered 2xx. */
  arrived: number
  bodies: Set<string>
}

interface Receiver {
  url: string
  got: Map<string, Got>
  /** Kills the process at the request behind so many others, once it is answered or before, and tells whose event. */
  killAt: (after: number, answerFirst: boolean, process: ChildProcess) => Promise<string>
  /** There are no more kills. */
  settle: () => void
  close: () => void
}

async function startReceiver(): Promise<Receiver> {
  const got = new Map<string, Got>()
  let kill: ((id: string, response: ServerResponse) => void) | undefined
  let wait = 0
  const refused = new Set<string>()
  let killing = true
  // One of four, as long as there are kills, and once afterwards: no kill keeps that from being recorded.
  const refuses = (id: string): boolean => {
    if ([...got.keys()].indexOf(id) % 4 !== 0 || (!killing && refused.has(id))) return false
    if (!killing) refused.add(id)
    return true
  }
  const server = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk))
    request.on('end', () => {
      const { id } = JSON.parse(body) as { id: string }
      const seen = got.get(id) ?? { arrived: 0, bodies: new Set() }
      got.set(id, seen)
      seen.bodies.add(body)
      if (kill && wait-- <= 0) kill(id, response)
      // Some it does not like at first.
      else if (refuses(id)) response.writeHead(500).end()
      else {
        seen.arrived++
        response.end()
      }
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    got,
    killAt: (after, answerFirst, process) =>
      new Promise((resolve) => {
        wait = after
        kill = (id, response) => {
          kill = undefined
          const end = () => {
            process.kill('SIGKILL')
            resolve(id)
          }
          if (!answerFirst) end()
          else {
            const seen = got.get(id)
            if (seen) seen.arrived++
            response.end(end)
          }
        }
      }),
    settle: () => {
      killing = false
    },
    close: () => {
      server.closeAllConnections()
      server.close()
    }
  }
}

/** One process that delivers, and one that is ready to. */
class Processes {
  readonly #program: string
  readonly #url: string
  readonly #exits = new Map<ChildProcess, Promise<unknown>>()
  #ready: Promise<ChildProcess>

  constructor(program: string, url: string) {
    this.#program = program
    this.#url = url
    this.#ready = this.#start()
  }

  async next(): Promise<ChildProcess> {
    const process = await this.#ready
    process.send('go')
    this.#ready = this.#start()
    return process
  }

  async gone(process: ChildProcess): Promise<void> {
    await this.#exits.get(process)
  }

  async end(): Promise<void> {
    await this.#ready
    for (const process of this.#exits.keys()) process.kill('SIGKILL')
    await Promise.all(this.#exits.values())
  }

  async #start(): Promise<ChildProcess> {
    const child = fork(this.#program, {
      execArgv: [],
      env: { ...process.env, CHAOS_DATABASE_URL: this.#url }
    })
    const exit = once(child, 'exit')
    this.#exits.set(
      child,
      exit.then(() => this.#exits.delete(child))
    )
    const [said] = (await Promise.race([once(child, 'message'), exit])) as [unknown]
    if (said !== 'ready') throw new Error('a process ended before it could deliver')
    return child
  }
}

main().then(
  (kept) => {
    process.exitCode = kept ? 0 : 1
  },
  (error: unknown) => {
    console.error(error)
    process.exitCode = 1
  }
)
