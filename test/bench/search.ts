import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { Pool } from 'pg'
import { Database } from '../../plugins/database/database'
import { inSchema } from '../../plugins/database/statement'
import { blankCustomer } from '../../src/resources/customers/blank'
import { parseSearchQuery } from '../../src/resources/customers/search-query'
import { searchStatement } from '../../src/resources/customers/search-store'
import { insertCustomer } from '../../src/resources/customers/store'
import type { CustomerRow } from '../../src/resources/customers/row'
import { startEmbeddedPostgres } from '../../src/storage/postgres/embedded'
import { migrate } from '../../src/storage/migrations/migrate'

const count = Number(process.argv[2] ?? 1_000_000)
const account = 'acct_bench:test'
const firstSecond = 1_700_000_000

/** npm run bench:search: what a search costs over 1,000,000 customers, and what its index costs a new customer. */
async function main(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'payment-vault-bench-'))
  await chmod(folder, 0o711)
  const postgres = await startEmbeddedPostgres({ folder })
  const pool = new Pool({ connectionString: postgres.url, max: 8 })
  try {
    const { rows } = await pool.query<{ server_version: string }>('show server_version')
    console.log(`Postgres ${rows[0]?.server_version ?? ''}, ${count} customers`)
    // Twice the same, once without the index, so that inserts into both can be measured in turns.
    for (const schema of ['payment_vault', 'without']) {
      await migrate(pool, { schema })
      await pool.query(inSchema('drop index payment_vault.customers_search', schema))
      await pool.query(inSchema(makeCustomers, schema), [account, count, firstSecond])
    }
    const took = await timed(async () => pool.query(await indexOfMigration()))
    await sizes(pool, took)
    await pool.query('vacuum analyze')
    await compareInserts(pool)
    await pool.query('vacuum analyze')
    for (const [name, query] of Object.entries(queries)) console.log(await searched(pool, name, query))
  } finally {
    await pool.end()
    await postgres.stop()
    await rm(folder, { recursive: true, force: true })
  }
}

const middle = count / 2 + 7
const queries = {
  'exact email': `email:"person${middle}@example.com"`,
  'exact phone': `phone:"+1555${String(middle).padStart(7, '0')}"`,
  'exact name, 2 found': `name:"Given${middle % 5000} Family${middle % (count / 2)}"`,
  'one word of a name, 200 found': `name:"given${middle % 5000}"`,
  'a word of a third of the names': 'name:"van"',
  'metadata, 1 found': `metadata["order"]:"${middle}"`,
  'metadata, half of them': 'metadata["plan"]:"gold"',
  'email that nobody has': 'email:"nobody@example.org"',
  'two by OR': `email:"person7@example.com" OR metadata["order"]:"${middle}"`,
  'rare and common by AND': `name:"van" AND email:"person${middle}@example.com"`,
  'substring of many': 'email~"77@e"',
  'substring of one': `email~"son${middle}@"`,
  'substring of none': 'email~"nobody"',
  'substring of none, one of three fields': 'email~"nobody" OR name~"nobody" OR phone~"nobody"',
  'substring of none, last tenth by created': `created>${firstSecond + count * 0.9} AND email~"nobody"`,
  'created range': `created>=${firstSecond + middle} AND created<${firstSecond + middle + 100}`,
  'negation of few': '-email:"person7@example.com"',
  'negation of all': '-metadata["order"]:null AND -name~"family"',
  'without an e-mail address, none': 'email:null'
}

/** The median of five runs as the database tells it, and which way it went. */
async function searched(pool: Pool, name: string, query: string): Promise<string> {
  const { text, values } = searchStatement(account, parseSearchQuery(query), { after: undefined, limit: 11 })
  const runs: { milliseconds: number; found: number; way: string }[] = []
  for (let run = 0; run < 5; run++) {
    const { rows } = await pool.query<{ 'QUERY PLAN': [Explained] }>(
      `explain (analyze, format json, timing off) ${text}`,
      values
    )
    const [{ Plan: plan, 'Planning Time': planned, 'Execution Time': executed }] =
      rows[0]?.['QUERY PLAN'] ?? fail()
    runs.push({
      milliseconds: planned + executed,
      found: plan['Actual Rows'],
      way: indexesOf(plan).join(' + ')
    })
  }
  const milliseconds = median(runs.map((run) => run.milliseconds))
  return `| ${name} | ${milliseconds.toFixed(1)} | ${runs[0]?.found ?? 0} | ${[...new Set(runs[0]?.way.split(' + '))].join(' + ')} |`
}

