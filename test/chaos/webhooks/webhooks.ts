import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Database } from '../../../plugins/database/database'
import { deliveriesOf, insertEndpoint, writeEvents } from '../../helpers/webhooks/deliveries'
import { compiled } from '../harness/compiled'
import { deliveryMutants } from './mutants'
import type { Mutant } from '../harness/mutants'
import { type ChaosDatabase, onNewDatabase } from '../harness/new-database'
import { type Found, type Stand, type Tried, withMutants } from '../harness/part'

const allKills = 100
const eventsPerKill = 4

/**
 * Every event is delivered: kills the process that delivers 100 times between the receiver's 2xx and the record of it,
 * and as often before the answer.
 */
export async function webhooks(stand: Stand): Promise<Found> {
  const kills = stand.share(allKills)
  const program = await compiled(stand.folder, 'webhooks/deliverer')
  return withMutants(stand, deliveryMutants, (mutant) =>
    onNewDatabase(stand.cluster, (database) =>
      run(stand, database, { program, kills: mutant ? Math.min(kills, 8) : kills, mutant })
    )
  )
}

/** Kills so often, and lets the rest be delivered. */
async function run(
  stand: Stand,
  { url, pool, db }: ChaosDatabase,
  { program, kills, mutant }: { program: string; kills: number; mutant: Mutant | undefined }
): Promise<Tried[]> {
  const receiver = await startReceiver()
  const processes = new Processes(program, url)
  try {
    await mutant?.database?.(pool)
    await insertEndpoint(db, receiver.url)
    const written = await writeEvents(db, { count: kills * eventsPerKill })
    const counts = await killAll(db, receiver, processes, kills)
    receiver.settle()
    await processes.next()
    await settled(db)
    const { unrecorded, recorded, unanswered } = counts
    if (!mutant)
      stand.say(
        `${unrecorded} kills between 2xx and the record, ${recorded} just after it, ${unanswered} before the answer`
      )
    return await judge(db, receiver, written, { kills, unrecorded })
  } finally {
    await processes.end()
    receiver.close()
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

async function judge(
  db: Database,
  { got }: Receiver,
  written: string[],
  { kills, unrecorded }: { kills: number; unrecorded: number }
): Promise<Tried[]> {
  const rows = await deliveriesOf(db)
  const count = <T>(all: Iterable<T>, is: (one: T) => boolean): number => [...all].filter(is).length
  const tries = written.length
  return [
    {
      promise: 'if a delivering process is killed, every event arrives at least once',
      tries,
      faults: count(written, (id) => !got.get(id)?.arrived)
    },
    {
      promise: 'also events whose 2xx was not recorded, by as many kills',
      tries: unrecorded,
      faults: Math.max(kills - unrecorded, 0)
    },
    {
      promise: 'each event arrives as written, under the same id',
      tries: got.size,
      faults: count(got.keys(), (id) => !written.includes(id))
    },
    {
      promise: 'each attempt sends the same bytes',
      tries: got.size,
      faults: count(got.values(), ({ bodies }) => bodies.size !== 1)
    },
    {
      promise: 'every delivery is recorded in the end',
      tries: rows.length,
      faults: count(rows, ({ state }) => state !== 'delivered')
    }
  ]
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
