import type { Setting } from './attach'
import { inTurns, type Measured, medianOf, ratioOf, worstOf } from './figures'
import { number, table } from './markdown'
import { metered } from './metered'
import { benchIds } from './rows'
import { type CallName, wrk } from './wrk'

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

/** Calls that are not there yet; they are left out, and said. */
export async function missing({ servers, database }: Setting): Promise<OtherName[]> {
  const answer = await fetch(`${servers.one.url}/v1/setup_intents`, {
    method: 'POST',
    headers: { authorization: `Bearer ${database.key}` }
  })
  return answer.status === 404 ? ['setup-intent'] : []
}

/** The other calls by one process, in turns with a route that does nothing. */
export async function measureOthers(setting: Setting, names: readonly OtherName[]): Promise<Measured> {
  const { connections, rounds, stand, database, servers, seconds, numbers } = setting
  const meter = { pool: database.pool, postmaster: stand.postmaster, servers: [servers.one.pid] }
  const common = { key: database.key, urls: [servers.one.url], seconds, ids: benchIds }
  // Its keys are from before, so that every run of it replays and nothing else.
  const replayed = 2000
  const send = async (call: CallName, prefix: string, count: number, length = seconds) => {
    const first = (start: number) =>
      wrk({ ...common, call, prefix, connections: count, first: start, seconds: length })
    if (call === 'replay') return first(replayFrom)
    const most = call in others ? others[call as OtherName].most : 0
    return most === 0 ? first(Date.now() * 1000) : numbers.use(most * length, first)
  }
  let replayFrom = 0
  await numbers.use(replayed, async (start) => {
    replayFrom = start
    await send('replay', '', 8, 1)
    return { next: start + replayed }
  })
  if (!setting.quick) for (const call of names) await send(call, '', 8, 2)
  const turns = connections.flatMap((count) => [
    ...names.map((call) => ({
      name: `${call} ${count}`,
      run: () => metered(meter, () => send(call, '', count))
    })),
    {
      name: `${nothing} ${count}`,
      run: () =>
        metered(meter, () =>
          wrk({ ...common, call: 'attach', prefix: '/nothing', connections: count, first: 0 })
        )
    }
  ])
  return inTurns(turns, rounds, async () => {
    await database.pool.query('checkpoint')
  })
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