interface Plan {
  'Node Type': string
  'Index Name'?: string
  'Actual Loops': number
  'Actual Rows': number
  Plans?: Plan[]
}
interface Explained {
  Plan: Plan
  'Planning Time': number
  'Execution Time': number
}

/** Those that were used; a part of the plan may have been left out. */
const indexesOf = (plan: Plan): string[] => {
  if (plan['Actual Loops'] === 0) return []
  const own = plan['Index Name'] ?? (plan['Node Type'] === 'Seq Scan' ? 'the whole table' : undefined)
  return [...(own === undefined ? [] : [own]), ...(plan.Plans ?? []).flatMap(indexesOf)]
}

async function compareInserts(pool: Pool): Promise<void> {
  const figures: Record<string, number[]> = { without: [], payment_vault: [] }
  for (let round = 0; round < 8; round++) {
    for (const [schema, rates] of Object.entries(figures)) {
      await pool.query('checkpoint')
      const rate = await inserts(new Database(pool, { schema, prepared: false }))
      // The first of each warms up.
      if (round > 0) rates.push(rate)
    }
  }
  for (const [schema, rates] of Object.entries(figures)) {
    const name = schema === 'without' ? 'without' : 'with'
    const all = rates.map((rate) => rate.toFixed(0)).join(' ')
    console.log(`inserts/s ${name} the index: median ${median(rates).toFixed(0)} of ${all}`)
  }
}

/** New customers a second by eight connections, each in a transaction of its own. */
async function inserts(db: Database): Promise<number> {
  const perConnection = 500
  const took = await timed(() =>
    Promise.all(
      Array.from({ length: 8 }, async () => {
        for (let i = 0; i < perConnection; i++) await insertCustomer(db, account, newCustomer())
      })
    )
  )
  return (8 * perConnection) / took
}

function newCustomer(): CustomerRow {
  const blank = blankCustomer()
  const number = Math.floor(Math.random() * count)
  return {
    ...blank,
    // Older than all others, so that the searches find the same ones.
    created: firstSecond - 1,
    email: `new${number}@example.com`,
    details: { ...blank.details, name: `New${number % 5000} Person${number}`, phone: `+1666${number}` },
    metadata: { order: `new${number}`, plan: 'silver' }
  }
}

/** One a second, in the order of their ids. A third has one more word in the name; ASCII, so upper() will do. */
const makeCustomers = `
  insert into payment_vault.customers (account_id, id, created, email, details, metadata, deleted, search)
  select $1, 'cus_' || lpad(n::text, 14, '0'), $3::bigint + n, email,
    jsonb_build_object('name', name, 'phone', phone, 'address', null, 'balance', 0, 'invoice_prefix', 'ABCD1234',
      'invoice_settings', '{"footer": null, "custom_fields": null, "rendering_options": null}'::jsonb,
      'next_invoice_sequence', 1, 'preferred_locales', '[]'::jsonb, 'shipping', null, 'tax_exempt', 'none'),
    metadata, false,
    jsonb_build_object('email', upper(email), 'name', upper(name), 'phone', phone,
      'metadata', jsonb_build_object('order', n::text, 'plan', upper(metadata->>'plan')))
  from generate_series(1, $2::int) n,
    lateral (select 'person' || n || '@example.com' as email,
      'Given' || n % 5000 || case when n % 3 = 0 then ' van' else '' end || ' Family' || n % ($2::int / 2) as name,
      '+1555' || lpad(n::text, 7, '0') as phone,
      jsonb_build_object('order', n::text, 'plan', case when n % 2 = 0 then 'gold' else 'silver' end) as metadata) made`

async function indexOfMigration(): Promise<string> {
  const text = await readFile(join(__dirname, '../../migrations/0004_customers.sql'), 'utf8')
  return text.slice(text.indexOf('create index customers_search'))
}

async function sizes(pool: Pool, seconds: number): Promise<void> {
  const { rows } = await pool.query<{ name: string; megabytes: number }>(
    `select relname as name, (pg_relation_size(oid) / 1e6)::float8 as megabytes from pg_class
     where relname like 'customers%' and relnamespace = 'payment_vault'::regnamespace order by relname`
  )
  for (const { name, megabytes } of rows) console.log(`${name}: ${megabytes.toFixed(0)} MB`)
  console.log(`customers_search made in ${seconds.toFixed(1)} s`)
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const begin = performance.now()
  await work()
  return (performance.now() - begin) / 1000
}

function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? NaN
}

function fail(): never {
  throw new Error('no plan came back')
}

main().catch((error: unknown) => {
  console.error(error)
  process.exitCode = 1
})
