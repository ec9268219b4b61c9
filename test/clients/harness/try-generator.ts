import { cp, mkdir, readdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { run } from './command'
import type { Generator } from '../generators'
import { judge } from './judge'
import { npmPrograms, pipPrograms } from './tools'
import type { Vault } from './vault'

export interface Trial {
  /** Where the documents are. */
  documents: string
  /** An empty folder, to be thrown away. */
  scratch: string
  vault: Vault
  signal: AbortSignal
}

/** Generates a client, compiles it with its example, runs that, and looks at what it did. Throws what went wrong. */
export async function tryGenerator(generator: Generator, trial: Trial): Promise<void> {
  const { name, tools } = generator
  const copy = join(trial.scratch, name, 'example')
  await cp(join(__dirname, '../stubs', name), copy, { recursive: true })
  await cp(join(trial.documents, generator.document), join(copy, 'openapi.json'))
  if (tools.includes('npm')) {
    await cp(join(__dirname, '../stubs/client.tsconfig.json'), join(copy, 'tsconfig.json'))
    await symlink(join(npmPrograms, '..'), join(trial.scratch, name, 'node_modules'))
  }
  await mkdir(join(copy, 'generated'))
  const env = {
    VAULT_URL: trial.vault.url,
    VAULT_KEY: trial.vault.key,
    // The Python generator looks for its formatter there.
    PATH: `${pipPrograms}:${process.env.PATH ?? ''}`
  }
  let output = ''
  for (const command of await generator.commands()) {
    if (command.includes('@sources')) await listSources(copy)
    output = await run(command, { cwd: copy, env, signal: trial.signal })
  }
  await judge(output, name, trial.vault)
}

/** What javac reads for @sources: there are too many for a command line. */
async function listSources(copy: string): Promise<void> {
  const names = await readdir(join(copy, 'generated/src/main'), { recursive: true })
  const sources = names.filter((name) => name.endsWith('.java'))
  await writeFile(join(copy, 'sources'), sources.map((name) => `generated/src/main/${name}\n`).join(''))
}
