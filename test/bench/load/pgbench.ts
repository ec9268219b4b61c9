import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Pool } from 'pg'
import type { Outside } from './metered'

const run = promisify(execFile)

export interface DatabaseLoad {
  url: string
  script: string
  account: string
  first: number
  clients: number
  seconds: number
}

/** Has pgbench make the call for some seconds, and gives back a number above all that it used up. */
export async function pgbench(load: DatabaseLoad): Promise<Outside & { next: number }> {
  const { url, script, account, first, clients, seconds } = load
  const folder = await mkdtemp(join(tmpdir(), 'payment-vault-pgbench-'))
  try {
    await writeFile(join(folder, 'script.sql'), script)
    const variables = { account, first, clients, i: 0 }
    const { stdout } = await run(
      'pgbench',
      [
        ...['-n', '-M', 'prepared', '-c', String(clients), '-j', '1', '-T', String(seconds)],
        ...['-l', '-f', 'script.sql'],
        ...Object.entries(variables).flatMap(([name, value]) => ['-D', `${name}=${value}`]),
        url
      ],
      { cwd: folder }
    )
    const took = await latencies(folder)
    const at = (share: number) => took[Math.floor((took.length - 1) * share)] ?? NaN
    return {
      rate: Number(/tps = ([\d.]+)/.exec(stdout)?.[1]),
      p50: at(0.5),
      p99: at(0.99),
      max: at(1),
      requests: took.length,
      // Clients don't keep step; none gets twice as far as the average.
      next: first + 2 * took.length + clients
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Milliseconds of all transactions, ascending, out of pgbench's log. */
async function latencies(folder: string): Promise<number[]> {
  const logs = (await readdir(folder)).filter((name) => name.startsWith('pgbench_log'))
  const texts = await Promise.all(logs.map((name) => readFile(join(folder, name), 'utf8')))
  return texts
    .flatMap((text) => text.trimEnd().split('\n'))
    .map((line) => Number(line.split(' ')[2]) / 1000)
    .sort((a, b) => a - b)
}

// What the server passes, by the names of the function's parameters.
const paymentMethod = "'pm_bench' || lpad(:n ::text, 18, '0')"
const values: Record<string, string> = {
  p_account: ':account',
  p_created: '1795000000',
  p_payment_methods: `array[${paymentMethod}]`,
  p_customers: "array['cus_bench' || lpad((9999 - :n % 10000)::text, 5, '0')]",
  p_verified: 'array[false]',
  p_checks: 'array[null]::jsonb[]',
  p_events: "array['evt_1' || lpad(:n ::text, 23, '0')]",
  p_requests: "array['req_' || lpad(:n ::text, 14, '0')]",
  p_keys: 'array[md5(:n ::text)::uuid::text]',
  p_endpoints: `array['/v1/payment_methods/' || ${paymentMethod} || '/attach']`,
  p_parameters: String.raw`array['\x00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff'::bytea]`,
  p_versions: "array['2022-11-15']",
  p_wait: "'5s'"
}

/** The server's own call, one payment method each time, put together from what the database says it takes. */
export async function attachScript(pool: Pool): Promise<string> {
  const { rows } = await pool.query<{ names: string[] }>(
    `select proargnames[1:pronargs] as names from pg_proc
     where pronamespace = 'payment_vault'::regnamespace and proname = 'attach'`
  )
  const names = rows[0]?.names ?? []
  const unknown = names.filter((name) => values[name] === undefined)
  if (rows.length !== 1 || unknown.length > 0)
    throw new Error(
      `payment_vault.attach is not as the bench knows it: tell test/bench/load/pgbench.ts ${unknown.join(', ')}`
    )
  return [
    '\\set n :first + :client_id + :i * :clients',
    '\\set i :i + 1',
    `select * from payment_vault.attach(${names.map((name) => values[name]).join(', ')});`
  ].join('\n')
}
