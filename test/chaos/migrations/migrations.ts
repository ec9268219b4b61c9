import { setTimeout as sleep } from 'node:timers/promises'
import { migrate } from '../../../src/storage/migrations/migrate'
import { compiled } from '../harness/compiled'
import { harmless, type MigrationMutant, migrationMutants } from './mutants'
import { startCallers } from './callers'
import { madeUp, migrateTwice, migrationsIn, newerFunctions, ownMigrations } from './migrators'
import { filledTables, type Table, tablesIn } from './tables'
import { startReaders, startUsers, type Use, type Users } from './users'
import { type ChaosDatabase, onNewDatabase } from '../harness/new-database'
import { type Found, type Stand, type Tried, withMutants } from '../harness/part'

const connections = 64
const readers = 3
const allRows = 200_000
const mutantRows = 4000
// Seconds that a transaction of somebody else's stays open, at most.
const allHold = 10
const shortestHold = 3.5
const mostWait = 2500

/**
 * A vault with rows is migrated file by file while 64 connections read and write, others keep transactions open, and two
 * processes migrate at once; and then once more, through a server, by a file that a later version may bring.
 */
export async function migrations(stand: Stand): Promise<Found> {
  return withMutants(stand, migrationMutants, async (mutant) => {
    const program = await compiled(stand.folder, '../helpers/database/migrating-process', mutant?.program)
    const steps: Step[] = []
    const { cluster } = stand
    if (mutant)
      await onNewDatabase(cluster, async (vault) => steps.push(await mutated(stand, vault, program, mutant)))
    else {
      await onNewDatabase(cluster, async (vault) => steps.push(...(await fileByFile(stand, vault, program))))
      await onNewDatabase(cluster, async (vault) => steps.push(await underServer(stand, vault, program)))
      await onNewDatabase(cluster, async (vault) => steps.push(await newFunctions(stand, vault, program)))
    }
    return tried(steps)
  })
}

/** What was done during one migration. */
interface Step {
  applied: boolean
  uses: Use[]
}

async function fileByFile(stand: Stand, vault: ChaosDatabase, program: string): Promise<Step[]> {
  const { pool } = vault
  await pool.query('drop schema payment_vault cascade')
  const files = await ownMigrations()
  await migrate(pool, { schema, folder: await migrationsIn(stand.folder, files.slice(0, 1)) })
  const steps: Step[] = []
  for (const [i, name] of [...files.entries()].slice(1)) {
    const tables = await filledTables(pool, stand.share(allRows))
    const folder = await migrationsIn(stand.folder, files.slice(0, i + 1))
    const users = await startUsers(vault.url, tables, connections)
    steps.push(await step({ stand, vault, program, tables, folder, name, users }))
  }
  return steps
}

async function mutated(
  stand: Stand,
  vault: ChaosDatabase,
  program: string,
  { file = harmless }: MigrationMutant
): Promise<Step> {
  const files = await ownMigrations()
  const folder = await migrationsIn(stand.folder, files, file)
  const tables = await filledTables(vault.pool, mutantRows)
  const users = await startUsers(vault.url, tables, connections)
  const quiet = { ...stand, say: () => undefined }
  const hold = file === harmless ? holdOf(stand) : 100
  return step({ stand: quiet, hold, vault, program, tables, folder, name: madeUp(files), users })
}

/** A server that has prepared its statements sees every table get another column. */
async function underServer(stand: Stand, vault: ChaosDatabase, program: string): Promise<Step> {
  const files = await ownMigrations()
  const tables = await tablesIn(vault.pool)
  const added = tables.map(({ name }) => `alter table ${name} add column if not exists made_up text;\n`)
  const folder = await migrationsIn(stand.folder, files, `-- no transaction\n${added.join('')}`)
  const server = await compiled(stand.folder, 'harness/server')
  const users = await startCallers({ ...vault, program: server, connections })
  return step({ stand, vault, program, tables, folder, name: `${madeUp(files)}, under a server`, users })
}

/** A server goes on while a newer version replaces all functions that it calls. */
async function newFunctions(stand: Stand, vault: ChaosDatabase, program: string): Promise<Step> {
  const { to: folder, names } = await newerFunctions(stand.folder)
  const tables = await tablesIn(vault.pool)
  const server = await compiled(stand.folder, 'harness/server')
  const users = await startCallers({ ...vault, program: server, connections })
  const name = 'newer functions, under a server'
  return step({ stand, vault, program, tables, folder, name, users, files: names.length })
}

interface StepOptions {
  stand: Stand
  /** Milliseconds. */
  hold?: number
  vault: ChaosDatabase
  program: string
  tables: readonly Table[]
  folder: string
  name: string
  users: Users
  /** How many files there are to apply; 1 without it. */
  files?: number
}

const holdOf = (stand: Stand): number => Math.max(stand.share(allHold), shortestHold) * 1000

async function step(options: StepOptions): Promise<Step> {
  const { stand, hold = holdOf(stand), vault, program, tables, folder, name, users, files = 1 } = options
  await sleep(500)
  const others = await startReaders({ url: vault.url, tables, readers, hold })
  const began = performance.now()
  const { applied, failed } = await migrateTwice(program, { url: vault.url, schema, folder })
  const took = performance.now() - began
  await sleep(500)
  const uses = await users.stop()
  await others.stop()
  const longest = [...uses].sort((a, b) => b.milliseconds - a.milliseconds)[0]
  stand.say(
    `${name}: ${took.toFixed(0)} ms; ${uses.length} uses, ${uses.filter(isFailed).length} failed, ` +
      `longest ${longest?.milliseconds.toFixed(0) ?? ''} ms (${longest?.what ?? ''})`
  )
  for (const line of [...failed, ...uses.flatMap((use) => use.failed ?? [])].slice(0, 5)) stand.say(line)
  return { applied: applied.length === files && failed.length === 0, uses }
}

function tried(steps: readonly Step[]): Tried[] {
  const uses = steps.flatMap((each) => each.uses)
  return [
    {
      promise: 'a migration is applied once, also beside users of its tables and other migrations',
      tries: steps.length,
      faults: steps.filter(({ applied }) => !applied).length
    },
    {
      promise: 'during a migration no call on 64 connections waits longer than 2.5 s',
      tries: uses.length,
      faults: uses.filter(({ milliseconds }) => milliseconds > mostWait).length
    },
    {
      promise: 'and no call fails that worked before',
      tries: uses.length,
      faults: uses.filter(isFailed).length
    }
  ]
}

const isFailed = ({ failed }: Use): boolean => failed !== undefined

const schema = 'payment_vault'
