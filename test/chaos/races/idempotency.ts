import { setTimeout as sleep } from 'node:timers/promises'
import type { Pool } from 'pg'
import { makeRows } from '../../bench/stand/rows'
import { Caller, type Heard } from '../harness/caller'
import { compiled } from '../harness/compiled'
import { idempotencyMutants } from './idempotency-mutants'
import type { Mutant } from '../harness/mutants'
import { type ChaosDatabase, onNewDatabase } from '../harness/new-database'
import { type Found, type Stand, type Tried, withMutants } from '../harness/part'
import { startServer } from '../harness/servers'

const allKeys = 10_000
const sends = 8
// Keys that are being sent at any moment, each by all its senders at once.
const lanes = 16

/**
 * One effect a key: 10,000 idempotency keys with 8 sends each in two server processes on one database, and one send
 * after all.
 */
export async function idempotency(stand: Stand): Promise<Found> {
  const keys = stand.share(allKeys)
  const program = await compiled(stand.folder, 'harness/server')
  return withMutants(stand, idempotencyMutants, (mutant) =>
    onNewDatabase(stand.cluster, (database) =>
      run(stand, database, { program, keys: mutant ? Math.min(keys, 80) : keys, mutant })
    )
  )
}

/** What was seen of one key. */
interface Seen {
  key: string
  first: Heard | undefined
  /** Answers that are not the first one's bytes, or name another request as the original. */
  others: number
  /** Answers that do not say that they are replays: the one that ran. */
  ran: number
  replays: boolean
}

interface Tally {
  answers: number
  resent: number
  failures: number
  seen: Seen[]
}

async function run(
  stand: Stand,
  { pool, url, account, secretKey }: ChaosDatabase,
  { program, keys, mutant }: { program: string; keys: number; mutant: Mutant | undefined }
): Promise<Tried[]> {
  await mutant?.database?.(pool)
  await makeRows(pool, account, 0, keys)
  const servers = await Promise.all([startServer(program, url), startServer(program, url)])
  const callers: Callers = [new Caller(servers[0].url, secretKey), new Caller(servers[1].url, secretKey)]
  try {
    const tally = await sendAll(callers, keys)
    if (!mutant) stand.say(`${tally.answers} answers; ${tally.resent} were told to come again`)
    return await judge(pool, tally, keys)
  } finally {
    for (const caller of callers) caller.close()
    for (const server of servers) await server.stop()
  }
}

/** A call of its own for each key: attaches on the short way and on the long one, and new customers. */
function callOf(key: number): { path: string; body: string } {
  if (key % 4 === 0) return { path: '/v1/customers', body: `name=${key}` }
  const path = `/v1/payment_methods/pm_bench${String(key).padStart(18, '0')}/attach`
  const body = `customer=cus_bench${String(key % 100).padStart(5, '0')}`
  return { path, body: key % 4 === 1 ? `${body}&expand[]=customer` : body }
}

type Callers = [Caller, Caller]

async function sendAll(callers: Callers, keys: number): Promise<Tally> {
  const tally: Tally = { answers: 0, resent: 0, failures: 0, seen: [] }
  let next = 0
  const lane = async (): Promise<void> => {
    for (let key = next++; key < keys; key = next++) tally.seen.push(await sendKey(callers, key, tally))
  }
  await Promise.all(Array.from({ length: lanes }, lane))
  // Only when all is over: a key that is stuck is so for good.
  let last = 0
  const again = async (): Promise<void> => {
    for (let seen = tally.seen[last++]; seen; seen = tally.seen[last++]) {
      const heard = await patiently(callers, last, seen.key, tally)
      seen.replays = heard.replayed && heard.status === 200 && heard.text === seen.first?.text
    }
  }
  await Promise.all(Array.from({ length: lanes }, again))
  return tally
}

async function sendKey(callers: Callers, number: number, tally: Tally): Promise<Seen> {
  const key = String(number)
  const seen: Seen = { key, first: undefined, others: 0, ran: 0, replays: false }
  const send = async (i: number): Promise<void> => {
    // Of every second key some come in while others are answered.
    if (number % 2 === 0) await sleep(Math.random() * 10)
    const heard = await patiently(callers, i, key, tally)
    seen.first ??= heard
    if (heard.text !== seen.first.text || heard.originalRequest !== seen.first.originalRequest) seen.others++
    if (!heard.replayed) seen.ran++
  }
  await Promise.all(Array.from({ length: sends }, (_, i) => send(i)))
  return seen
}

/** Sends again what is told to come again (409, 429), for ten seconds at most. */
async function patiently(callers: Callers, i: number, key: string, tally: Tally): Promise<Heard> {
  const { path, body } = callOf(Number(key))
  for (let tries = 0; ; tries++) {
    const heard = await (i % 2 === 0 ? callers[0] : callers[1]).send({ path, body, key })
    tally.answers++
    if (heard.status >= 500) tally.failures++
    const again = heard.status === 409 || heard.status === 429
    if (!again || tries === 100) return heard
    tally.resent++
    await sleep(100)
  }
}

async function judge(pool: Pool, tally: Tally, keys: number): Promise<Tried[]> {
  const effects = await pool.query<{ wrong: number; customers: number; attached: number }>(
    `select
       (select count(*) from generate_series(0, $1::int - 1) k
        where (select count(*) from payment_vault.events e where e.idempotency_key = k::text) <> 1)::int as wrong,
       (select count(*) from payment_vault.customers where id not like 'cus_bench%')::int as customers,
       (select count(*) from payment_vault.payment_methods where state = 'attached')::int as attached`,
    [keys]
  )
  const { wrong, customers, attached } = effects.rows[0] ?? { wrong: keys, customers: 0, attached: 0 }
  const made = Math.ceil(keys / 4)
  const count = (is: (seen: Seen) => boolean): number => tally.seen.filter(is).length
  return [
    {
      promise: 'every call with a key is executed',
      tries: keys,
      faults: count(({ first }) => first?.status !== 200)
    },
    {
      promise: 'a key has one effect, with one event',
      tries: keys,
      faults: wrong + Math.abs(customers - made) + Math.abs(attached - (keys - made))
    },
    {
      promise: 'all answers to a key have the same bytes',
      tries: tally.answers,
      faults: count(({ others }) => others > 0)
    },
    {
      promise: 'exactly one answer to a key is no replay',
      tries: keys,
      faults: count(({ ran }) => ran !== 1)
    },
    {
      promise: 'no key is stuck: it replays afterwards',
      tries: keys,
      faults: count(({ replays }) => !replays)
    },
    { promise: 'no send of a key gets a 5xx', tries: tally.answers, faults: tally.failures }
  ]
}
