import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { startTestCluster } from './helpers/database/cluster'

// npm test: one server for all test files, tap's exit code, and nothing left behind.
async function main(args: string[]): Promise<number> {
  const interrupted = new AbortController()
  const signals: NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP']
  for (const signal of signals)
    process.on(signal, () => {
      interrupted.abort()
    })

  const cluster = await startTestCluster(process.env.TEST_DATABASE_URL)
  try {
    if (interrupted.signal.aborted) return 1
    // A group of its own, to be killed whole: tap goes on to the end of its tests, whatever the signal.
    const child = spawn(process.execPath, [tap, 'run', ...withFiles(args)], {
      detached: true,
      stdio: 'inherit',
      env: { ...process.env, TEST_DATABASE_URL: cluster.url, TEST_TEMPLATE: cluster.template }
    })
    const killTests = () => process.kill(-(child.pid ?? process.pid), 'SIGKILL')
    interrupted.signal.addEventListener('abort', killTests)
    const [code] = (await once(child, 'exit')) as [number | null]
    interrupted.signal.removeEventListener('abort', killTests)
    return code ?? 1
  } finally {
    await cluster.stop()
  }
}

const tap = join(__dirname, '../node_modules/tap/dist/esm/run.mjs')

/** Adds the files to run: all, or those named. `attach` names every `attach.test.ts`. Throws for a name that has none. */
function withFiles(args: string[]): string[] {
  const words = args.filter((arg) => !arg.startsWith('-'))
  const named = words.flatMap((word) => {
    if (existsSync(word)) return [word]
    const found = files().filter((file) => basename(file) === `${word}.test.ts`)
    if (found.length === 0) throw new Error(`There is no test file named ${word}.`)
    return found
  })
  return [...args.filter((arg) => arg.startsWith('-')), ...(words.length > 0 ? named : files())]
}

/** The package test has a command of its own: it takes minutes. */
const files = (): string[] =>
  suites.flatMap((suite) =>
    readdirSync(join(__dirname, suite), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.test.ts') && !name.startsWith('package'))
      .map((name) => join('test', suite, name))
  )

const suites = ['api', 'plugin', 'database', 'server', 'repository']

void main(process.argv.slice(2)).then((code) => {
  process.exitCode = code
})
