import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { Pool } from 'pg'
import { Database } from '../../plugins/database'
import { createKey, firstAccount } from '../../src/accounts/keys'
import { accountIn } from '../../src/call'
import { makeRows } from '../bench/rows'
import { databaseUrl, onServer, startTestCluster, type TestCluster } from '../helpers/cluster'
import { mutants } from './mutants'
import { type Heard, type Send, startSender } from './senders'

const allKeys = 10_000
const sends = 8
// Keys that are being sent at any moment, each by all its senders at once.
const lanes = 16

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

/**
 * npm run chaos: 10,000 idempotency keys with 8 sends each in two server processes on one database, then the same with
 * broken rules, which must be noticed. `--fraction 0.1` takes a tenth of the keys, `--mutant` the broken rules alone.
 */
async function main(): Promise<boolean> {
  const { values } = parseArgs({
    options: { fraction: { type: 'string', default: '1' }, mutant: { type: 'boolean', default: false } }
  })
  const keys = Math.round(allKeys * Number(values.fraction))
  if (!(keys >= 1)) throw new Error('--fraction must be a number above 0')
  const cluster = await startTestCluster(process.env.TEST_DATABASE_URL)
  try {
    let kept = true
    if (!values.mutant) kept = (await run(cluster, keys, tellAll)) === 0
    for (const [name, mutate] of Object.entries(mutants)) {
      let faults = 0
      await run(cluster, Math.min(keys, 200), (_promise, faulty) => (faults += faulty), mutate)
      console.log(line(faults > 0, `noticed: ${name}`, `${faults} faults`))
      kept &&= faults > 0
    }
    return kept
  } finally {
    await cluster.stop()
  }
}

type Tell = (promise: string, faults: number, of: number) => void

const tellAll: Tell = (promise, faults, of) => {
  console.log(line(faults === 0, promise, faults === 0 ? `${of} of ${of}` : `${faults} of ${of} not`))
}

const line = (kept: boolean, promise: string, figure: string): string =>
  `${kept ? 'ok    ' : 'FAILED'}  ${promise}: ${figure}`

let databases = 0

/** Sends everything on a new database, tells each promise, and gives back the number of faults. */
async function run(
  cluster: TestCluster,
  keys: number,
  tell: Tell,
  mutate?: (pool: Pool) => Promise<void>
): Promise<number> {
  const name = `${cluster.template}_chaos_${++databases}`
  await onServer(cluster.url, `create database ${name} template ${cluster.template}`)
  const url = databaseUrl(cluster.url, name)
  const pool = new Pool({ connectionString: url, max: 2 })
  const stops: (() => Promise<void>)[] = [() => pool.end()]
  try {
    await mutate?.(pool)
    const db = new Database(pool, { schema: 'payment_vault', prepared: false })
    await makeRows(pool, accountIn(await firstAccount(db), false), 0, keys)
    const secretKey = await createKey(db, { livemode: false, kind: 'secret' })
    const sender = async (): Promise<Send> => {
      const { send, stop } = await startSender(url, secretKey)
      stops.unshift(stop)
      return send
    }
    const senders: Senders = [await sender(), await sender()]
    const started = performance.now()
    const tally = await sendAll(senders, keys)
    if (!mutate) {
      const seconds = (performance.now() - started) / 1000
      console.log(
        `${keys} keys, ${sends} sends each to 2 processes, and one after all: ${tally.answers} answers in ${seconds.toFixed(0)} s; ${tally.resent} were told to come again`
      )
    }
    return await judge(pool, tally, keys, tell)
  } finally {
    for (const stop of stops) await stop()
    await onServer(cluster.url, `drop database ${name} with (force)`)
  }
}

/** A call of its own for each key: attaches on the short way and on the long one, and new customers. */
function callOf(key: number): { path: string; body: string } {
  if (key % 4 === 0) return { path: '/v1/customers', body: `name=${key}` }
  const path = `/v1/payment_methods/pm_bench${String(key).padStart(18, '0')}/attach`
  const body = `customer=cus_bench${String(key % 100).padStart(5, '0')}`
  return { path, body: key % 4 === 1 ? `${body}&expand[]=customer` : body }
}

type Senders = [Send, Send]

async function sendAll(senders: Senders, keys: number): Promise<Tally> {
  const tally: Tally = { answers: 0, resent: 0, failures: 0, seen: [] }
  let next = 0
  const lane = async (): Promise<void> => {
    for (let key = next++; key < keys; key = next++) tally.seen.push(await sendKey(senders, key, tally))
  }
  await Promise.all(Array.from({ length: lanes }, lane))
  // Only when all is over: a key that is stuck is so for good.
  let last = 0
  const again = async (): Promise<void> => {
    for (let seen = tally.seen[last++]; seen; seen = tally.seen[last++]) {
      const heard = await patiently(senders, last, seen.key, tally)
      seen.replays = heard.replayed && heard.status === 200 && heard.text === seen.first?.text
    }
  }
  await Promise.all(Array.from({ length: lanes }, again))
  return tally
}

async function sendKey(senders: Senders, number: number, tally: Tally): Promise<Seen> {
  const key = String(number)
  const seen: Seen = { key, first: undefined, others: 0, ran: 0, replays: false }
  const send = async (i: number): Promise<void> => {
    // Of every second key some come in while others are answered.
    if (number % 2 === 0) await sleep(Math.random() * 10)
    const heard = await patiently(senders, i, key, tally)
    seen.first ??= heard
    if (heard.text !== seen.first.text || heard.originalRequest !== seen.first.originalRequest) seen.others++
    if (!heard.replayed) seen.ran++
  }
  await Promise.all(Array.from({ length: sends }, (_, i) => send(i)))
  return seen
}

/** Sends again what is told to come again (409, 429), for ten seconds at most. */
async function patiently(senders: Senders, i: number, key: string, tally: Tally): Promise<Heard> {
  const { path, body } = callOf(Number(key))
  for (let tries = 0; ; tries++) {
    const heard = await (i % 2 === 0 ? senders[0] : senders[1])(path, body, key)
    tally.answers++
    if (heard.status >= 500) tally.failures++
    const again = heard.status === 409 || heard.status === 429
    if (!again || tries === 100) return heard
    tally.resent++
    await sleep(100)
  }
}

async function judge(pool: Pool, tally: Tally, keys: number, tell: Tell): Promise<number> {
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
  const promises: [promise: string, faults: number, of: number][] = [
    ['every key was done', count(({ first }) => first?.status !== 200), keys],
    [
      'one effect a key, with one event',
      wrong + Math.abs(customers - made) + Math.abs(attached - (keys - made)),
      keys
    ],
    ['the answers of a key are the same bytes', count(({ others }) => others > 0), keys],
    ['one answer of a key says that it ran', count(({ ran }) => ran !== 1), keys],
    ['no key is stuck: it replays afterwards', count(({ replays }) => !replays), keys],
    ['no answer is a 5xx', tally.failures, tally.answers]
  ]
  for (const promise of promises) tell(...promise)
  return promises.reduce((sum, [, faults]) => sum + faults, 0)
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
