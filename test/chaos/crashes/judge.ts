import type { Pool } from 'pg'
import type { CrashCall } from './calls'
import type { Tried } from '../harness/part'

interface EventRow {
  type: string
  of: string
  key: string | null
}

/** Holds all that was acknowledged against what is in the database after the last crash. */
export async function judgeCrashes(
  pool: Pool,
  {
    calls,
    others,
    wanted
  }: { calls: CrashCall[]; others: CrashCall[]; wanted: { acknowledged: number; lost: number } },
  say: (line: string) => void
): Promise<Tried[]> {
  const { rows: events } = await pool.query<EventRow>(
    `select type, object->>'id' as of, idempotency_key as key from payment_vault.events`
  )
  const byKey = new Map<string | null, EventRow[]>()
  for (const event of events) byKey.set(event.key, [...(byKey.get(event.key) ?? []), event])
  const keys = new Set(await column(pool, 'select key as value from payment_vault.idempotency_keys'))
  const there = new Set(await column(pool, allThatIs))

  const missing = (call: CrashCall): boolean =>
    !keys.has(call.key) ||
    eventsOf(call).some(([type, id]) => id === undefined || !there.has(`${type} ${id}`))
  const told = (call: CrashCall): string[] =>
    (byKey.get(call.key) ?? []).map(({ type, of }) => `${type} ${of}`).sort()
  const wants = (call: CrashCall): string[] =>
    eventsOf(call)
      .map(([type, id]) => `${type} ${id ?? ''}`)
      .sort()
  const untold = (call: CrashCall): boolean => wants(call).some((event) => !told(call).includes(event))
  const twice = (call: CrashCall): boolean => told(call).length > wants(call).length

  const done = calls.filter(({ heard }) => heard?.status === 200)
  const lost = done.filter(({ lost, heard }) => lost && heard?.replayed === true)
  const show = (what: string, of: CrashCall[]): number => {
    for (const call of of.slice(0, 3)) say(`${what}: ${JSON.stringify({ ...call, told: told(call) })}`)
    return of.length
  }
  const tooFew = (wanted: number, there: number): number => Math.max(wanted - there, 0)
  const objects = await pool.query<{ name: string; there: number }>(objectCounts)
  const tooMany = objects.rows.map(({ name, there }) =>
    Math.max(there - done.flatMap(eventsOf).filter(([type]) => type === name).length, 0)
  )
  return [
    {
      promise: 'after kills and crashes every call is acknowledged in the end',
      tries: calls.length,
      faults:
        show(
          'not done',
          calls.filter((call) => !done.includes(call))
        ) + tooFew(wanted.acknowledged, done.length)
    },
    {
      promise: 'each acknowledged change exists, with its key',
      tries: done.length,
      faults: show('lost', done.filter(missing))
    },
    {
      promise: 'no change exists twice',
      tries: done.length,
      faults: show('twice', done.filter(twice)) + tooMany.reduce((sum, more) => sum + more, 0)
    },
    {
      promise: 'no change is without its event',
      tries: done.length,
      faults: show('untold', done.filter(untold)) + (await count(pool, changesWithoutEvents))
    },
    {
      promise: 'no event is without its change',
      tries: events.length,
      faults: events.filter(({ type, of }) => !there.has(`${type} ${of}`)).length
    },
    {
      promise: 'every key replays the same bytes',
      tries: calls.length,
      faults: show('another answer', others)
    },
    {
      promise: 'also if the commit was done and its answer lost',
      tries: lost.length,
      faults: lost.filter((call) => others.includes(call)).length + tooFew(wanted.lost, lost.length)
    }
  ]
}

/** With the ids that the answers tell. */
const eventsOf = ({ events, heard }: CrashCall): [type: string, id: string | undefined][] =>
  events.map(([type, id]) => [type, id ?? (heard && (JSON.parse(heard.text) as { id?: string }).id)])

async function column(pool: Pool, query: string): Promise<string[]> {
  const { rows } = await pool.query<{ value: string }>(query)
  return rows.map(({ value }) => value)
}

async function count(pool: Pool, query: string): Promise<number> {
  const { rows } = await pool.query(query)
  return rows.length
}

/** What the rows say has happened, each as the type of its event and the id. */
const allThatIs = `
  select 'customer.created ' || id as value from payment_vault.customers
  union all
  select 'payment_method.attached ' || id from payment_vault.payment_methods where state in ('attached', 'detached')
  union all
  select 'payment_method.detached ' || id from payment_vault.payment_methods where state = 'detached'
  union all
  select 'setup_intent.created ' || id from payment_vault.setup_intents
  union all
  select 'setup_intent.succeeded ' || id from payment_vault.setup_intents where status = 'succeeded'`

const changesWithoutEvents = `
  select value from (${allThatIs}) as there
  where value not like 'customer.created cus\\_bench%'
    and not exists (select from payment_vault.events e where e.type || ' ' || (e.object->>'id') = there.value)`

const objectCounts = `
  select 'customer.created' as name, count(*)::int as there from payment_vault.customers where id not like 'cus\\_bench%'
  union all
  select 'setup_intent.created', count(*)::int from payment_vault.setup_intents`
