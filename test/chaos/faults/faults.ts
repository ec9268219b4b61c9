import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Pool } from 'pg'
import { Database } from '../../../plugins/database/database'
import { createKey, firstAccount } from '../../../src/resources/accounts/keys'
import { accountIn } from '../../../src/protocol/view'
import { migrate } from '../../../src/storage/migrations/migrate'
import { makeRows } from '../../bench/stand/rows'
import { onServer } from '../../helpers/database/cluster'
import { Proxy } from '../../helpers/network/proxy'
import { compiled } from '../harness/compiled'
import { CrashClients } from '../crashes/clients'
import { judgeCrashes } from '../crashes/judge'
import { faultsMutants } from './mutants'
import type { Mutant } from '../harness/mutants'
import { type FaultName, faultsBetween } from './between'
import { Readers } from './readers'
import { Servers } from './servers'
import { Witness } from './witness'
import { faultsOf, type Found, type Stand, type Tried, withMutants } from '../harness/part'
import { startWatchedServer } from '../harness/watched-servers'

const allRounds = 10
// Milliseconds: until all must be as before, and for which that is looked at.
const [recovery, sound] = [2000, 1500]
// Each of 64 clients is silent for so long after each thing that it did.
const pause = 200
// Things that are done during one of the faults, at most.
const mostInFault = 4000
// Bytes.
const mostGrown = 24 * 2 ** 20

/**
 * Ten rounds of all that can go wrong between a server and its database, while 64 clients call and retry under their
 * keys, and others read what was acknowledged.
 */
export async function faults(stand: Stand): Promise<Found> {
  const servers = await Servers.start(join(stand.folder, 'servers'))
  try {
    return await withMutants(stand, faultsMutants, async (mutant) => {
      const program = await compiled(stand.folder, 'faults/server', mutant?.program)
      const all = Object.keys(faultsBetween) as FaultName[]
      const rounds = Array.from({ length: stand.share(allRounds) }, () => all)
      const say = mutant ? () => undefined : stand.say
      return run(servers, { program, faults: mutant?.faults ?? rounds.flat(), say, mutant })
    })
  } finally {
    await servers.end()
  }
}

interface Run {
  program: string
  faults: FaultName[]
  say: (line: string) => void
  mutant: Mutant | undefined
}

let databases = 0

async function run(servers: Servers, { program, faults, say, mutant }: Run): Promise<Tried[]> {
  const name = `vault_${++databases}`
  await onServer(servers.url, `create database ${name} template template0`)
  const proxy = new Proxy({ path: servers.socket })
  const url = `postgresql://postgres@127.0.0.1:${await proxy.listen()}/${name}`
  const pool = new Pool({ connectionString: url, max: 2 })
  pool.on('error', () => undefined)
  const room = faults.length * mostInFault
  const secretKey = await filled(pool, room)
  await mutant?.database?.(pool)
  const server = await startWatchedServer(program, url)
  const witness = new Witness(`http://127.0.0.1:${server.port}`, secretKey)
  const clients = new CrashClients(() => witness, { setsUp: false, room, pause })
  const readers = new Readers(witness, clients.calls)
  try {
    await sleep(2000)
    const before = await server.read()
    const services: Service[] = []
    for (const fault of faults) {
      if (fault === 'failover') await servers.addStandby()
      await faultsBetween[fault]({ proxy, servers })
      proxy.target = { path: servers.socket }
      await sleep(recovery)
      services.push(await serviceAfter(fault, witness))
    }
    const { heap } = await server.read()
    const met = promisesOf(witness, readers, services, heap - before.heap)
    for (const line of [...witness.wrong, ...readers.stale, ...services.flatMap(({ lines }) => lines)].slice(
      0,
      20
    ))
      say(line)
    say(`the heap grew from ${before.heap} to ${heap} bytes`)
    // Whoever waits for what never comes would do so for long.
    if (mutant && faultsOf(met) > 0) return met
    await clients.finish()
    return [...met, await kept(clients, pool, say)]
  } finally {
    await server.kill()
    await Promise.all([clients.abandon(), readers.end()])
    witness.close()
    await pool.end()
    proxy.end()
  }
}

interface Service {
  calls: number
  lines: string[]
}

async function serviceAfter(fault: FaultName, witness: Witness): Promise<Service> {
  witness.begin()
  await sleep(sound)
  const { calls, refused } = await witness.service()
  const lines = refused.map((line) => `2 s after ${fault}: ${line}`)
  return { calls, lines: calls > 0 ? lines : [`2 s after ${fault}: nobody calls any more`] }
}

function promisesOf(witness: Witness, readers: Readers, services: Service[], grown: number): Tried[] {
  return [
    {
      promise: 'slow, cut, silent, restarted, failed over: all calls are answered, at worst by a 503',
      tries: witness.answers,
      faults: witness.wrong.length
    },
    {
      promise: '2 s later all calls are answered as before',
      tries: services.reduce((sum, { calls }) => sum + calls, 0),
      faults: services.reduce((sum, { lines }) => sum + lines.length, 0)
    },
    {
      promise: 'reads in the meantime show what was acknowledged',
      tries: readers.reads,
      faults: readers.stale.length
    },
    { promise: 'memory returns to its size', tries: services.length, faults: Number(grown > mostGrown) }
  ]
}

/** All that judges a crash, as one promise: what was acknowledged is there, once, with its events and keys. */
async function kept(clients: CrashClients, pool: Pool, say: (line: string) => void): Promise<Tried> {
  const others = await clients.replay()
  const wanted = { acknowledged: 0, lost: 0 }
  const judged = await judgeCrashes(pool, { calls: clients.calls, others, wanted }, say)
  say(`${clients.lost} of ${clients.calls.length} were done and their answers lost`)
  return {
    promise: 'each acknowledged change exists once, with its event and its key',
    tries: clients.acknowledged,
    faults: faultsOf(judged)
  }
}

async function filled(pool: Pool, rows: number): Promise<string> {
  await migrate(pool, { schema: 'payment_vault' })
  const db = new Database(pool, { schema: 'payment_vault', prepared: false })
  const account = accountIn(await firstAccount(db), false)
  await makeRows(pool, account, 0, rows)
  return createKey(db, { livemode: false, kind: 'secret' })
}
