import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { readCommand } from '../../../src/cli/arguments'
import tools from '../../clients/package.json'
import own from '../../../package.json'
import { files, read, root } from './blocks'

const scripts: Readonly<Record<string, string>> = own.scripts
const installable: Readonly<Record<string, unknown>> = {
  ...own.dependencies,
  ...own.devDependencies,
  ...tools.devDependencies
}

/** What a test can do with a command of a document: run it as a shell or our command line would, or only check it. */
export interface Checked {
  run?: 'shell' | 'cli'
  /** The words of our own command line, without the program. */
  args: string[]
}

/** Returns the commands of a shell block: each line, with those that a backslash continues, and each side of `&&`. */
export const commandsOf = (code: string): string[] =>
  code
    .replaceAll(/\\\n\s*/g, '')
    .split(/\n|&&/)
    .map((command) => command.trim())
    .filter((command) => command !== '' && !command.startsWith('#'))

/** Checks one command. Throws an error that says what is wrong with it, also for one that no check is known for. */
export function checkCommand(command: string): Checked {
  const words = command.replace(/^(?:[A-Z_]+=\S+ +)+/, '').split(/ +/)
  const [program = '', first = '', ...rest] = words
  if (program === 'curl') return { run: 'shell', args: [] }
  if (program === 'npx') return first === own.name ? ownCommand(rest) : { args: installed(first, rest) }
  if (program === 'npm') return { args: npm(first, rest) }
  if (program === 'node') return { args: existing(words.filter((word) => /\.m?ts$|\.mjs$/.test(word))) }
  if (files.includes(program)) return { args: [] }
  throw new Error(`no check is known for: ${command}`)
}

/** Reads it as the command line does. It can be run if it names no object of a vault's and ends by itself. */
function ownCommand(words: readonly string[]): Checked {
  const args = words
    .slice(0, words.includes('>') ? words.indexOf('>') : undefined)
    .map((word) => word.replace(/^\[|\]$/g, '').replace('HOURS', '24'))
  const { name } = readCommand(args)
  const runs = !['start', 'deliver', 'listen', 'import'].includes(name) && !args.join(' ').includes('…')
  return runs ? { run: 'cli', args } : { args }
}

/** `npm run x -- --flag`: the script is there, and the files beside its own know the flag. */
function npm(first: string, rest: readonly string[]): string[] {
  if (first === 'ci') return existing(['package-lock.json'])
  if (first === 'install') {
    if (rest.some((word) => word !== own.name)) throw new Error(`npm install ${rest.join(' ')}`)
    return []
  }
  const name = first === 'run' ? (rest[0] ?? '') : first
  const script = scripts[name]
  if (script === undefined) throw new Error(`package.json has no script ${name}`)
  const path = /\S+\.m?ts\b/.exec(script)?.[0]
  const sources = path === undefined ? '' : sourcesIn(dirname(path))
  for (const word of rest) {
    const flag = /^--([a-z][\w-]*)$/.exec(word)?.[1]
    if (flag !== undefined && !new RegExp(`\\b${flag}\\b`).test(sources + script))
      throw new Error(`npm run ${name} knows no --${flag}`)
  }
  return []
}

const sourcesIn = (folder: string): string =>
  files
    .filter((file) => file.startsWith(`${folder}/`) && file.endsWith('.ts'))
    .map(read)
    .join('\n')

/** `npx tool`: the tool is one of those that the repository installs, and the files that it reads are there. */
function installed(tool: string, rest: readonly string[]): string[] {
  if (!Object.hasOwn(installable, tool)) throw new Error(`npx ${tool}: no package.json here installs it`)
  return existing(rest.filter((word, index) => word.includes('/') && !rest[index - 1]?.startsWith('-')))
}

function existing(paths: readonly string[]): string[] {
  for (const path of paths) if (!existsSync(join(root, path))) throw new Error(`there is no ${path}`)
  return []
}
