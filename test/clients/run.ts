import { mkdtemp, rm } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { generators, type Generator } from './generators'
import { report, type Outcome } from './harness/report'
import { slots } from './harness/slots'
import { missingOf } from './harness/toolchains'
import { bringIn, type Tools } from './harness/tools'
import { tryGenerator, type Trial } from './harness/try-generator'
import { startVault } from './harness/vault'

/**
 * npm run test:clients [-- NAME …]: clients generated from the document, compiled, and run against a vault. With
 * --all, a toolchain that is not there is a failure; --documents names another folder of them. Gives the exit code.
 */
async function main(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { all: { type: 'boolean' }, documents: { type: 'string' } }
  })
  const documents = resolve(values.documents ?? join(__dirname, '../../openapi'))
  const outcomes = await tryAll(named(positionals), documents, values.all === true ? 'failed' : 'skipped')
  console.log(report(outcomes))
  return outcomes.every(({ result }) => result !== 'failed') ? 0 : 1
}

function named(names: readonly string[]): readonly Generator[] {
  const known = generators.map(({ name }) => name)
  const unknown = names.find((name) => !known.includes(name))
  if (unknown !== undefined) throw new Error(`There is no ${unknown}: there are ${known.join(', ')}.`)
  return generators.filter(({ name }) => names.length === 0 || names.includes(name))
}

async function tryAll(
  wanted: readonly Generator[],
  documents: string,
  missing: 'failed' | 'skipped'
): Promise<Outcome[]> {
  const signal = interruption()
  const scratch = await mkdtemp(join(tmpdir(), 'payment-vault-clients-'))
  const vault = await startVault()
  const trial = { documents, scratch, vault, signal }
  const inSlot = slots(availableParallelism())
  const broughtIn = new Map<Tools, Promise<void>>()
  try {
    return await Promise.all(
      wanted.map(async (generator): Promise<Outcome> => {
        const lacks = generator.needs.map(missingOf).filter((reason) => reason !== undefined)
        if (lacks.length > 0) return { generator, result: missing, reason: lacks.join('; ') }
        try {
          for (const tools of generator.tools) {
            if (!broughtIn.has(tools)) broughtIn.set(tools, bringIn(tools, signal))
            await broughtIn.get(tools)
          }
          return { generator, result: 'passed', seconds: await inSlot(() => timed(generator, trial)) }
        } catch (error) {
          return {
            generator,
            result: 'failed',
            reason: error instanceof Error ? error.message : String(error)
          }
        }
      })
    )
  } finally {
    await vault.stop()
    await rm(scratch, { recursive: true, force: true })
  }
}

async function timed(generator: Generator, trial: Trial): Promise<number> {
  const start = performance.now()
  await tryGenerator(generator, trial)
  return (performance.now() - start) / 1000
}

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
