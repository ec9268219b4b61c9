import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { CommandError, run } from './harness/command'
import { bringIn, schemathesis } from './harness/tools'
import { missingOf } from './harness/toolchains'
import { startVault, type Vault } from './harness/vault'

/** The newer document gets two thirds of the time. */
const documents = [
  ['openapi.json', 2 / 3],
  ['openapi-3.0.json', 1 / 3]
] as const

interface Fuzz {
  folder: string
  vault: Vault
  seed: string
  signal: AbortSignal
}

/**
 * npm run fuzz:schemathesis [-- --seconds 60 --seed 1]: calls that schemathesis makes from both documents, valid and
 * not, against a vault; all that it can check is checked. --documents names another folder of them. Gives the exit
 * code. Where it can't be had from PyPI, says so and gives 0.
 */
async function main(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      seconds: { type: 'string', default: '60' },
      seed: { type: 'string', default: '1' },
      documents: { type: 'string', default: join(__dirname, '../../openapi') }
    }
  })
  const signal = interruption()
  const reason = missingOf('python') ?? (await whyNotInstalled(signal))
  if (reason !== undefined) {
    console.log(`SKIPPED schemathesis: ${reason}`)
    return 0
  }
  const vault = await startVault()
  let failed = 0
  try {
    const fuzz = { folder: resolve(values.documents), vault, seed: values.seed, signal }
    for (const [name, share] of documents) {
      const { passed, said } = await callsMadeFrom(name, Math.ceil(Number(values.seconds) * share), fuzz)
      if (!passed) failed++
      console.log(`${passed ? 'ok     ' : 'FAILED '} ${name}${said}`)
    }
  } finally {
    await vault.stop()
  }
  console.log(`\n${documents.length - failed} passed, ${failed} failed`)
  return failed === 0 ? 0 : 1
}

/** Where pip says why: that it reaches no index, or has no such package there. */
async function whyNotInstalled(signal: AbortSignal): Promise<string | undefined> {
  try {
    await bringIn('schemathesis', signal)
    return undefined
  } catch (error) {
    const { message } = error as Error
    if (!signal.aborted && /No matching distribution|Could not find a version|connection/i.test(message))
      return `it can't be had from PyPI here.\n${message}`
    throw error
  }
}

async function callsMadeFrom(
  name: string,
  seconds: number,
  { folder, vault, seed, signal }: Fuzz
): Promise<{ passed: boolean; said: string }> {
  // It leaves its notes where it runs.
  const cwd = await mkdtemp(join(tmpdir(), 'payment-vault-schemathesis-'))
  const command = [
    ...[schemathesis, '--no-color', '--config-file', join(__dirname, 'schemathesis/schemathesis.toml')],
    ...['run', join(folder, name), '--url', vault.url, '--header', `Authorization: Bearer ${vault.key}`],
    ...['--checks', 'all', '--phases', 'examples,coverage,fuzzing,stateful', '--continue-on-failure'],
    ...['--max-time', String(seconds), '--request-timeout', '10', '--seed', seed, '--no-shrink'],
    ...['--workers', '1', '--warnings', 'off']
  ]
  try {
    const output = await run(command, { cwd, signal })
    const tested = /^ +Tested: \d+$/m.exec(output)?.[0].trim().toLowerCase()
    const cases = /^ +(\d+ generated.*)$/m.exec(output)?.[1]
    // A run that called nothing has found nothing out.
    if (tested === undefined || cases === undefined || !/^[1-9]\d*/.test(cases))
      return { passed: false, said: `\n${output}` }
    return { passed: true, said: `: operations ${tested}; ${cases}` }
  } catch (error) {
    if (!(error instanceof CommandError) || signal.aborted) throw error
    return { passed: false, said: `\n${shortened(error.message)}` }
  } finally {
    await rm(cwd, { recursive: true, force: true })
  }
}

/** It shows values of 5,000 characters many times over. */
const shortened = (text: string): string =>
  text.replace(/^.{1000,}$/gm, (line) => `${line.slice(0, 500)}… (${line.length} characters)`)

function interruption(): AbortSignal {
  const controller = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      controller.abort()
    })
  }
  return controller.signal
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
