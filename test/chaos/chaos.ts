import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import pg from 'pg'
import { commandLine, heading } from '../bench/markdown'
import { startTestCluster } from '../helpers/cluster'
import { crashes } from './crashes'
import { idempotency } from './idempotency'
import { isolation } from './isolation'
import type { Part, Stand } from './part'
import { races } from './races'
import { tableOf, type Timed } from './table'
import { webhooks } from './webhooks'

const parts: Record<string, Part> = { races, crashes, idempotency, isolation, webhooks }

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

  const where = values.markdown ? [heading(await postgresVersion(), commandLine('chaos')), ''] : []
  const all: Timed[] = []
  for (const [name, part] of chosen) all.push(await timed(name, part, fraction))
  const { text, kept } = tableOf(all)
  console.log([...where, text].join('\n'))
  return kept
}

async function timed(name: string, part: Part, fraction: number): Promise<Timed> {
  const began = performance.now()
  const folder = await mkdtemp(join(tmpdir(), 'payment-vault-chaos-'))
  // Postgres is another user when we are root, and must pass here.
  await chmod(folder, 0o711)
  const cluster = await startTestCluster(process.env.TEST_DATABASE_URL)
  const stand: Stand = {
    cluster,
    folder,
    share: (whole) => Math.max(1, Math.round(whole * fraction)),
    say: (line) => {
      console.error(`${name}, ${((performance.now() - began) / 1000).toFixed(0)} s: ${line}`)
    }
  }
  try {
    const found = await part(stand)
    return { found, seconds: (performance.now() - began) / 1000 }
  } finally {
    await cluster.stop()
    await rm(folder, { recursive: true, force: true })
  }
}

async function postgresVersion(): Promise<string> {
  const cluster = await startTestCluster(process.env.TEST_DATABASE_URL)
  const client = new pg.Client({ connectionString: cluster.url })
  try {
    await client.connect()
    const { rows } = await client.query<{ server_version: string }>('show server_version')
    return rows[0]?.server_version.split(' ')[0] ?? ''
  } finally {
    await client.end()
    await cluster.stop()
  }
}

main().then(
  (kept) => {
    process.exitCode = kept ? 0 : 1
  },
  (error: unknown) => {
    console.error(error)
    process.exitCode = 1
  }
)
