import { makeRows } from '../../bench/stand/rows'
import { blankCustomer } from '../../../src/resources/customers/blank'
import { Caller } from '../harness/caller'
import { compiled } from '../harness/compiled'
import type { Mutant } from '../harness/mutants'
import { type ChaosDatabase, onNewDatabase } from '../harness/new-database'
import { faultsOf, type Found, type Stand, type Tried, withMutants } from '../harness/part'
import { customerId, type Group, type Histories, raceGroup } from './group'
import { RaceJudge } from './judge'
import { raceMutants } from './mutants'
import { startServer } from '../harness/servers'

const allRaces = 100_000
// Groups of payment methods that race at any moment.
const lanes = 8
const perGroup = 2

/**
 * 100,000 times, two to eight customers race for a payment method through two server processes, while it is detached,
 * set up and looked at, and a customer deleted. What was answered and when is held against every order that there is.
 */
export async function races(stand: Stand): Promise<Found> {
  const sound = await compiled(stand.folder, 'harness/server')
  return withMutants(stand, raceMutants, async (mutant) => {
    const program = mutant?.program ? await compiled(stand.folder, 'harness/server', mutant.program) : sound
    return onNewDatabase(stand.cluster, (database) => run(stand, database, program, mutant))
  })
}

async function run(
  stand: Stand,
  database: ChaosDatabase,
  program: string,
  mutant: Mutant | undefined
): Promise<Tried[]> {
  const { pool, url, secretKey } = database
  await mutant?.database?.(pool)
  const servers = await Promise.all([startServer(program, url), startServer(program, url)])
  const callers = servers.map((server) => new Caller(server.url, secretKey))
  const judge = new RaceJudge(database, mutant ? () => undefined : stand.say)
  try {
    const [all, atOnce] = mutant ? [5000, 250] : [stand.share(allRaces), 1000]
    for (let first = 0; first < all; first += atOnce) {
      await judge.judge(
        await raceAll(callers, await newGroups(database, first, Math.min(atOnce, all - first)))
      )
      // One fault is enough to tell it.
      if (mutant && faultsOf(judge.promises()) > 0) break
      if (!mutant && (first + atOnce) % 10_000 === 0) stand.say(`${first + atOnce} races, ${judge.told()}`)
    }
    if (!mutant) stand.say(judge.told())
    return judge.promises()
  } finally {
    for (const caller of callers) caller.close()
    for (const server of servers) await server.stop()
  }
}

async function raceAll(callers: readonly Caller[], groups: readonly Group[]): Promise<Histories> {
  const all: Histories = new Map()
  const left = groups.values()
  const lane = async (): Promise<void> => {
    for (const group of left)
      for (const [id, history] of await raceGroup(callers, group)) all.set(id, history)
  }
  await Promise.all(Array.from({ length: lanes }, lane))
  return all
}

/** Payment methods numbered from `first` on, in groups, each with customers of its own. */
async function newGroups({ pool, account }: ChaosDatabase, first: number, count: number): Promise<Group[]> {
  await makeRows(pool, account, first, count)
  const groups = Array.from({ length: Math.ceil(count / perGroup) }, (_, i): Group => {
    const from = first + i * perGroup
    const paymentMethods = Array.from({ length: Math.min(perGroup, first + count - from) }, (_, j) =>
      paymentMethodId(from + j)
    )
    // Two to eight, and mostly few: with two each gets its turn, with eight there is a crowd.
    const racers = 2 + Math.floor(7 * Math.random() ** 2.5)
    return { paymentMethods, customers: Array.from({ length: racers }, (_, j) => from * 8 + j) }
  })
  await pool.query(
    `insert into payment_vault.customers (account_id, id, created, details, metadata, deleted)
     select $1, id, 1795000000, $2, '{}', false from unnest($3::text[]) id`,
    [
      account,
      JSON.stringify(blankCustomer().details),
      groups.flatMap(({ customers }) => customers.map(customerId))
    ]
  )
  return groups
}

const paymentMethodId = (number: number): string => `pm_bench${String(number).padStart(18, '0')}`
