import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { startTestCluster } from './helpers/cluster'

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

function withFiles(args: string[]): string[] {
  if (args.some((arg) => !arg.startsWith('-'))) return args
  const files = readdirSync(__dirname).filter((name) => name.endsWith('.test.ts'))
  return [...args, ...files.map((name) => join('test', name))]
}

void main(process.argv.slice(2)).then((code) => {
  process.exitCode = code
})
