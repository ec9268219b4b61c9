import { build } from 'esbuild'
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { chmod, cp, mkdtemp, realpath, rm, symlink } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import top, { type Test } from 'tap'
import { untracked } from '../untracked'

const root = join(__dirname, '../../..')

export interface Finished {
  code: number | null
  stdout: string
  stderr: string
}

export interface CliOptions {
  uid?: number
  gid?: number
  /** A process group of its own, as a terminal makes one. */
  detached?: boolean
  /** By `npm start`, as a newcomer does. */
  npm?: boolean
  /** By a line of shell, as scripts of npm's are. */
  script?: string
}

type Settings = Record<string, string>

/** A program that was started, with what it has said so far. */
export class Cli {
  readonly node: ChildProcess
  readonly finished: Promise<Finished>
  stdout = ''
  stderr = ''

  constructor(node: ChildProcess) {
    this.node = node
    node.stdout?.setEncoding('utf8').on('data', (text: string) => (this.stdout += text))
    node.stderr?.setEncoding('utf8').on('data', (text: string) => (this.stderr += text))
    this.finished = once(node, 'close').then(([code]) => ({
      code: code as number | null,
      stdout: this.stdout,
      stderr: this.stderr
    }))
  }
}

/** Starts the program, with nothing of the surroundings' settings but where Postgres' binaries are. */
export async function launch(args: string[], settings: Settings, options: CliOptions = {}): Promise<Cli> {
  const { npm = false, script, ...rest } = options
  const [command, words] = npm
    ? ['npm', ['start', '--silent']]
    : script !== undefined
      ? ['sh', ['-c', script]]
      : [process.execPath, [await (program ??= compiled()), ...args]]
  return new Cli(
    spawn(...untracked(command, words), {
      cwd: root,
      env: { ...surroundings(), PORT: '0', ...settings },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      ...rest
    })
  )
}

/** Runs one command to its end. */
export async function runCli(args: string[], settings: Settings, options?: CliOptions): Promise<Finished> {
  return (await launch(args, settings, options)).finished
}

let program: Promise<string> | undefined

/**
 * The program in one file of plain JavaScript, with its migrations: a test starts it some fifty times, and compiling
 * it each time takes longer than all the rest.
 */
async function compiled(): Promise<string> {
  const base = await mkdtemp(join(tmpdir(), 'payment-vault-cli-'))
  top.teardown(() => rm(base, { recursive: true, force: true }))
  await chmod(base, 0o755)
  await build({
    entryPoints: [join(root, 'src/cli/main.ts')],
    outfile: join(base, 'src/cli/main.js'),
    bundle: true,
    platform: 'node',
    // When the test is killed, the programs that it started go with it.
    banner: { js: "process.on('disconnect', () => process.exit()); process.channel?.unref()" },
    // Some of those packages bring files of other kinds.
    external: ['pg-native', '@fastify/*'],
    logLevel: 'error'
  })
  await cp(join(root, 'migrations'), join(base, 'migrations'), { recursive: true })
  await cp(join(root, 'package.json'), join(base, 'package.json'))
  await symlink(join(root, 'node_modules'), join(base, 'node_modules'))
  return join(base, 'src/cli/main.js')
}

export interface RunningCli extends Cli {
  url: string
  /** As the banner shows it. */
  key: string
  /** The line to paste. */
  curl: string
}

/** Starts the server and waits for its banner. It is gone when `t` ends, however that ends. */
export async function startCli(t: Test, settings: Settings, options?: CliOptions): Promise<RunningCli> {
  const cli = await launch([], settings, options)
  t.teardown(async () => {
    cli.node.kill('SIGKILL')
    await cli.finished
  })
  await Promise.race([until(() => /^ {2}data [^]*\n\n/m.test(cli.stdout)), cli.finished])
  if (cli.node.exitCode !== null) throw new Error(`the server did not start: ${cli.stderr}`)
  const found = (pattern: RegExp): string => pattern.exec(cli.stdout)?.[1] ?? ''
  return Object.assign(cli, {
    url: found(/answers at (\S+)/),
    key: found(/secret key {2}(\S+)/),
    curl: found(/^(curl .*)$/m)
  })
}

/** A folder that also Postgres may enter, removed when `t` ends. */
export async function newFolder(t: Test): Promise<string> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'payment-vault-server-')))
  await chmod(folder, 0o711)
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** How many Postgres run on a folder. The shells that guard them look once more, and end a moment later. */
export function processesOf(folder: string): number {
  const commands = readdirSync('/proc').map((pid) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
    } catch {
      // No process, or one that has just ended.
      return ''
    }
  })
  return commands.filter((command) => command.includes(folder) && !command.startsWith('/bin/sh')).length
}

/** A request whose body has only begun to arrive: the server has to wait for the rest. */
export async function slowRequest(url: string, key: string): Promise<SlowRequest> {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  const slow = { socket, answer: '', closed: once(socket, 'close') }
  socket.setEncoding('utf8').on('data', (text: string) => (slow.answer += text))
  socket.on('error', () => undefined)
  await once(socket, 'connect')
  socket.write(
    `POST /v1/customers HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${key}\r\n` +
      'Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 9\r\n\r\nname='
  )
  // The server must have begun with it: until then the connection is an idle one.
  await sleep(200)
  return Object.assign(slow, { finish: () => void socket.write('Slow') })
}

export interface SlowRequest {
  socket: Socket
  answer: string
  closed: Promise<unknown>
  finish: () => void
}

/** Waits for it, 30 s at most, as the machine may be busy; false when it did not come true. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<boolean> {
  const end = Date.now() + 30_000
  while (Date.now() < end) {
    if (await condition()) return true
    await sleep(20)
  }
  return false
}

function surroundings(): NodeJS.ProcessEnv {
  const ours = /^(PG|TAP|DATABASE_URL$|HOST$|LOG_LEVEL$|PAYMENT_VAULT_(?!PG_BIN$))/
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !ours.test(name)))
}
