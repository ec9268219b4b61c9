import { spawn } from 'node:child_process'

export interface Place {
  cwd: string
  env?: NodeJS.ProcessEnv
  /** Ends the command, and whatever it has started. */
  signal: AbortSignal
}

/** A command that failed, with all that it said. */
export class CommandError extends Error {
  constructor(command: readonly string[], reason: string, output: string) {
    super(`${command.join(' ')}\n${output.trimEnd()}\n${reason}`)
  }
}

/** Java has no time to warm up here: told so, it needs less than half as long. */
const shortLived = { JAVA_TOOL_OPTIONS: '-XX:TieredStopAtLevel=1 -XX:+UseSerialGC' }

/** Runs a command to its end, five minutes at most, and gives what it printed. Throws CommandError. */
export async function run(command: readonly string[], place: Place): Promise<string> {
  const [program = '', ...args] = command
  const signal = AbortSignal.any([place.signal, AbortSignal.timeout(300_000)])
  return new Promise((resolve, reject) => {
    let stdout = ''
    let output = ''
    // A group of its own, to be ended whole: Maven and Go start others.
    const child = spawn(program, args, {
      cwd: place.cwd,
      env: { ...shortLived, ...process.env, ...place.env },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true
    })
    const kill = (): void => {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
    }
    const fail = (reason: string): void => {
      reject(new CommandError(command, reason, output))
    }
    if (signal.aborted) kill()
    signal.addEventListener('abort', kill)
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text
      output += text
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => (output += text))
    child.on('error', (error) => {
      signal.removeEventListener('abort', kill)
      fail(error.message)
    })
    child.on('close', (code) => {
      signal.removeEventListener('abort', kill)
      if (code === 0) resolve(stdout)
      else
        fail(
          signal.aborted ? 'It was ended: it took too long, or the run was.' : `exit code ${code ?? 'none'}`
        )
    })
  })
}
