import type { Setting } from './attach'
import { type Figures, inTurns, type Measured, medianOf, ratioOf, worstOf } from '../report/figures'
import { number, table } from '../report/markdown'
import { metered } from './metered'
import { benchIds } from '../stand/rows'
import { type CallName, type Load, wrk } from './wrk'

/** The other calls. `most` is above the payment methods that one uses up in a second. */
export const others = {
  retrieve: { label: 'retrieve', most: 0 },
  list: { label: "list of a customer's ten cards", most: 0 },
  customer: { label: 'customer create', most: 0 },
  'payment-method': { label: 'payment method create', most: 0 },
  'setup-intent': { label: 'setup intent create and confirm', most: 8000 },
  replay: { label: 'idempotent replay of an attach', most: 0 }
} as const satisfies Partial<Record<CallName, { label: string; most: number }>>

export type OtherName = keyof typeof others

const nothing = 'no database'

/** The other calls by one process, in turns with a route that does nothing. */
export async function measureOthers(setting: Setting, names: readonly OtherName[]): Promise<Measured> {
  const { connections, rounds, database } = setting
  const replayFrom = await makeReplayed(setting)
  const measure = (call: OtherName, count: number, seconds = setting.seconds): Promise<Figures> => {
    const run = (first: number) => send(setting, { call, connections: count, first, seconds })
    const { most } = others[call]
    if (most > 0) return setting.numbers.use(most * seconds, run)
    // What a customer or a payment method is made of only has to be another one each time.
    return run(call === 'replay' ? replayFrom : Date.now() * 1000)
  }
  if (!setting.quick) for (const call of names) await measure(call, 8, 2)
  const turns = connections.flatMap((count) => [
    ...names.map((call) => ({ name: `${call} ${count}`, run: () => measure(call, count) })),
    {
      name: `${nothing} ${count}`,
      run: () => send(setting, { call: 'attach', prefix: '/nothing', connections: count, first: 0 })
    }
  ])
  return inTurns(turns, rounds, async () => {
    await database.pool.query('checkpoint')
  })
}

type What = Pick<Load, 'call' | 'prefix' | 'connections' | 'first'> & Partial<Pick<Load, 'seconds'>>

function send({ stand, database, servers, seconds }: Setting, what: What) {
  const meter = { pool: database.pool, postmaster: stand.postmaster, servers: [servers.one.pid] }
  const load = { seconds, key: database.key, urls: [servers.one.url], ids: benchIds, ...what }
  return metered(meter, () => wrk(load))
}

/** Makes the attaches that are replayed, under their keys, and gives back the number of the first. */
async function makeReplayed(setting: Setting): Promise<number> {
  // calls.lua sends a thousand over and over.
  const count = 1000
  let replayFrom = 0
  await setting.numbers.use(count, async (first) => {
    replayFrom = first
    // A run begins with those that the one before it made, so it takes a longer one to get further.
    let next = first
    for (let seconds = 1; next < first + count; seconds *= 2) {
      ;({ next } = await send(setting, { call: 'replay', connections: 8, first, seconds }))
    }
    return { next: first + count }
  })
  return replayFrom
}

export function othersTable(
  measured: Measured,
  names: readonly OtherName[],
  connections: readonly number[]
): string {
  const rows = connections.flatMap((count) =>
    names.map((call) => {
      const turn = `${call} ${count}`
      const of = (figure: Parameters<typeof medianOf>[2], decimals = 0) =>
        number(medianOf(measured, turn, figure), decimals)
      return [
        ...[others[call].label, String(count), of('rate'), of('p50', 2), of('p99', 1)],
        ...[number(worstOf(measured, turn, 'max')), of('node'), of('postgres')],
        number(ratioOf(measured, turn, `${nothing} ${count}`, 'rate'), 2)
      ]
    })
  )
  return table(
    [
      ...['call', 'connections', 'calls/s', 'p50 ms', 'p99 ms', 'longest ms'],
      ...['CPU of Node, µs', 'CPU of Postgres, µs', '÷ no database']
    ],
    rows
  )
}
