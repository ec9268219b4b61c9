import { spawnSync } from 'node:child_process'

export type Toolchain = 'node' | 'python' | 'java' | 'maven' | 'go'

/** What a toolchain's programs are asked to tell that they are there and new enough. */
const programs: Record<Toolchain, { command: string[]; least?: readonly [number, number] }[]> = {
  node: [{ command: ['npm', '--version'] }],
  python: [
    // What the generated code is written in; with what makes a folder of packages, which Debian has in another package.
    { command: ['python3', '--version'], least: [3, 11] },
    { command: ['python3', '-m', 'ensurepip', '--version'] }
  ],
  java: [
    { command: ['java', '--version'], least: [11, 0] },
    { command: ['javac', '--version'], least: [11, 0] }
  ],
  maven: [{ command: ['mvn', '--version'] }],
  go: [{ command: ['go', 'version'], least: [1, 25] }]
}

const asked = new Map<Toolchain, string | undefined>()

/** What of a toolchain is not on this machine, as a reason; undefined when all of it is. */
export function missingOf(toolchain: Toolchain): string | undefined {
  if (!asked.has(toolchain)) {
    const reasons = programs[toolchain].map(({ command, least }) => missing(command, least))
    asked.set(
      toolchain,
      reasons.find((reason) => reason !== undefined)
    )
  }
  return asked.get(toolchain)
}

function missing(command: readonly string[], least?: readonly [number, number]): string | undefined {
  const [program = '', ...args] = command
  const { error, status, stdout } = spawnSync(program, args, { encoding: 'utf8' })
  if (error) return `no ${program} on this machine`
  if (status !== 0) return `${command.join(' ')} does not work on this machine`
  if (least === undefined) return undefined
  const [, major = '0', minor = '0'] = /(\d+)(?:\.(\d+))?/.exec(stdout) ?? []
  const [leastMajor, leastMinor] = least
  const enough = Number(major) > leastMajor || (Number(major) === leastMajor && Number(minor) >= leastMinor)
  return enough
    ? undefined
    : `${program} is ${major}.${minor} on this machine, and has to be ${least.join('.')}`
}
