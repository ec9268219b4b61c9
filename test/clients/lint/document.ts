import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { CommandError, run } from '../harness/command'
import { bringIn, npmPrograms } from '../harness/tools'

const documents = ['openapi.json', 'openapi-3.0.json']

/** npm run lint:document: both documents, by two linters; a warning is a failure too. Gives the exit code. */
async function main(args: string[]): Promise<number> {
  const { values } = parseArgs({ args, options: { documents: { type: 'string' } } })
  const { signal } = new AbortController()
  const folder = resolve(values.documents ?? join(__dirname, '../../../openapi'))
  await bringIn('npm', signal)
  let failed = 0
  for (const name of documents) {
    for (const [linter, lint] of [['redocly', redocly] as const, ['spectral', spectral] as const]) {
      const problems = await lint(join(folder, name), signal)
      if (problems !== undefined) failed++
      console.log(`${problems === undefined ? 'ok     ' : 'FAILED '} ${linter} ${name}${problems ?? ''}`)
    }
  }
  console.log(`\n${2 * documents.length - failed} passed, ${failed} failed`)
  return failed === 0 ? 0 : 1
}

/** What it finds, undefined for nothing: with warnings alone, its exit code is 0. */
async function redocly(document: string, signal: AbortSignal): Promise<string | undefined> {
  const words = [
    join(npmPrograms, 'redocly'),
    'lint',
    '--config',
    'redocly.yaml',
    '--format',
    'json',
    document
  ]
  const env = { REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' }
  const output = await run(words, { cwd: __dirname, env, signal }).catch(saidBy)
  return /"errors": 0,\s+"warnings": 0,/.test(output) ? undefined : `\n${output}`
}

async function spectral(document: string, signal: AbortSignal): Promise<string | undefined> {
  const words = [
    join(npmPrograms, 'spectral'),
    'lint',
    '--ruleset',
    '.spectral.yaml',
    '--fail-severity',
    'warn'
  ]
  return run([...words, document], { cwd: __dirname, signal }).then(() => undefined, saidBy)
}

function saidBy(error: unknown): string {
  if (error instanceof CommandError) return `\n${error.message}`
  throw error
}

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code
  },
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error)
    process.exitCode = 1
  }
)
