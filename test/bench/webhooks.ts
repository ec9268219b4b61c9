import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { Pool } from 'pg'
import { Database } from '../../plugins/database/database'
import { databaseUrl, onServer, startTestCluster } from '../helpers/database/cluster'
import { account, insertEndpoint, writeEvents } from '../helpers/webhooks/deliveries'

const hangingOnes = 20
const rounds = Number(process.argv[2] ?? 200)
const eventsPerRound = 10
/** Rounds that are not counted, in which those that hang get as much as they may. */
const warmUp = 20
const idleSeconds = 5

/**
 * npm run bench:webhooks: from the commit of an event to its arrival at a receiver that answers, with and without 20
 * beside it that hang, in turns; then what the database is asked while there is nothing to do.
 */
async function main(): Promise<void> {
  const cluster = await startTestCluster(process.env.TEST_DATABASE_URL)
  const receivers = await startReceivers()
  const sides: Side[] = []
  try {
    for (const hanging of [0, hangingOnes]) {
      const name = `${cluster.template}_bench_${hanging}`
      await onServer(cluster.url, `create database ${name} template ${cluster.template}`)
      sides.push(await startSide(databaseUrl(cluster.url, name), receivers, hanging))
    }
    const [alone, beside] = sides
    if (!alone || !beside) return
    for (let round = 0; round < rounds; round++) {
      // Autovacuum does that within a minute.
      if (round === warmUp) for (const { pool } of sides) await pool.query('analyze')
      for (const side of round % 2 === 0 ? [alone, beside] : [beside, alone])
        for (let i = 0; i < eventsPerRound; i++) {
          const took = await arrival(side, receivers)
          if (round >= warmUp) side.took.push(took)
          await sleep(10)
        }
    }
    console.log(
      `${alone.took.length} events each, one at a time; ${receivers.hanging()} requests hang at the end`
    )
    console.log('| | alone | beside 20 that hang | ratio |\n|---|---|---|---|')
    for (const percent of [50, 99]) {
      const [one, other] = [percentile(alone.took, percent), percentile(beside.took, percent)]
      console.log(
        `| p${percent} | ${one.toFixed(2)} ms | ${other.toFixed(2)} ms | ${(other / one).toFixed(2)} |`
      )
    }
    const before = await countOf(alone.process)
    await sleep(idleSeconds * 1000)
    console.log(
      `idle: ${(((await countOf(alone.process)) - before) / idleSeconds).toFixed(1)} queries a second`
    )
  } finally {
    for (const { process, pool } of sides) {
      const exit = once(process, 'exit')
      process.disconnect()
      await exit
      await pool.end()
    }
    receivers.close()
    await cluster.stop()
  }
}

interface Side {
  process: ChildProcess
  pool: Pool
  db: Database
  took: number[]
}

async function startSide(url: string, receivers: Receivers, hanging: number): Promise<Side> {
  const pool = new Pool({ connectionString: url, max: 2 })
  const db = new Database(pool, { schema: 'payment_vault', prepared: true })
  await insertEndpoint(db, `${receivers.url}/healthy`)
  for (let i = 0; i < hanging; i++) await insertEndpoint(db, `${receivers.url}/hanging`)
  const process = fork(join(__dirname, 'stand/deliverer.ts'), {
    execArgv: ['--import', 'tsx'],
    env: { ...global.process.env, BENCH_DATABASE_URL: url }
  })
  await once(process, 'message')
  return { process, pool, db, took: [] }
}

/** Milliseconds from the commit of a new event to its arrival. */
async function arrival({ db, process }: Side, receivers: Receivers): Promise<number> {
  const [id] = await writeEvents(db)
  const committed = performance.now()
  process.send({ wake: account })
  const arrived = await receivers.arrivalOf(id ?? '')
  return arrived - committed
}

async function countOf(process: ChildProcess): Promise<number> {
  const answer = once(process, 'message')
  process.send('count')
  const [count] = (await answer) as [number]
  return count
}

interface Receivers {
  url: string
  arrivalOf: (id: string) => Promise<number>
  hanging: () => number
  close: () => void
}

async function startReceivers(): Promise<Receivers> {
  const arrived = new Map<string, number>()
  const waiting = new Map<string, (at: number) => void>()
  let hanging = 0
  const server = createServer((request, response) => {
    const at = performance.now()
    if (request.url === '/hanging') {
      hanging++
      response.on('close', () => hanging--)
      return
    }
    let body = ''
    request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk))
    request.on('end', () => {
      response.end()
      const { id } = JSON.parse(body) as { id: string }
      arrived.set(id, at)
      waiting.get(id)?.(at)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    arrivalOf: async (id) => arrived.get(id) ?? new Promise((resolve) => waiting.set(id, resolve)),
    hanging: () => hanging,
    close: () => {
      server.closeAllConnections()
      server.close()
    }
  }
}

const percentile = (values: number[], percent: number): number =>
  [...values].sort((a, b) => a - b)[Math.floor((values.length * percent) / 100)] ?? NaN

main().catch((error: unknown) => {
  console.error(error)
  process.exitCode = 1
})
