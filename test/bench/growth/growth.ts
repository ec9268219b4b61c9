import { parseArgs } from 'node:util'
import { parseSearchQuery } from '../../../src/resources/customers/search-query'
import { searchStatement } from '../../../src/resources/customers/search-store'
import { listPaymentMethods } from '../../../src/resources/payment-methods/store'
import { start } from '../../../src/protocol/lists/lists'
import { explained, statementOf } from '../report/explained'
import { type Figures, inTurns, type Measured, medianOf, note, ratioOf, worstOf } from '../report/figures'
import { customersOf, grownIds, loadUnattached, loadVault } from '../load/load'
import { commandLine, heading, number, table } from '../report/markdown'
import { metered } from '../load/metered'
import { onStand, type Server, type Stand, type VaultDatabase } from '../stand/stand'
import { targetTable } from '../report/targets'
import { wrk } from '../load/wrk'

/**
 * npm run bench:growth: what attach, a list and a search cost with 10,000, a million and ten million payment methods,
 * each beside the smallest in the same run. About 20 minutes and 30 GB of disk; `--most 1e6` takes a tenth of that.
 */
const { values } = parseArgs({
  options: {
    most: { type: 'string', default: '1e7' },
    seconds: { type: 'string', default: '5' },
    rounds: { type: 'string', default: '5' }
  }
})
const smallest = 1e4
const sizes = [smallest, 1e6, 1e7].filter((size) => size <= Number(values.most))
const seconds = Number(values.seconds)
const rounds = Number(values.rounds)
const connections = 64
// More than are attached in a run.
const perRun = 16_000 * seconds

/** A vault of some size, and where in it the next attach goes. */
interface Grown {
  database: VaultDatabase
  server: Server
  size: number
  next: number
  made: number
}

interface Step {
  size: number
  measured: Measured
  wal: { first: number; later: number; all: number; anyCustomer: number }
  bytes: number
  list: { median: number; longest: number }
  search: { median: number; longest: number }
  loading: number
}

async function bench(stand: Stand): Promise<void> {
  const told = heading(stand.version, commandLine('bench:growth'))
  const [small, grown] = [await open(stand, 'smallest'), await open(stand, 'grown')]
  const steps: Step[] = []
  for (const size of sizes) {
    steps.push(await step(stand, small, grown, size))
    note(`${number(size)} done`)
  }
  console.log(`${told} ${connections} connections, medians of ${rounds} runs of ${seconds} s.\n`)
  console.log(`${stepTable(steps)}\n\n${walTable(steps)}\n\n${targets(steps)}`)
}

async function open(stand: Stand, name: string): Promise<Grown> {
  const database = await stand.makeDatabase(name)
  return { database, server: await stand.startServer(database), size: 0, next: 0, made: 0 }
}

async function step(stand: Stand, small: Grown, grown: Grown, size: number): Promise<Step> {
  const loading = await load(grown, size)
  const bytes = await bytesEach(grown)
  const run = (vault: Grown, old = 0) => attaches(stand, vault, old)
  const measured = await inTurns(
    [
      { name: 'smallest', run: () => run(small) },
      { name: 'grown', run: () => run(grown) }
    ],
    rounds,
    async () => {
      // What the round before attached is no part of the size; of a million and more it may be.
      await load(small, smallest)
      if (size === smallest) await load(grown, smallest)
      await grown.database.pool.query('checkpoint')
      for (const vault of [small, grown]) await stock(vault)
    }
  )
  await grown.database.pool.query('checkpoint')
  const stretch: Figures[] = []
  for (let i = 0; i < 4; i++) stretch.push(await run(grown))
  await grown.database.pool.query('checkpoint')
  const anyCustomer = (await run(grown, 10)).wal
  await grown.database.pool.query('vacuum analyze payment_vault.payment_methods')
  return {
    ...{ size, measured, bytes, loading },
    wal: {
      first: walOf(stretch.slice(0, 1)),
      later: walOf(stretch.slice(3)),
      all: walOf(stretch),
      anyCustomer
    },
    list: await explained(grown.database.pool, await lists(grown)),
    search: await explained(grown.database.pool, searches(grown))
  }
}

/** Seconds that it took to make it, from nothing, as large as that. */
async function load(vault: Grown, size: number): Promise<number> {
  const { database } = vault
  const { pool } = database
  const began = performance.now()
  const tables = ['payment_methods', 'customers', 'events', 'idempotency_keys']
  await pool.query(`truncate ${tables.map((name) => `payment_vault.${name}`).join(', ')}`)
  // Or there would be a checkpoint every few seconds.
  await pool.query("alter system set max_wal_size = '8GB'")
  await pool.query('select pg_reload_conf()')
  await loadVault(database, 0, size)
  await pool.query('alter system reset max_wal_size')
  await pool.query('select pg_reload_conf()')
  Object.assign(vault, { size, next: size, made: size })
  await pool.query('checkpoint')
  return (performance.now() - began) / 1000
}

