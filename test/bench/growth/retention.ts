import { randomUUID } from 'node:crypto'
import { parseArgs } from 'node:util'
import type { Pool } from 'pg'
import { removeKeysBefore } from '../../../plugins/idempotency/expiry'
import { removeEventsBefore } from '../../../src/resources/events/retention'
import { newId } from '../../../src/protocol/values/ids'
import { median, note } from '../report/figures'
import { commandLine, heading, megabytes, number, table } from '../report/markdown'
import { makeRows } from '../stand/rows'
import { onStand, type Stand, type VaultDatabase } from '../stand/stand'
import { steadily } from '../load/steady'
import { targetTable } from '../report/targets'

/**
 * npm run bench:retention: a month of attaches at a steady rate in a few minutes. The server's clock is put forward
 * between the days, so that it makes keys and events of all the month; what is too old is removed while calls come in.
 * It begins with a month of events and a day of keys, as a vault that has been running.
 */
const { values } = parseArgs({
  options: {
    days: { type: 'string', default: '30' },
    seconds: { type: 'string', default: '6' },
    rate: { type: 'string', default: '300' }
  }
})
const days = Number(values.days)
const seconds = Number(values.seconds)
const perSecond = Number(values.rate)
const perDay = perSecond * seconds
const day = 24 * 3600 * 1000
// The defaults of the options.
const keepKeysFor = 25 * 3600 * 1000
const keepEventsFor = 30 * day

interface Day {
  name: string
  p50: number
  p99: number
  longest: number
  removed: { keys: number; events: number }
  keys: Size
  events: Size
  paymentMethods: Size
}

interface Size {
  bytes: number
  dead: number
}

async function bench(stand: Stand): Promise<void> {
  const told = heading(stand.version, commandLine('bench:retention'))
  const database = await stand.makeDatabase('vault')
  const { pool, account } = database
  // In this month a minute is a few milliseconds; vacuum looks for work every minute.
  await pool.query("alter system set autovacuum_naptime = '1s'")
  await pool.query('select pg_reload_conf()')
  await makeRows(pool, account, 0, perDay * (days + 1))
  await pastMonth(database)
  await pool.query('vacuum analyze')
  const server = await stand.startServer(database)
  const attaches = { url: server.url, key: database.key, perSecond, next: nextAttach() }
  await steadily({ ...attaches, seconds })
  const seen: Day[] = []
  for (let n = 1; n <= days; n++) {
    await server.tell({ ahead: n * day })
    const clock = Date.now() + n * day
    const [took, removed] = await Promise.all([steadily({ ...attaches, seconds }), sweep(database, clock)])
    seen.push(await dayOf(pool, n, took, removed))
    note(`day ${n}: p99 ${seen.at(-1)?.p99.toFixed(1) ?? ''} ms`)
  }
  console.log(
    `${told} ${days} days of ${number(perDay)} attaches, ${number(perSecond)} a second and ${seconds} s a day, autovacuum_naptime 1 s; keys are kept for 25 hours, events for 30 days.\n`
  )
  console.log(`${dayTable(seen)}\n\n${flatness(seen)}`)
}

function nextAttach() {
  let n = 0
  return () => {
    const number = n++
    return {
      path: `/v1/payment_methods/pm_bench${String(number).padStart(18, '0')}/attach`,
      body: `customer=cus_bench${String(number % 10_000).padStart(5, '0')}`,
      idempotencyKey: randomUUID()
    }
  }
}

async function sweep({ db }: VaultDatabase, clock: number): Promise<Day['removed']> {
  const keys = await removeKeysBefore(db, Math.floor((clock - keepKeysFor) / 1000))
  return { keys, events: await removeEventsBefore(db, clock - keepEventsFor) }
}

/** What a month before would have left: its events, and the keys of its last day. */
async function pastMonth({ pool, account }: VaultDatabase): Promise<void> {
  const object = await pool.query<{ object: object }>(
    `select payment_vault.payment_method_object(m) as object from payment_vault.payment_methods m limit 1`
  )
  const now = Date.now()
  for (let ago = keepEventsFor / day; ago > 0; ago--) {
    const at = Array.from({ length: perDay }, (_, i) => now - ago * day + (i * day) / perDay)
    const created = at.map((time) => Math.floor(time / 1000))
    const ids = at.map((time) => newId('evt', Math.floor(time)))
    const keys = at.map(() => randomUUID())
    await pool.query(pastEvents, [account, ids, created, keys, JSON.stringify(object.rows[0]?.object)])
    if (ago === 1) await pool.query(pastKeys, [account, keys, created, ids, Buffer.alloc(32)])
  }
}

const pastEvents = `
  insert into payment_vault.events (account_id, id, created, type, object, request_id, idempotency_key)
  select $1, id, created, 'payment_method.attached', $5, 'req_00000000000000', key
  from unnest($2::text[], $3::bigint[], $4::text[]) made (id, created, key)`

const pastKeys = `
  insert into payment_vault.idempotency_keys
    (account_id, key, created, endpoint, parameters, request_id, version, outcome, event_id)
  select $1, key, created, '/v1/payment_methods/pm_bench000000000000000000/attach', $5, 'req_00000000000000',
    '2022-11-15', 'attached', event
  from unnest($2::text[], $3::bigint[], $4::text[]) made (key, created, event)`

async function dayOf(pool: Pool, n: number, took: number[], removed: Day['removed']): Promise<Day> {
  const at = (share: number) => took[Math.floor((took.length - 1) * share)] ?? NaN
  const { rows } = await pool.query<{ name: string; bytes: number; dead: number }>(
    `select relname as name, pg_total_relation_size(relid)::float8 as bytes, n_dead_tup::float8 as dead
     from pg_stat_user_tables where schemaname = 'payment_vault'`
  )
  const size = (name: string): Size => rows.find((row) => row.name === name) ?? { bytes: NaN, dead: NaN }
  return {
    ...{ name: String(n), p50: at(0.5), p99: at(0.99), longest: at(1), removed },
    ...{ keys: size('idempotency_keys'), events: size('events'), paymentMethods: size('payment_methods') }
  }
}

const dayTable = (seen: readonly Day[]): string =>
  table(
    [
      ...['day', 'p50 ms', 'p99 ms', 'longest ms', 'keys', 'dead', 'removed', 'events', 'dead', 'removed'],
      'payment methods'
    ],
    seen.map(({ name, p50, p99, longest, keys, events, removed, paymentMethods }) => [
      ...[name, number(p50, 2), number(p99, 1), number(longest)],
      ...[megabytes(keys.bytes), number(keys.dead), number(removed.keys)],
      ...[megabytes(events.bytes), number(events.dead), number(removed.events)],
      megabytes(paymentMethods.bytes)
    ])
  )

/** The last third of the month beside the middle one: by then room that became free is used again. */
function flatness(seen: readonly Day[]): string {
  const third = Math.floor(seen.length / 3)
  const ratio = (of: (day: Day) => number): number =>
    median(seen.slice(-third).map(of)) / median(seen.slice(-2 * third, -third).map(of))
  return targetTable([
    {
      figure: 'keys, bytes: last third of the month ÷ middle third',
      measured: ratio((day) => day.keys.bytes),
      most: 1.1
    },
    { figure: 'events, bytes', measured: ratio((day) => day.events.bytes), most: 1.1 },
    { figure: 'p50', measured: ratio((day) => day.p50), most: 1.3 },
    { figure: 'p99', measured: ratio((day) => day.p99), most: 1.3 }
  ])
}

void onStand([], bench)
