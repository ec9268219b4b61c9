import { inTurns, type Measured, medianOf, ratioOf, type Turn, worstOf } from '../report/figures'
import { number, table } from '../report/markdown'
import { metered } from './metered'
import type { Numbers } from '../report/numbers'
import { attachScript, pgbench } from './pgbench'
import { benchIds } from '../stand/rows'
import type { Server, Stand, VaultDatabase } from '../stand/stand'
import type { Target } from '../report/targets'
import { wrk } from './wrk'

export interface Setting {
  stand: Stand
  database: VaultDatabase
  numbers: Numbers
  /** Two that share transactions, as they do by default, and one that does not. */
  servers: { one: Server; two: Server; alone: Server }
  connections: readonly number[]
  rounds: number
  seconds: number
  /** Only to see that everything runs. */
  quick: boolean
}

/** Who attaches. `most` is more than any of them gets done in a second. */
export const series = {
  vault: { label: 'vault, 1 process', most: 16_000 },
  pair: { label: 'vault, 2 processes', most: 20_000 },
  alone: { label: 'vault, 1 process, one call each', most: 10_000 },
  pgbench: { label: 'pgbench, one call each', most: 15_000 },
  plain: { label: 'same app, transaction of statements', most: 8_000 },
  select: { label: 'same app, `select 1`', most: 0 },
  nothing: { label: 'same app, no database', most: 0 }
} as const

type Series = keyof typeof series

/** At how many connections each is measured: not where it makes no sense, or the database has no room for as many. */
const measures = (name: Series, connections: number): boolean => {
  switch (name) {
    case 'pair':
      return connections > 1
    case 'alone':
      return connections === 1 || connections === 64
    case 'pgbench':
      return connections <= 64
    case 'select':
      return connections === 1
    default:
      return true
  }
}

export const turnName = (name: Series, connections: number): string => `${name} ${connections}`

/** Attaches over HTTP, each of another payment method and under another key, beside all that they are compared with. */
export async function measureAttach(setting: Setting): Promise<Measured> {
  const { connections, database, rounds } = setting
  const turns: Turn[] = []
  const script = await attachScript(database.pool)
  for (const count of connections) {
    for (const name of Object.keys(series) as Series[]) {
      if (!measures(name, count)) continue
      turns.push({ name: turnName(name, count), run: () => run(setting, name, count, script) })
    }
  }
  if (!setting.quick) await warmUp(setting, script)
  // One checkpoint a round, and payment methods made shortly before each run: as in life, where one is attached soon
  // after it was made, its page has been logged whole by then.
  return inTurns(turns, rounds, async () => {
    await database.pool.query('checkpoint')
  })
}

/** What V8 compiles and the database plans at the first calls is no part of any run. It goes on for some 20,000 calls. */
async function warmUp(setting: Setting, script: string): Promise<void> {
  for (const name of Object.keys(series) as Series[]) await run({ ...setting, seconds: 5 }, name, 64, script)
}

async function run(setting: Setting, name: Series, connections: number, script: string) {
  const { stand, database, numbers, servers, seconds } = setting
  const serving = serversOf(name, servers)
  const meter = { pool: database.pool, postmaster: stand.postmaster, servers: serving.map(({ pid }) => pid) }
  const prefix = ['plain', 'select', 'nothing'].includes(name) ? `/${name}` : ''
  const { account, key, url } = database
  const load = (first: number) =>
    name === 'pgbench'
      ? pgbench({ url, script, account, first, clients: connections, seconds })
      : wrk({
          ...{ call: 'attach', key, prefix, connections, seconds, first, ids: benchIds },
          urls: serving.map((server) => server.url)
        })
  const most = seconds * series[name].most
  const measure = (first: number) => metered(meter, () => load(first))
  return most === 0 ? measure(0) : numbers.use(most, measure)
}

function serversOf(name: Series, { one, two, alone }: Setting['servers']): Server[] {
  if (name === 'pgbench') return []
  if (name === 'pair') return [one, two]
  return name === 'alone' ? [alone] : [one]
}

export function attachTable(measured: Measured, connections: readonly number[]): string {
  const rows = connections.flatMap((count) =>
    (Object.keys(series) as Series[])
      .filter((name) => measures(name, count))
      .map((name) => {
        const turn = turnName(name, count)
        const of = (figure: Parameters<typeof medianOf>[2], decimals = 0) =>
          number(medianOf(measured, turn, figure), decimals)
        return [
          ...[String(count), series[name].label, of('rate'), of('p50', 2), of('p99', 1)],
          ...[
            number(worstOf(measured, turn, 'max'), 0),
            of('node'),
            name === 'nothing' ? '-' : of('postgres')
          ],
          ...[['nothing', 'select'].includes(name) ? '-' : of('wal')]
        ]
      })
  )
  return table(
    [
      ...['connections', 'who', 'attaches/s', 'p50 ms', 'p99 ms', 'longest ms'],
      ...['CPU of Node, µs', 'CPU of Postgres, µs', 'WAL, bytes']
    ],
    rows
  )
}

export function attachTargets(measured: Measured): Target[] {
  const at64 = (other: Series, connections = 64) =>
    ratioOf(measured, turnName('vault', 64), turnName(other, connections), 'rate')
  const of = (figure: 'p99' | 'node' | 'postgres', connections: number) =>
    medianOf(measured, turnName('vault', connections), figure)
  return [
    {
      figure: 'attaches/s at 64 connections ÷ pgbench, 32 clients (aim: 1.4)',
      measured: at64('pgbench', 32),
      least: 1
    },
    { figure: '… ÷ the same app with a transaction of statements', measured: at64('plain'), least: 3.5 },
    { figure: '… ÷ the same app without a database', measured: at64('nothing'), least: 0.3 },
    {
      figure: 'one lonely call: p50 ÷ p50 of `select 1` through the same stack',
      measured: ratioOf(measured, turnName('vault', 1), turnName('select', 1), 'p50'),
      most: 3
    },
    { figure: 'p99 at 32 connections, ms', measured: of('p99', 32), most: 20, decimals: 1 },
    {
      figure: 'longest call at 32 connections, ms',
      measured: worstOf(measured, turnName('vault', 32), 'max'),
      most: 150,
      decimals: 0
    },
    {
      figure: 'CPU of Node per attach at 64 connections, µs',
      measured: of('node', 64),
      most: 90,
      decimals: 0
    },
    {
      figure: 'CPU of Postgres per attach at 64 connections, µs',
      measured: of('postgres', 64),
      most: 110,
      decimals: 0
    }
  ]
}
