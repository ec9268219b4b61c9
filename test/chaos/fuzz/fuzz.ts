import { createKey } from '../../../src/resources/accounts/keys'
import { openApiDocument } from '../../../src/index'
import { checkAnswer } from '../../helpers/document/document'
import { compiled } from '../harness/compiled'
import type { Exchanged } from '../harness/exchange'
import { fuzzMutants } from './mutants'
import { Client } from './client'
import { Ids } from './ids'
import { Random } from './random'
import { type Document, type Keys, type Request, Requests } from './requests'
import { Values } from './values'
import { holdingUp } from './holding-up'
import type { Mutant } from '../harness/mutants'
import { type ChaosDatabase, onNewDatabase } from '../harness/new-database'
import { type Found, type Stand, type Tried, withMutants } from '../harness/part'
import { startWatchedServer } from '../harness/watched-servers'

const allCalls = 1_000_000
const mutantCalls = 5000
// Calls that are under way at any moment.
const lanes = 32
// Bytes: the most that the process has, and what may be left of all the calls.
const most = { rss: 512 * 2 ** 20, grown: 24 * 2 ** 20 }

/**
 * A million calls made from the document, half of them as it says and half with something wrong: each is answered, with
 * no 5xx, and as the document has it. The environment's FUZZ_SEED, as a run has told it, makes the same calls again.
 */
export async function fuzz(stand: Stand): Promise<Found> {
  const calls = stand.share(allCalls)
  const seed = Number(process.env.FUZZ_SEED ?? Date.now() % 2 ** 31)
  stand.say(`FUZZ_SEED=${seed}`)
  return withMutants(stand, fuzzMutants, async (mutant) => {
    const program = await compiled(stand.folder, 'harness/watched-server', mutant?.program)
    return onNewDatabase(stand.cluster, (database) =>
      run(stand, database, { program, seed, calls: mutant ? mutantCalls : calls, mutant })
    )
  })
}

interface Fuzz {
  program: string
  seed: number
  calls: number
  mutant: Mutant | undefined
}

async function run(
  stand: Stand,
  { pool, url, db, secretKey }: ChaosDatabase,
  { program, seed, calls, mutant }: Fuzz
): Promise<Tried[]> {
  await mutant?.database?.(pool)
  const bad = [
    await createKey(db, { livemode: false, kind: 'publishable' }),
    await createKey(db, { livemode: true, kind: 'secret' }),
    ...['sk_test_none', '']
  ]
  const server = await startWatchedServer(program, url)
  const client = new Client(`http://127.0.0.1:${server.port}`)
  try {
    const held = await holdingUp(server, client, { key: secretKey, few: mutant !== undefined })
    server.reset()
    const before = await server.read()
    const { statuses, failures, strays } = await sendAll(client, { calls, seed }, { good: [secretKey], bad })
    const after = await server.read()
    if (!mutant) {
      for (const fault of [...failures, ...strays].slice(0, 20)) stand.say(fault)
      const told = [...statuses].sort(([a], [b]) => a - b).map(([status, count]) => `${status}: ${count}`)
      stand.say(told.join(', '))
      stand.say(`the event loop and the memory meanwhile: ${JSON.stringify(after)}`)
      stand.say(`one by one: ${held.told}`)
      for (const fault of held.faults) stand.say(fault)
    }
    return [
      { promise: 'no call gets a 5xx, and every call gets an answer', tries: calls, faults: failures.length },
      { promise: 'every answer conforms to the document', tries: calls, faults: strays.length },
      {
        promise: `no call blocks the event loop for over ${process.env.FUZZ_HELD ?? 20} ms`,
        tries: held.tries,
        faults: held.faults.length
      },
      {
        promise: 'memory keeps its size under all requests',
        tries: calls,
        faults: Number(after.rss > most.rss) + Number(after.heap - before.heap > most.grown)
      }
    ]
  } finally {
    client.close()
    await server.kill()
  }
}

interface Fuzzed {
  /** How many were answered with each status. */
  statuses: Map<number, number>
  /** Calls with a 5xx, or without an answer. */
  failures: string[]
  /** Calls that were answered as the document does not have it. */
  strays: string[]
}

async function sendAll(
  client: Client,
  { calls, seed }: { calls: number; seed: number },
  keys: Keys
): Promise<Fuzzed> {
  const random = new Random(seed)
  const document = (await openApiDocument()) as Document
  const ids = new Ids(random)
  const values = new Values(random, document.components.schemas, ids.known)
  const requests = new Requests(document, random, values, ids.known, keys)
  const fuzzed: Fuzzed = { statuses: new Map(), failures: [], strays: [] }
  let sent = 0
  const lane = async (): Promise<void> => {
    while (sent++ < calls) {
      const request = requests.next()
      try {
        const response = await client.send(request)
        const { status } = response
        fuzzed.statuses.set(status, (fuzzed.statuses.get(status) ?? 0) + 1)
        if (status >= 500) fuzzed.failures.push(told(request, `${status} ${response.text}`))
        else
          await judge(request, response, ids).catch((stray: unknown) =>
            fuzzed.strays.push(told(request, stray))
          )
      } catch (error) {
        fuzzed.failures.push(told(request, error))
      }
    }
  }
  await Promise.all(Array.from({ length: lanes }, lane))
  return fuzzed
}

/** Throws for an answer that the document does not have; of one that is good the ids are used in later calls. */
async function judge({ method, path }: Request, { status, text }: Exchanged, ids: Ids): Promise<void> {
  // Answers without a body have nothing to judge.
  if (method === 'HEAD' || status === 204) return
  const body: unknown = JSON.parse(text)
  await checkAnswer(method, path, status, body)
  if (status === 200) ids.learn(body)
}

const told = ({ method, path, headers, body }: Request, fault: unknown): string => {
  const what = fault instanceof Error ? fault.message : String(fault)
  const sent = body?.toString('latin1').slice(0, 2000) ?? ''
  return `${what.slice(0, 300)}\n  ${method} ${path} ${JSON.stringify(headers)} ${sent}`
}
