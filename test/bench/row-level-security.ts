import { parseArgs } from 'node:util'
import { blankCustomer } from '../../src/resources/customers/blank'
import { boundRole } from '../helpers/database/bound-role'
import { type Figures, inTurns, median, medianOf, note, ratioOf } from './report/figures'
import { commandLine, heading, number, table } from './report/markdown'
import { metered } from './load/metered'
import { Numbers } from './report/numbers'
import { benchIds, makeListed } from './stand/rows'
import { onStand, type Server, type Stand, type VaultDatabase } from './stand/stand'
import { type CallName, wrk } from './load/wrk'

/**
 * npm run bench:row-level-security: what the option costs. Two servers on one database: of a superuser without the
 * option, whom no policy binds or slows down, and of a role that it binds, in turns. About five minutes.
 */
const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '3' },
    rounds: { type: 'string', default: '5' },
    connections: { type: 'string', default: '1,64' }
  }
})
const seconds = Number(values.seconds)
const connections = values.connections.split(',').map(Number)

const calls = {
  attach: { label: 'attach', most: 16_000 },
  retrieve: { label: 'retrieve', most: 0 },
  list: { label: "list of a customer's ten cards", most: 0 }
} as const satisfies Partial<Record<CallName, object>>
type Call = keyof typeof calls

const sides = ['off', 'on'] as const

async function bench(stand: Stand): Promise<void> {
  const database = await stand.makeDatabase('vault')
  const { pool, account, url } = database
  const numbers = new Numbers(database)
  await numbers.have(100_000)
  await makeListed(pool, account)
  await pool.query(searched, [account, customers, JSON.stringify(blankCustomer().details)])
  const bound = await boundRole(pool, url)
  await pool.query('vacuum analyze')
  for (const prepared of [true, false]) {
    const options = { preparedStatements: prepared }
    const servers = {
      off: await stand.startServer(database, { BENCH_OPTIONS: JSON.stringify(options) }),
      on: await stand.startServer(database, {
        BENCH_DATABASE_URL: bound.url,
        BENCH_OPTIONS: JSON.stringify({ ...options, rowLevelSecurity: true })
      })
    }
    await compare(stand, { database, numbers, servers }, prepared)
  }
}

interface Compared {
  database: VaultDatabase
  numbers: Numbers
  servers: Record<(typeof sides)[number], Server>
}

async function compare(stand: Stand, compared: Compared, prepared: boolean): Promise<void> {
  const { database, numbers, servers } = compared
  const measure = (call: Call, count: number, server: Server): Promise<Figures> => {
    const meter = { pool: database.pool, postmaster: stand.postmaster, servers: [server.pid] }
    const load = { call, connections: count, seconds, key: database.key, urls: [server.url], ids: benchIds }
    const run = (first: number) => metered(meter, () => wrk({ ...load, first }))
    const { most } = calls[call]
    return most > 0 ? numbers.use(most * seconds, run) : run(0)
  }
  const names = Object.keys(calls) as Call[]
  const turns = connections.flatMap((count) =>
    names.flatMap((call) =>
      sides.map((side) => ({
        name: `${call} ${count} ${side}`,
        run: () => measure(call, count, servers[side])
      }))
    )
  )
  const told = heading(stand.version, commandLine('bench:row-level-security'))
  const measured = await inTurns(turns, Number(values.rounds), async () => {
    await database.pool.query('checkpoint')
  })
  const rows = connections.flatMap((count) =>
    names.map((call) => {
      const [off, on] = sides.map((side) => `${call} ${count} ${side}`) as [string, string]
      const of = (name: string, figure: 'rate' | 'node' | 'postgres') =>
        number(medianOf(measured, name, figure))
      return [
        ...[calls[call].label, String(count), of(off, 'rate'), of(on, 'rate')],
        number(ratioOf(measured, on, off, 'rate'), 2),
        ...[of(off, 'node'), of(on, 'node'), of(off, 'postgres'), of(on, 'postgres')]
      ]
    })
  )
  console.log(`${told} Statements ${prepared ? '' : 'not '}prepared.\n`)
  const cpu = ['Node off, µs', 'Node on, µs', 'Postgres off, µs', 'Postgres on, µs']
  console.log(table(['call', 'connections', 'off, calls/s', 'on, calls/s', 'on ÷ off', ...cpu], rows))
  const [off, on] = await searches(database, servers)
  console.log(`\nA customer's search by email among ${number(customers)}: ${off} ms off, ${on} ms on.\n`)
}

const customers = 100_000
const searched = `
  insert into payment_vault.customers (account_id, id, created, details, metadata, deleted, search)
  select $1, 'cus_searched' || lpad(n::text, 6, '0'), 1794000000 + n, $3, '{}', false,
    jsonb_build_object('email', 'SOMEBODY' || n || '@EXAMPLE.COM')
  from generate_series(1, $2::int) n`

/** No index of what is searched for can be used behind a policy. */
async function searches({ key }: VaultDatabase, servers: Compared['servers']): Promise<[string, string]> {
  const times = { off: [] as number[], on: [] as number[] }
  for (let n = 1; n <= 20; n++) {
    for (const side of sides) {
      const query = encodeURIComponent(`email:"somebody${n * 997}@example.com"`)
      const began = performance.now()
      const response = await fetch(`${servers[side].url}/v1/customers/search?query=${query}`, {
        headers: { authorization: `Bearer ${key}` }
      })
      const { data } = (await response.json()) as { data: unknown[] }
      if (data.length !== 1) throw new Error(`found ${data.length}`)
      times[side].push(performance.now() - began)
    }
  }
  note(`searches: ${sides.map((side) => median(times[side]).toFixed(1)).join(' and ')} ms`)
  return [number(median(times.off), 1), number(median(times.on), 1)]
}

void onStand(['wrk'], bench)
