import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { Pool } from 'pg'
import { Database } from '../../../plugins/database'
import { createKey } from '../../../src/accounts/keys'
import { openApiDocument } from '../../../src/index'
import { databaseUrl, onServer, startTestCluster, type TestCluster } from '../../helpers/cluster'
import { checkAnswer } from '../../helpers/document'
import { Client } from './client'
import { Ids } from './ids'
import { Random } from './random'
import { type Document, type Request, Requests } from './requests'
import { Values } from './values'

// Calls that are under way at any moment.
const lanes = 32

export interface Fuzzed {
  calls: number
  /** How many were answered with each status. */
  statuses: Map<number, number>
  /** What no call may be answered with, each with the call. */
  faults: string[]
}

/**
 * npm run fuzz: a million calls made from the document, half of them as it says and half with something wrong, to a
 * server in a process of its own: none is answered with a 5xx or not at all, each answer is one that the document
 * knows. `--calls 100000`; `--seed`, as a run has told it, for the same calls again. Then the same with a database
 * that refuses what the rules let pass, which must be noticed.
 */
async function main(): Promise<boolean> {
  const { values } = parseArgs({
    options: { calls: { type: 'string', default: '1000000' }, seed: { type: 'string' } }
  })
  const seed = Number(values.seed ?? Date.now() % 2 ** 31)
  const cluster = await startTestCluster(process.env.TEST_DATABASE_URL)
  try {
    const began = performance.now()
    const { calls, faults, statuses } = await fuzz(cluster, { calls: Number(values.calls), seed })
    const told = [...statuses].sort(([a], [b]) => a - b).map(([status, count]) => `${status}: ${count}`)
    const seconds = ((performance.now() - began) / 1000).toFixed(0)
    console.log(`${calls} calls in ${seconds} s, seed ${seed}; ${told.join(', ')}`)
    for (const fault of faults.slice(0, 20)) console.log(fault)
    console.log(`${faults.length === 0 ? 'ok    ' : 'FAILED'}  answered as documented: ${faults.length} not`)
    const broken = await fuzz(cluster, { calls: 5000, seed, mutate: refuseLongNames })
    const noticed = broken.faults.length > 0
    console.log(`${noticed ? 'ok    ' : 'FAILED'}  noticed: a database that refuses what the rules let pass`)
    return faults.length === 0 && noticed
  } finally {
    await cluster.stop()
  }
}

const refuseLongNames = async (pool: Pool): Promise<void> => {
  await pool.query("alter table payment_vault.customers add check (coalesce(details->>'name', '') <> 'a')")
}

let databases = 0

/** Sends `calls` calls to a new server on a new database. */
export async function fuzz(
  cluster: TestCluster,
  { calls, seed, mutate }: { calls: number; seed: number; mutate?: (pool: Pool) => Promise<void> }
): Promise<Fuzzed> {
  const name = `${cluster.template}_fuzz_${++databases}`
  await onServer(cluster.url, `create database ${name} template ${cluster.template}`)
  const url = databaseUrl(cluster.url, name)
  const pool = new Pool({ connectionString: url, max: 1 })
  try {
    await mutate?.(pool)
    const db = new Database(pool, { schema: 'payment_vault', prepared: false })
    const key = (kind: 'secret' | 'publishable', livemode = false) => createKey(db, { livemode, kind })
    const good = await key('secret')
    const bad = [await key('publishable'), await key('secret', true), 'sk_test_none', '']
    const server = await startServer(url)
    const client = new Client(server.url)
    try {
      return await sendAll(client, calls, seed, { good: [good], bad })
    } finally {
      client.close()
      await server.stop()
    }
  } finally {
    await pool.end()
    await onServer(cluster.url, `drop database ${name} with (force)`)
  }
}

async function sendAll(
  client: Client,
  calls: number,
  seed: number,
  keys: { good: string[]; bad: string[] }
): Promise<Fuzzed> {
  const random = new Random(seed)
  const document = (await openApiDocument()) as Document
  const ids = new Ids(random)
  const values = new Values(random, document.components.schemas, ids.known)
  const requests = new Requests(document, random, values, ids.known, keys)
  const fuzzed: Fuzzed = { calls, statuses: new Map(), faults: [] }
  let sent = 0
  const lane = async (): Promise<void> => {
    while (sent++ < calls) {
      const request = requests.next()
      const { fault, status, body } = await judged(client, request)
      fuzzed.statuses.set(status, (fuzzed.statuses.get(status) ?? 0) + 1)
      if (fault !== undefined) fuzzed.faults.push(`${fault}\n  ${told(request)}`)
      else if (status === 200) ids.learn(body)
    }
  }
  await Promise.all(Array.from({ length: lanes }, lane))
  return fuzzed
}

interface Judged {
  status: number
  body?: unknown
  fault?: string
}

async function judged(client: Client, request: Request): Promise<Judged> {
  let status = 0
  try {
    const response = await client.send(request)
    status = response.status
    if (status >= 500) return { status, fault: `${status} ${response.text.slice(0, 300)}` }
    // Answers without a body have nothing to judge.
    if (request.method === 'HEAD' || status === 204) return { status }
    const body: unknown = JSON.parse(response.text)
    await checkAnswer(request.method, request.path, status, body)
    return { status, body }
  } catch (error) {
    return { status, fault: error instanceof Error ? error.message : String(error) }
  }
}

const told = ({ method, path, headers, body }: Request): string =>
  `${method} ${path} ${JSON.stringify(headers)} ${body?.toString('latin1').slice(0, 2000) ?? ''}`

async function startServer(databaseUrl: string): Promise<{ url: string; stop: () => Promise<void> }> {
  const server = fork(join(__dirname, 'server.ts'), {
    execArgv: ['--import', 'tsx'],
    env: {
      ...process.env,
      NODE_ENV: 'production',
      DATABASE_URL: databaseUrl
    }
  })
  const exit = once(server, 'exit')
  const [url] = (await Promise.race([once(server, 'message'), exit])) as [unknown]
  if (typeof url !== 'string') throw new Error('the server ended before it could be called')
  const stop = async (): Promise<void> => {
    if (server.connected) server.disconnect()
    await exit
  }
  return { url, stop }
}

if (require.main === module) {
  void main().then((kept) => {
    process.exitCode = kept ? 0 : 1
  })
}
