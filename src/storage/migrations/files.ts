import { createHash } from 'node:crypto'
import { readFile, readdir } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { messageOf } from './message-of'
import { buildInfo, ownMigrations } from '../build-info'
import { type FunctionFile, functionFilesIn } from './function-files'
import { MigrationError } from './migration-error'

/** A numbered file. It is applied once and never changes after a release. */
export interface MigrationFile {
  name: string
  text: string
  checksum: string
  transaction: boolean
}

/** Returns the files of `folder`, or the package's own. Throws a MigrationError for files that are not numbered in order. */
export async function filesIn(
  folder?: string
): Promise<{ numbered: MigrationFile[]; functions: FunctionFile[] }> {
  const own = folder === undefined ? buildInfo()?.migrations : undefined
  const texts = own ?? (await textsIn(folder ?? ownMigrations()))
  // The folder may hold other files, such as optional SQL for operators.
  const names = Object.keys(texts)
    .filter((name) => /^\d.*\.sql$/.test(name))
    .sort()
  if (names.length === 0)
    throw new MigrationError(`The folder ${folder ?? ownMigrations()} has no migrations.`)
  for (const [index, name] of names.entries()) {
    const number = String(index + 1).padStart(4, '0')
    if (!name.startsWith(`${number}_`))
      throw new MigrationError(
        `Migrations are numbered without gaps and duplicates, but ${name} is where ${number} belongs.`
      )
  }
  return {
    numbered: names.map((name) => migrationFile(name, texts[name] ?? '')),
    functions: functionFilesIn(texts)
  }
}

async function textsIn(folder: string): Promise<Record<string, string>> {
  const names = await readdir(folder, { recursive: true }).catch((error: unknown) => {
    throw new MigrationError(`The folder of the migrations can't be read: ${messageOf(error)}`, {
      cause: error
    })
  })
  const files = names.map((name) => name.replaceAll(sep, '/')).filter((name) => name.endsWith('.sql'))
  const read = files.map(async (name) => [name, await readFile(join(folder, name), 'utf8')] as const)
  return Object.fromEntries(await Promise.all(read))
}

function migrationFile(name: string, given: string): MigrationFile {
  // A checkout may change line endings; the checksum ignores that.
  const text = given.replaceAll('\r\n', '\n')
  const checksum = createHash('sha256').update(text).digest('hex')
  const transaction = !/^-- no transaction[ \t]*$/.test(text.split('\n', 1)[0] ?? '')
  return { name, text, checksum, transaction }
}
