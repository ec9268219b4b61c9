import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import pg from 'pg'
import { commandLine, heading } from '../bench/report/markdown'
import { startTestCluster, type TestCluster } from '../helpers/database/cluster'
import { cardData } from './card-data/card-data'
import { crashes } from './crashes/crashes'
import { faults } from './faults/faults'
import { fuzz } from './fuzz/fuzz'
import { idempotency } from './races/idempotency'
import { isolation } from './isolation/isolation'
import { load } from './load/load'
import { migrations } from './migrations/migrations'
import type { Part, Stand } from './harness/part'
import { races } from './races/races'
import { tableOf, type Timed } from './harness/table'
import { webhooks } from './webhooks/webhooks'

const parts: Record<string, Part> = {
  races,
  crashes,
  faults,
  idempotency,
  isolation,
  webhooks,
  fuzz,
  load,
  migrations,
  'card-data': cardData
}

/**
 * npm run chaos: tries to make the vault lose something, do it twice or contradict itself, one part after another; then
 * the same with rules that are broken on purpose, each of which must be noticed. `--fraction 0.1` tries a tenth as
 * often, `--only races,crashes` runs some parts, `--markdown` tells when and where above the table.
 */
async function main(): Promise<boolean> {
  const { values } = parseArgs({
    options: {
      fraction: { type: 'string', default: '1' },
      only: { type: 'string', default: Object.keys(parts).join(',') },
      markdown: { type: 'boolean', default: false }
    }
  })
  const chosen = values.only.split(',').map((name): [string, Part] => {
    const part = parts[name]
    if (!part) throw new Error(`--only takes ${Object.keys(parts).join(', ')}; not ${name}`)
    return [name, part]
  })
  const fraction = Number(values.fraction)
  if (!(fraction > 0)) throw new Error('--fraction must be a number above 0')

  const cluster = await startTestCluster(process.env.TEST_DATABASE_URL)
  try {
    const where = values.markdown ? [heading(await versionOf(cluster), commandLine('chaos')), ''] : []
    const all: Timed[] = []
    const unfinished: string[] = []
    for (const [name, part] of chosen) {
      try {
        all.push(await timed(name, part, fraction, cluster))
      } catch (error) {
        // The rest is tried as well: a whole run takes an hour.
        console.error(`${name} came to no end:`, error)
        unfinished.push(`${name} came to no end.`)
      }
    }
    const { text, kept } = tableOf(all)
    console.log([...where, text, ...unfinished].join('\n'))
    return kept && unfinished.length === 0
  } finally {
    await cluster.stop()
  }
}

async function timed(name: string, part: Part, fraction: number, cluster: TestCluster): Promise<Timed> {
  const began = performance.now()
  const seconds = (): number => (performance.now() - began) / 1000
  const folder = await mkdtemp(join(tmpdir(), 'payment-vault-chaos-'))
  // Postgres is another user when we are root, and must pass here.
  await chmod(folder, 0o711)
  const stand: Stand = {
    cluster,
    folder,
    share: (whole) => Math.max(1, Math.round(whole * fraction)),
    say: (line) => {
      console.error(`${name}, ${seconds().toFixed(0)} s: ${line}`)
    }
  }
  try {
    return { found: await part(stand), seconds: seconds() }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function versionOf({ url }: TestCluster): Promise<string> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    const { rows } = await client.query<{ server_version: string }>('show server_version')
    return rows[0]?.server_version.split(' ')[0] ?? ''
  } finally {
    await client.end()
  }
}

void main().then((kept) => {
  process.exitCode = kept ? 0 : 1
})
