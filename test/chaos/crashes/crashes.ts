import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { makeRows } from '../../bench/stand/rows'
import { Caller } from '../harness/caller'
import { compiled } from '../harness/compiled'
import { CrashClients } from './clients'
import { judgeCrashes } from './judge'
import { crashMutants, type Deaths } from './mutants'
import { type DurableCluster, startDurableCluster } from '../harness/durable-cluster'
import { type ChaosDatabase, onNewDatabase } from '../harness/new-database'
import { type Found, type Stand, type Tried, withMutants } from '../harness/part'
import { type Server, startServer } from '../harness/servers'

const [allKills, allStops] = [100, 100]
const wanted = { acknowledged: 10_000, lost: 100 }
// The most things that clients do in a run.
const room = 200_000

/**
 * Kills the server 100 times (kill -9) and the database as often (`pg_ctl stop -m immediate`), while 64 clients call
 * and retry under their keys; then looks for what was acknowledged, and has every key replayed.
 */
export async function crashes(stand: Stand): Promise<Found> {
  const sound = await compiled(stand.folder, 'harness/server')
  const folder = join(stand.folder, 'durable')
  await mkdir(folder, { mode: 0o711 })
  const cluster = await startDurableCluster(folder)
  try {
    return await withMutants(
      stand,
      crashMutants,
      async (mutant) => {
        const program = mutant?.program
          ? await compiled(stand.folder, 'harness/server', mutant.program)
          : sound
        const deaths = mutant?.deaths ?? { kills: stand.share(allKills), stops: stand.share(allStops) }
        return onNewDatabase(cluster, async (database) => {
          await mutant?.database?.(database.pool)
          return run(stand, cluster, database, { program, deaths, sound: !mutant })
        })
      },
      { times: 5 }
    )
  } finally {
    await cluster.stop()
  }
}

async function run(
  { say, share }: Stand,
  cluster: DurableCluster,
  { url, pool, account, secretKey }: ChaosDatabase,
  { program, deaths, sound }: { program: string; deaths: Deaths; sound: boolean }
): Promise<Tried[]> {
  await makeRows(pool, account, 0, sound ? share(room) : 10_000)
  const started = new Started(() => startServer(program, url, { processorTimeout: 500 }), secretKey)
  await started.next()
  const clients = new CrashClients(() => started.caller, {
    setsUp: sound,
    room: sound ? share(room) : 10_000
  })
  try {
    const lost = sound ? share(wanted.lost) : 0
    // Until enough of them came between a commit and its answer.
    let kills = 0
    for (; kills < deaths.kills || (clients.lost < lost && kills < deaths.kills * 3); kills++) {
      await underWay(clients)
      await started.next()
    }
    const killed = clients.acknowledged
    for (let i = 0; i < deaths.stops; i++) {
      // Whoever finds one that was begun by a dead server has to wait for some seconds: that is also done meanwhile.
      if (i >= deaths.stops / 2) clients.setsUp = false
      await underWay(clients)
      await cluster.crash()
    }
    await clients.finish()
    const others = await clients.replay()
    const { calls, acknowledged } = clients
    if (sound)
      say(
        `${kills} kills among ${killed} acknowledged calls, ${deaths.stops} crashes of the database among ${acknowledged - killed}; the answers of ${calls.filter(({ lost }) => lost).length} were lost once`
      )
    const least = { acknowledged: share(wanted.acknowledged), lost }
    return await judgeCrashes(
      pool,
      { calls, others, wanted: sound ? least : { acknowledged: 0, lost: 0 } },
      sound ? say : () => undefined
    )
  } finally {
    await clients.finish()
    await started.end()
  }
}

/** Waits until calls are answered again, and then for a moment that nobody can foresee. */
async function underWay(clients: CrashClients): Promise<void> {
  const before = clients.acknowledged
  const since = performance.now()
  while (clients.acknowledged < before + 100) {
    if (performance.now() - since > 60_000) throw new Error('nothing is answered any more')
    await sleep(10)
  }
  await sleep(Math.random() * 100)
}

/** The server that is called, and one that is ready to take its place. */
class Started {
  caller!: Caller
  readonly #start: () => Promise<Server>
  readonly #secretKey: string
  #server: Server | undefined
  #ready: Promise<Server>

  constructor(start: () => Promise<Server>, secretKey: string) {
    this.#start = start
    this.#secretKey = secretKey
    this.#ready = start()
  }

  /** Kills the one that is called; its place is taken at once. */
  async next(): Promise<void> {
    const server = await this.#ready
    const [old, oldCaller] = [this.#server, this.caller as Caller | undefined]
    const killed = old?.kill()
    this.#server = server
    this.caller = new Caller(server.url, this.#secretKey)
    await killed
    oldCaller?.close()
    this.#ready = this.#start()
  }

  async end(): Promise<void> {
    this.caller.close()
    await Promise.all([this.#server?.kill(), this.#ready.then((server) => server.kill())])
  }
}
