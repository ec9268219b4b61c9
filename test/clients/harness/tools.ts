import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { run } from './command'

export type Tools = 'npm' | 'pip' | 'jars' | 'schemathesis' | 'squawk'

export const openApiGenerator = '7.25.0'

/** Brings in the pinned tools of one kind, unless an earlier run has left just those. Throws CommandError. */
export async function bringIn(tools: Tools, signal: AbortSignal): Promise<void> {
  const { pins, install, made } = kinds[tools]
  const hash = createHash('sha256').update(JSON.stringify([process.version, install]))
  const wanted = hash.update(await readFile(join(clients, pins))).digest('hex')
  const stamp = join(made, '.stamp')
  if ((await readFile(stamp, 'utf8').catch(() => undefined)) === wanted) return
  await rm(made, { recursive: true, force: true })
  await mkdir(folder, { recursive: true })
  for (const command of install) await run(command, { cwd: clients, signal })
  await writeFile(stamp, wanted)
}

const clients = join(__dirname, '..')

/** Git ignores it, as it does node_modules. */
const folder = join(clients, '.tools')
const pip = join(folder, 'pip')
const jars = join(folder, 'jars')
const schemathesisFolder = join(folder, 'schemathesis')
const squawkFolder = join(folder, 'squawk')

export const npmPrograms = join(clients, 'node_modules/.bin')
export const pipPrograms = join(pip, 'bin')
export const schemathesis = join(schemathesisFolder, 'bin/schemathesis')
export const squawk = join(squawkFolder, 'bin/squawk')
export const generatorJar = join(jars, `openapi-generator-cli-${openApiGenerator}.jar`)

/** What a generated Java client needs: all jars but the generator's own. */
export async function classPath(): Promise<string> {
  const names = (await readdir(jars)).filter((name) => name.endsWith('.jar'))
  const paths = names.map((name) => join(jars, name))
  return paths.filter((path) => path !== generatorJar).join(':')
}

const dependencies = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1'
const pom = 'stubs/openapi-generator-java/pom.xml'

interface Kind {
  pins: string
  install: string[][]
  made: string
}

const kinds: Record<Tools, Kind> = {
  npm: {
    pins: 'package-lock.json',
    install: [['npm', 'ci', '--no-audit', '--no-fund', '--ignore-scripts', '--prefer-offline']],
    made: join(clients, 'node_modules')
  },
  pip: virtualEnvironment(pip, 'stubs/openapi-python-client/requirements.txt'),
  schemathesis: virtualEnvironment(schemathesisFolder, 'schemathesis/requirements.txt'),
  squawk: virtualEnvironment(squawkFolder, 'lint/squawk/requirements.txt'),
  jars: {
    pins: pom,
    install: [
      [
        ...['mvn', '--quiet', '--batch-mode', `--file=${pom}`, `-DoutputDirectory=${jars}`],
        ...[`${dependencies}:copy-dependencies`, `${dependencies}:copy`],
        `-Dartifact=org.openapitools:openapi-generator-cli:${openApiGenerator}`
      ]
    ],
    made: jars
  }
}

function virtualEnvironment(made: string, pins: string): Kind {
  return {
    pins,
    install: [
      ['python3', '-m', 'venv', made],
      // The list is whole, and says of each which version.
      [join(made, 'bin/pip'), 'install', '--quiet', '--no-deps', '--no-compile', '-r', pins]
    ],
    made
  }
}
