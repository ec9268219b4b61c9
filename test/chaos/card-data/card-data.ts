import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { cardDataMutants } from './mutants'
import { Counted } from './counted'
import { dumpOf, inFiles } from './database'
import { whatIsLeft, whatLives } from './heap'
import { type Inspector, openInspector } from './inspector'
import { formsOf, Marks, published } from './marks'
import { startProcess } from './process'
import { eventsOf, pagesOf } from './reading'
import { Search } from './search'
import { Sending } from './sending'
import { type Receiver, startReceiver } from './webhooks'
import { compiled } from '../harness/compiled'
import { startDurableCluster } from '../harness/durable-cluster'
import { Random } from '../fuzz/random'
import { type Operation, operations } from '../isolation/operations'
import type { Mutant } from '../harness/mutants'
import { type ChaosDatabase, onNewDatabase } from '../harness/new-database'
import { type Found, type Stand, type Tried, withMutants } from '../harness/part'

const allRounds = 10
const otherCalls = 500

/**
 * Sends marked card numbers, CVCs and bank account numbers to every endpoint, in each place and in many where none
 * belongs, to a server that logs at level trace and to one whose processor repeats them in what it throws; then looks for
 * them wherever something is kept, logged or answered. What callers write as their own text is theirs: that is kept and
 * shown to them, and in no log. The environment's CARD_DATA_SEED, as a run has told it, makes the same numbers again.
 */
export async function cardData(stand: Stand): Promise<Found> {
  const seed = Number(process.env.CARD_DATA_SEED ?? Date.now() % 2 ** 31)
  stand.say(`CARD_DATA_SEED=${seed}`)
  const all = await operations()
  const folder = join(stand.folder, 'durable')
  await mkdir(folder, { mode: 0o711 })
  const cluster = await startDurableCluster(folder)
  try {
    return await withMutants(stand, cardDataMutants, async (mutant) => {
      const program = await compiled(stand.folder, 'card-data/server', mutant?.program)
      return onNewDatabase(cluster, (database) =>
        run(stand, database, { all, program, folder, seed, mutant })
      )
    })
  } finally {
    await cluster.stop()
  }
}

interface Run {
  all: Operation[]
  program: string
  /** Of the cluster. */
  folder: string
  seed: number
  mutant: Mutant | undefined
}

async function run(
  stand: Stand,
  database: ChaosDatabase,
  { all, program, folder, seed, mutant }: Run
): Promise<Tried[]> {
  // A mutant is noticed where cards are typed.
  const chosen = mutant ? all.filter(({ method, path }) => method === 'POST' && typed.has(path)) : all
  const random = new Random(seed)
  const marks = new Marks(random)
  const log = join(stand.folder, 'card-data.log')
  const server = await startProcess(program, database.url, log)
  const receiver = await startReceiver()
  const urls = [server.host, server.standAlone]
  const sendings = urls.map((url) => new Sending(url, database, marks, random))
  const inspectors = await Promise.all(urls.map((url) => openInspector(url, database.secretKey)))
  const counted = new Counted(mutant ? () => undefined : stand.say)
  try {
    for (const sending of sendings) await sending.receiveAt(receiver.url)
    for (let rounds = mutant ? 1 : stand.share(allRounds); rounds > 0; rounds--)
      for (const [at, sending] of sendings.entries())
        await sending.round(chosen, { spite: !mutant, noRequests: urls[at] === server.standAlone })
    // The last webhooks.
    await sleep(mutant ? 200 : 3000)
    const tries = sendings.reduce((sum, { client }) => sum + client.sent, 0)

    const looked = await lookEverywhere(
      { marks, counted, database, log, sendings, inspectors, receiver, folder: join(folder, 'pg') },
      mutant === undefined
    )
    for (const sending of sendings) await sending.other(otherCalls)
    const lives = await whatLives(server, { marks, counted, folder: stand.folder })
    if (!mutant) {
      stand.say(`${tries} calls (${statusesOf(sendings)}); looked into ${looked}`)
      stand.say(`after ${2 * otherCalls} other calls and a collection: ${lives}`)
      stand.say((await whatIsLeft(server, marks)) ?? 'memory can be looked into on Linux')
    }
    return Object.entries(promises).map(([name, promise]) => ({ promise, tries, faults: counted.of(name) }))
  } finally {
    for (const each of [...inspectors, ...sendings.map(({ client }) => client), receiver]) each.close()
    await server.kill()
    await rm(log, { force: true })
  }
}

const typed = new Set(['/v1/payment_methods', '/v1/tokens'])

const promises = {
  kept: 'no card data is in the database: not in a dump, its files or its write-ahead log',
  logged: 'no card data is in the log at level trace',
  told: 'no card data is in an answer, an event, a webhook or the inspector',
  'referred to': 'after a garbage collection no reference to a number remains, except as a content type'
}

interface Places {
  marks: Marks
  counted: Counted
  database: ChaosDatabase
  log: string
  sendings: Sending[]
  inspectors: Inspector[]
  receiver: Receiver
  /** Of the data. */
  folder: string
}

/** Gives back where it has looked. `known`: also for numbers that everybody knows. */
async function lookEverywhere(
  { marks, counted, database, log, sendings, inspectors, receiver, folder }: Places,
  known: boolean
): Promise<string> {
  const others = known ? formsOf(published) : []
  const search = new Search([...formsOf(marks.all, { cut: true }), ...others])
  const searchAll = new Search([...formsOf([...marks.all, ...marks.own], { cut: true }), ...others])

  const dump = await dumpOf(database)
  counted.add('kept', dump.by, search.in(dump.text))
  await database.pool.query('checkpoint')
  const files = await inFiles(database.pool, folder, search)
  counted.add('kept', 'the files of the database', files.hits)

  counted.add('logged', 'the log', await searchAll.inFile(log))

  const answers = sendings.flatMap(({ client }) => client.answers)
  for (const { what, own, text } of answers)
    if (!own) counted.add('told', `an answer (${what.slice(0, 80)})`, search.in(text))
  for (const text of receiver.got) counted.add('told', 'a webhook', search.in(text))
  for (const { seen } of inspectors) counted.add('told', 'the inspector', searchAll.in(seen()))
  let events = 0
  for (const { client } of sendings) {
    const pages = await eventsOf(client)
    events += pages.count
    counted.add('told', 'the events', search.in(pages.text))
    counted.add('told', 'the inspector', searchAll.in(await pagesOf(client)))
  }
  return `${dump.by}, ${files.files} files of the database, ${receiver.got.length} webhooks, ${events} events, ${answers.length} answers`
}

function statusesOf(sendings: readonly Sending[]): string {
  const all = new Map<number, number>()
  for (const { client } of sendings)
    for (const [status, count] of client.statuses) all.set(status, (all.get(status) ?? 0) + count)
  return [...all]
    .sort(([a], [b]) => a - b)
    .map(([status, count]) => `${status}: ${count}`)
    .join(', ')
}