async function stock(vault: Grown): Promise<void> {
  const end = vault.next + perRun
  if (end <= vault.made) return
  await loadUnattached(vault.database.pool, vault.database.account, vault.made, end)
  vault.made = end
}

async function attaches(stand: Stand, vault: Grown, old: number): Promise<Figures> {
  const { database, server, size, next } = vault
  await stock(vault)
  const ids = { ...grownIds, customers: customersOf(size) }
  return metered({ pool: database.pool, postmaster: stand.postmaster, servers: [server.pid] }, async () => {
    const common = { call: 'attach', key: database.key, urls: [server.url], connections, seconds } as const
    const told = await wrk({ ...common, ids, old, first: next })
    vault.next = told.next
    return told
  })
}

async function bytesEach({ database }: Grown): Promise<number> {
  const { rows } = await database.pool.query<{ bytes: number }>(
    `select (pg_total_relation_size('payment_vault.payment_methods') / count(*))::float8 as bytes
     from payment_vault.payment_methods`
  )
  return rows[0]?.bytes ?? NaN
}

/** 25 customers with ten cards, old ones and new ones. */
const someOf = (vault: Grown): number[] =>
  Array.from({ length: 25 }, (_, i) => Math.floor((i / 25) * (vault.size / 100)) * 20)

const lists = ({ database, ...rest }: Grown) =>
  Promise.all(
    someOf({ database, ...rest }).map((customer) =>
      statementOf((db) =>
        listPaymentMethods(
          db,
          database.account,
          `cus_${String(customer).padStart(14, '0')}`,
          {},
          {
            ...{ after: start, forward: true, limit: 10 }
          }
        )
      )
    )
  )

const searches = (vault: Grown) =>
  someOf(vault).map((customer) =>
    searchStatement(vault.database.account, parseSearchQuery(`email:"person${customer}@example.com"`), {
      after: undefined,
      limit: 11
    })
  )

function stepTable(steps: readonly Step[]): string {
  return table(
    [
      ...['payment methods', 'attaches/s', '÷ smallest', 'p99 ms', '÷ smallest', 'longest ms'],
      ...['list, ms (longest)', 'search by e-mail, ms (longest)', 'bytes each', 'loaded in']
    ],
    steps.map(({ size, measured, list, search, bytes, loading }) => [
      ...[
        number(size),
        number(medianOf(measured, 'grown', 'rate')),
        number(ratioOf(measured, 'grown', 'smallest', 'rate'), 2)
      ],
      ...[
        number(medianOf(measured, 'grown', 'p99'), 1),
        number(ratioOf(measured, 'grown', 'smallest', 'p99'), 2)
      ],
      ...[
        number(worstOf(measured, 'grown', 'max')),
        within(list),
        within(search),
        number(bytes),
        `${number(loading)} s`
      ]
    ])
  )
}

const within = ({ median, longest }: { median: number; longest: number }): string =>
  `${number(median, 2)} (${number(longest, 2)})`

const walOf = (runs: readonly Figures[]): number =>
  runs.reduce((sum, { wal, rate }) => sum + wal * rate, 0) / runs.reduce((sum, { rate }) => sum + rate, 0)

function walTable(steps: readonly Step[]): string {
  return table(
    [
      'payment methods',
      ...[
        `WAL per attach, first ${seconds} s after a checkpoint`,
        `${3 * seconds} to ${4 * seconds} s after it`
      ],
      `first ${seconds} s, one in ten to any customer at all`
    ],
    steps.map(({ size, wal }) => [size, wal.first, wal.later, wal.anyCustomer].map((value) => number(value)))
  )
}

function targets(steps: readonly Step[]): string {
  const last = steps.at(-1)
  if (!last) return ''
  const grew = `${number(smallest)} → ${number(last.size)} payment methods`
  const ratio = (figure: 'rate' | 'p99') => ratioOf(last.measured, 'grown', 'smallest', figure)
  return targetTable([
    { figure: `${grew}: attaches/s`, measured: ratio('rate'), least: 0.85 },
    { figure: `${grew}: p99`, measured: ratio('p99'), most: 1.3 },
    {
      figure: `list of a customer's cards at ${number(last.size)}, ms in the database`,
      measured: last.list.median,
      most: 1
    },
    { figure: 'bytes per payment method, heap and indexes', measured: last.bytes, most: 900, decimals: 0 },
    {
      figure: `WAL per attach, bytes, in ${4 * seconds} s after a checkpoint`,
      measured: last.wal.all,
      most: 2000,
      decimals: 0
    }
  ])
}

void onStand(['wrk'], bench)
