import { execFile, spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** What one run of a tool measured: calls a second, and milliseconds of the median and the 99th percentile. */
export interface Figures {
  rate: number
  p50: number
  p99: number
}

/** Says what is missing, and where it comes from, before anything is started. */
export function requireTools(): void {
  const missing = ['wrk', 'pgbench'].filter((tool) => spawnSync(tool, ['--version']).error !== undefined)
  if (missing.length > 0) {
    throw new Error(`The bench needs ${missing.join(' and ')}: apt-get install wrk postgresql-contrib`)
  }
}

export async function wrk(
  url: string,
  run_: { prefix: string; key: string; first: number; connections: number; seconds: number }
): Promise<Figures> {
  const { prefix, key, first, connections, seconds } = run_
  const { stdout } = await run('wrk', [
    ...[
      '-t',
      '1',
      '-c',
      String(connections),
      '-d',
      `${seconds}s`,
      '--latency',
      '-s',
      join(__dirname, 'attach.lua')
    ],
    ...[url, '--', prefix, key, String(first)]
  ])
  if (/Non-2xx|Socket errors/.test(stdout)) throw new Error(`not every attach succeeded:\n${stdout}`)
  const latency = (percent: string) =>
    milliseconds(new RegExp(`${percent}%\\s+([\\d.]+)(us|ms|s)`).exec(stdout))
  return {
    rate: Number(/Requests\/sec:\s+([\d.]+)/.exec(stdout)?.[1]),
    p50: latency('50'),
    p99: latency('99')
  }
}

function milliseconds(found: RegExpExecArray | null): number {
  const factor = { us: 0.001, ms: 1, s: 1000 }[found?.[2] as 'us' | 'ms' | 's']
  return Number(found?.[1]) * factor
}

export async function pgbench(
  url: string,
  run_: { account: string; first: number; clients: number; span: number; seconds: number }
): Promise<Figures> {
  const { account, first, clients, span, seconds } = run_
  const variables = { account, first, span, i: 0 }
  const { stdout } = await run('pgbench', [
    ...['-n', '-M', 'prepared', '-c', String(clients), '-j', '1', '-T', String(seconds)],
    ...['-f', join(__dirname, 'attach.sql')],
    ...Object.entries(variables).flatMap(([name, value]) => ['-D', `${name}=${value}`]),
    url
  ])
  const average = Number(/latency average = ([\d.]+) ms/.exec(stdout)?.[1])
  return { rate: Number(/tps = ([\d.]+)/.exec(stdout)?.[1]), p50: average, p99: NaN }
}
