import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Outside } from './metered'

const run = promisify(execFile)

export type CallName =
  'attach' | 'replay' | 'retrieve' | 'list' | 'customer' | 'payment-method' | 'setup-intent'

export interface Load {
  call: CallName
  /** Of the servers' routes: '' for the vault, else those beside it. */
  prefix?: string
  key: string
  /** Each gets its share of the connections. */
  urls: readonly string[]
  connections: number
  seconds: number
  /** Number of the first payment method to use up. */
  first: number
  /** How ids are made of numbers, and how many customers there are. */
  ids: Ids
  /** One attach in so many is to any customer at all, the others to one of the newest. */
  old?: number
}

export interface Ids {
  paymentMethod: string
  customer: string
  customers: number
}

interface Told {
  requests: number
  seconds: number
  p50: number
  p99: number
  max: number
  next: number
  status: number
  socket: number
}

/** Sends calls for some seconds, and gives back the first number that was not used up. Throws when one failed. */
export async function wrk(load: Load): Promise<Outside & { next: number }> {
  const { urls, connections, seconds, ids } = load
  const args = ['-t', String(urls.length), '-c', String(connections), '-d', `${seconds}s`, '--timeout', '10s']
  const { stdout } = await run('wrk', [...args, '-s', join(__dirname, 'calls.lua'), urls[0] ?? ''], {
    env: {
      ...process.env,
      CALL: load.call,
      PREFIX: load.prefix ?? '',
      KEY: load.key,
      FIRST: String(load.first),
      PORTS: urls.map((url) => new URL(url).port).join(' '),
      PAYMENT_METHOD: ids.paymentMethod,
      CUSTOMER: ids.customer,
      CUSTOMERS: String(ids.customers),
      OLD: String(load.old ?? 0)
    }
  })
  const told = JSON.parse(/^JSON (.*)$/m.exec(stdout)?.[1] ?? 'null') as Told | null
  if (!told || told.requests === 0 || told.status + told.socket > 0)
    throw new Error(`not every call of ${load.call} succeeded:\n${stdout}`)
  const { requests, p50, p99, max, next } = told
  return { rate: requests / told.seconds, p50, p99, max, requests, next }
}
