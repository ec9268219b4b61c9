import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { attachTable, attachTargets, measureAttach, series, type Setting, turnName } from './load/attach'
import { medianOf } from './report/figures'
import { commandLine, heading } from './report/markdown'
import { Numbers } from './report/numbers'
import { measureOthers, type OtherName, others, othersTable } from './load/others'
import { picture } from './report/picture'
import { makeListed } from './stand/rows'
import { onStand, type Stand } from './stand/stand'
import { targetTable } from './report/targets'

/**
 * npm run bench: what attach and the other calls cost over HTTP, beside all that they are compared with, as tables to
 * paste and a picture. About eight minutes. `--seconds 3` a run and `--rounds 3` of all runs, of which the medians
 * count; `--connections 1,64`; `--only attach`, `others` or one of these; `--quick` only sees that everything runs.
 */
const { values } = parseArgs({
  options: {
    seconds: { type: 'string' },
    rounds: { type: 'string' },
    connections: { type: 'string' },
    only: { type: 'string' },
    quick: { type: 'boolean', default: false }
  }
})
const seconds = Number(values.seconds ?? (values.quick ? 1 : 3))
const rounds = Number(values.rounds ?? (values.quick ? 1 : 3))
const connections = (values.connections ?? (values.quick ? '1,32,64' : '1,8,32,64,256'))
  .split(',')
  .map(Number)
const only = values.only

const wanted = (Object.keys(others) as OtherName[]).filter((name) =>
  [undefined, 'others', name].includes(only)
)
const wantsAttach = only === undefined || only === 'attach'
if (!wantsAttach && wanted.length === 0) {
  throw new Error(`--only takes attach, others, ${Object.keys(others).join(', ')}, not ${only}`)
}

async function bench(stand: Stand): Promise<void> {
  const told = heading(stand.version, commandLine('bench'))
  const database = await stand.makeDatabase('vault')
  const numbers = new Numbers(database)
  await numbers.have(100_000)
  await makeListed(database.pool, database.account)
  await database.pool.query('vacuum analyze')
  const servers = {
    one: await stand.startServer(database),
    two: await stand.startServer(database),
    alone: await stand.startServer(database, { BENCH_OPTIONS: '{"shareTransactions":false}' })
  }
  const setting: Setting = {
    stand,
    database,
    numbers,
    servers,
    connections,
    rounds,
    seconds,
    quick: values.quick
  }
  console.log(
    `${told} Rounds: ${rounds}, interleaved, ${seconds} s a run; medians, the longest call of all.\n`
  )
  if (wantsAttach) await attaches(setting)
  if (wanted.length > 0)
    await otherCalls({ ...setting, connections: connections.filter((n) => [1, 64].includes(n)) })
}

async function attaches(setting: Setting): Promise<void> {
  const measured = await measureAttach(setting)
  console.log(`${attachTable(measured, connections)}\n\n${targetTable(attachTargets(measured))}\n`)
  if (values.quick) return
  const lines = (['vault', 'pair', 'pgbench', 'plain', 'nothing'] as const).map((name) => ({
    label: series[name].label,
    points: connections
      .map((count) => ({ x: count, y: medianOf(measured, turnName(name, count), 'rate') }))
      .filter(({ y }) => Number.isFinite(y))
  }))
  await writeFile(join(__dirname, 'throughput.svg'), picture(lines, connections))
}

async function otherCalls(setting: Setting): Promise<void> {
  const measured = await measureOthers(setting, wanted)
  console.log(othersTable(measured, wanted, setting.connections))
}

void onStand(['wrk', 'pgbench'], bench)
