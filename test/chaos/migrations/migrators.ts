import { fork } from 'node:child_process'
import { once } from 'node:events'
import { copyFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { MigratingJob } from '../../helpers/database/migrating-process'

const own = join(__dirname, '../../../migrations')

/** The numbered files that there are. */
export const ownMigrations = async (): Promise<string[]> =>
  (await readdir(own)).filter((name) => /^\d.*\.sql$/.test(name)).sort()

/** A folder of all files, with each file of functions in a newer revision. Returns it with the names of those. */
export async function newerFunctions(folder: string): Promise<{ to: string; names: string[] }> {
  const to = await migrationsIn(folder, await ownMigrations())
  const names = (await readdir(join(own, 'functions'))).sort()
  await mkdir(join(to, 'functions'))
  for (const name of names) {
    const text = await readFile(join(own, 'functions', name), 'utf8')
    await writeFile(join(to, 'functions', name), text.replace(/^-- revision \d+/, '-- revision 1000'))
  }
  return { to, names: names.map((name) => `functions/${name}`) }
}

/** A folder of the first so many, and of one more that is made up. */
export async function migrationsIn(folder: string, files: readonly string[], next?: string): Promise<string> {
  const to = join(folder, `migrations-${++folders}`)
  await mkdir(to)
  for (const name of files) await copyFile(join(own, name), join(to, name))
  if (next !== undefined) await writeFile(join(to, madeUp(files)), next)
  return to
}

let folders = 0

export const madeUp = (files: readonly string[]): string =>
  `${String(files.length + 1).padStart(4, '0')}_made_up.sql`

/** What two processes have applied that began at once; `failed` where one did not come to an end. */
export async function migrateTwice(
  program: string,
  job: MigratingJob
): Promise<{ applied: string[]; failed: string[] }> {
  const both = await Promise.all([migrateOnce(program, job), migrateOnce(program, job)])
  return {
    applied: both.flatMap(({ applied = [] }) => applied),
    failed: both.flatMap(({ failed = [] }) => failed)
  }
}

async function migrateOnce(
  program: string,
  job: MigratingJob
): Promise<{ applied?: string[]; failed?: string }> {
  const child = fork(program, { execArgv: [] })
  const exit = once(child, 'exit')
  await once(child, 'message')
  child.send(job)
  const [answer] = (await Promise.race([once(child, 'message'), exit])) as [unknown]
  await exit
  return typeof answer === 'object' && answer !== null ? answer : { failed: 'the process ended' }
}
