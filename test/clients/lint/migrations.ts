import { readdir, readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { CommandError, run } from '../harness/command'
import { bringIn, squawk } from '../harness/tools'

/** What is found in a file and may stay, with the reason. */
const excused: Record<string, Record<string, string>> = {}

const root = join(__dirname, '../../..')

interface Finding {
  file: string
  line: number
  level: string
  message: string
  rule_name: string
}

/**
 * npm run lint:migrations: reads the migrations for what would hold up, or break, who is at work meanwhile. --migrations
 * names another folder of them. An excuse that nothing needs is a failure too. Gives the exit code.
 */
async function main(args: string[]): Promise<number> {
  const { values } = parseArgs({ args, options: { migrations: { type: 'string' } } })
  const { signal } = new AbortController()
  const folder = resolve(values.migrations ?? join(root, 'migrations'))
  await bringIn('squawk', signal)
  const names = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.sql')).sort()
  let failed = 0
  for (const name of names) {
    const problems = await problemsIn(folder, name, signal)
    if (problems.length > 0) failed++
    console.log([`${problems.length > 0 ? 'FAILED ' : 'ok     '} ${name}`, ...problems].join('\n  '))
  }
  console.log(`\n${names.length - failed} passed, ${failed} failed`)
  return failed === 0 && names.length > 0 ? 0 : 1
}

async function problemsIn(folder: string, name: string, signal: AbortSignal): Promise<string[]> {
  const excuses = excused[name] ?? {}
  const findings = await findingsIn(join(folder, name), signal)
  const found = new Set(findings.map((finding) => finding.rule_name))
  return [
    ...findings
      .filter((finding) => excuses[finding.rule_name] === undefined)
      .map(({ line, rule_name: rule, message }) => `line ${line + 1}: ${rule}: ${message}`),
    ...Object.keys(excuses)
      .filter((rule) => !found.has(rule))
      .map((rule) => `is excused for ${rule}, which is not found in it`)
  ]
}

async function findingsIn(path: string, signal: AbortSignal): Promise<Finding[]> {
  const alone = (await readFile(path, 'utf8')).startsWith('-- no transaction')
  const words = [squawk, '--config', join(root, '.squawk.toml'), '--reporter', 'json']
  if (alone) words.push('--no-assume-in-transaction')
  // Its exit code is 1 where it finds something.
  const output = await run([...words, path], { cwd: root, signal }).catch((error: unknown) => {
    const found = error instanceof CommandError ? /^\[\{.*\}\]$/m.exec(error.message)?.[0] : undefined
    if (found === undefined) throw error
    return found
  })
  return JSON.parse(output) as Finding[]
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
