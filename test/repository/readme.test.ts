import Fastify from 'fastify'
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { promisify } from 'node:util'
import t, { type Test } from 'tap'
import { help } from '../../src/cli/help'
import { type BeforeAttach, paymentVault } from '../../src/index'
import { optionSchemas } from '../../src/plugin/options-schema'
import { scripts } from '../../package.json'
import { newDatabase } from '../helpers/database/database'
import {
  type Block,
  blocksOf,
  documents,
  files,
  inlineCode,
  proseOf,
  read,
  root
} from '../helpers/readme/blocks'
import { checkCommand, commandsOf } from '../helpers/readme/commands'
import { complaintsAbout, programOf, runProgram } from '../helpers/readme/programs'
import { newFolder, runCli, startCli } from '../helpers/server/cli'
import { fingerprintKey } from '../helpers/vault'

// Every block of code in the documents runs, or is checked as far as a test can. What they name exists.

t.setTimeout(120_000)

const run = promisify(execFile)
const blocks = documents.flatMap(blocksOf)
const inLanguage = (...languages: string[]): Block[] =>
  blocks.filter(({ language }) => languages.includes(language))
const at = ({ file, line }: Block): string => `${file}:${line}`

t.test('every block of code is in a language that is checked here', async (t) => {
  const languages = ['sh', 'ts', 'js', 'json', 'sql']
  t.ok(blocks.length > 10)
  for (const block of blocks) t.ok(languages.includes(block.language), `${at(block)} is '${block.language}'`)
})

t.test('the documents are as short as they have to be', async (t) => {
  const limits = { 'README.md': 12_288, '.github/SECURITY.md': 7168 }
  for (const [file, limit] of Object.entries(limits)) t.ok(Buffer.byteLength(read(file)) <= limit, file)
})

t.test('shell commands and programs run against a server', async (t) => {
  const { url } = await newDatabase(t)
  const settings = {
    DATABASE_URL: url,
    PAYMENT_VAULT_DATA: await newFolder(t),
    PAYMENT_VAULT_FINGERPRINT_KEY: fingerprintKey
  }
  const server = await startCli(t, settings)
  const execute = async (command: string): Promise<void> => {
    const checked = checkCommand(command)
    if (checked.run === 'shell') {
      const { stdout } = await run('bash', ['-c', fill(command)])
      if ('error' in (JSON.parse(stdout) as object)) throw new Error(stdout)
    } else if (checked.run === 'cli') {
      const { code, stderr } = await runCli(checked.args, settings)
      if (code !== 0) throw new Error(stderr)
    }
  }
  const fill = (text: string): string =>
    text
      .replaceAll('sk_test_…', server.key)
      .replaceAll('http://127.0.0.1:4242', server.url)
      .replaceAll(/\bport: 4242\b/g, `port: ${new URL(server.url).port}`)
      .replaceAll(/\bport: 3000\b/g, 'port: 0')

  await t.test('shell', async (t) => {
    for (const block of inLanguage('sh')) {
      for (const command of commandsOf(block.code)) {
        const wrong = await execute(command).catch((error: unknown) => (error as Error).message)
        t.equal(wrong, undefined, `${at(block)} ${command}`)
      }
    }
  })

  await t.test('ts and js', async (t) => {
    const code = inLanguage('ts', 'js')
    const withCode = documents.filter((document) => code.some(({ file }) => file === document))
    t.ok(withCode.includes('README.md'))
    const programs = withCode.map((document) =>
      programOf(
        document,
        code.filter(({ file }) => file === document),
        fill
      )
    )
    t.same(complaintsAbout(programs), [])
    for (const program of programs) await runIn(t, program)
  })
})

/** Runs a program with a database of its own, and what the README's hook needs in it. */
async function runIn(t: Test, program: ReturnType<typeof programOf>): Promise<void> {
  const { url, pool } = await newDatabase(t)
  await pool.query('create table blocked_customers (id text); create table saved_cards (id text)')
  Object.assign(process.env, { DATABASE_URL: url, FINGERPRINT_KEY: fingerprintKey })
  t.teardown(() => {
    delete process.env.DATABASE_URL
    delete process.env.FINGERPRINT_KEY
  })
  const names = await runProgram(program)
  for (const name of ['app', 'pool'] as const) {
    const made = names[name] as { close?: () => Promise<void>; end?: () => Promise<void> } | undefined
    await (made?.close ?? made?.end)?.call(made)
  }
  if (names.beforeAttach === undefined) return

  await t.test('the hook writes its row, and refuses a customer', async (t) => {
    const app = Fastify()
    const beforeAttach = names.beforeAttach as BeforeAttach
    await app.register(paymentVault, { pool, fingerprintKey, beforeAttach, deliverWebhooks: false })
    t.teardown(() => app.close())
    const by = { account: 'acct_1', livemode: false }
    const { id: customer } = await app.paymentVault.customers.create({}, by)
    const attached = await app.paymentVault.paymentMethods.attach(
      { payment_method: 'pm_card_visa', customer },
      by
    )
    t.same((await pool.query('select id from saved_cards')).rows, [{ id: attached.id }])
    await pool.query('insert into blocked_customers values ($1)', [customer])
    await t.rejects(
      app.paymentVault.paymentMethods.attach({ payment_method: 'pm_card_visa', customer }, by),
      { statusCode: 403, message: 'This customer may not save cards.' }
    )
  })
}

t.test('sql runs', async (t) => {
  const { pool } = await newDatabase(t)
  for (const block of inLanguage('sql')) {
    const client = await pool.connect()
    try {
      // Roles belong to the whole server, and are gone with the transaction.
      await client.query(`begin; create role app; create role owner; ${block.code}; rollback`)
      t.pass(at(block))
    } finally {
      client.release()
    }
  }
})

t.test('json is json', async (t) => {
  for (const block of inLanguage('json')) t.doesNotThrow(() => JSON.parse(block.code) as unknown, at(block))
})

t.test('the pictures are current', async () => {
  await run(process.execPath, [join(root, '.ci/pictures.mjs'), '--check'], { cwd: root })
})

t.test('the README lists every option and every setting', async (t) => {
  const between = (from: string, to: string): string =>
    new RegExp(`^## ${from}$(.*?)^## ${to}$`, 'ms').exec(read('README.md'))?.[1] ?? ''
  const options = [...between('Options', 'In-process calls').matchAll(/^- `(\w+)`/gm)].map(([, name]) => name)
  t.same(options.sort(), Object.keys(optionSchemas).sort())
  const settingsIn = (text: string) =>
    [...new Set([...text.matchAll(/\b[A-Z]+(?:_[A-Z]+)+\b|\b(?:HOST|PORT)\b/g)].map(([name]) => name))].sort()
  const settings = settingsIn(between('Configuration of the server', 'Performance'))
  t.same(settings, settingsIn(help.slice(help.indexOf('Settings are'))))
})

t.test('what the documents name exists', async (t) => {
  for (const file of documents.filter((file) => file !== 'CHANGELOG.md')) {
    for (const code of inlineCode(file)) {
      const [, script] = /^npm run ([\w:-]+)/.exec(code) ?? []
      if (script !== undefined) t.ok(Object.hasOwn(scripts, script), `${file} names \`${code}\``)
      if (isPath(code)) t.ok(isThere(file, code), `${file} names \`${code}\``)
    }
    for (const [, target = ''] of proseOf(file).matchAll(/\]\(([^)\s]+)\)/g)) {
      if (!/^https?:/.test(target)) t.ok(isLinked(file, target), `${file} links to ${target}`)
    }
  }
})

const isPath = (code: string): boolean =>
  /^(?:[\w-]+\/)*[\w.-]+\.(?:ts|mjs|md|sql|json|svg|yml)$|^[\w.-]+(?:\/[\w.-]+)*\/$/.test(code)

/** From the document's folder, from the root, or as the package names it; a file's name alone, anywhere. */
function isThere(file: string, path: string): boolean {
  const own = path.replace(/^fastify-payment-vault\//, '')
  return (
    existsSync(join(root, dirname(file), own)) ||
    existsSync(join(root, own)) ||
    (!own.includes('/') && files.some((each) => each.endsWith(`/${own}`)))
  )
}

function isLinked(file: string, target: string): boolean {
  const [path = '', heading] = target.split('#')
  const linked = path === '' ? file : join(dirname(file), path)
  if (!existsSync(join(root, linked))) return false
  const headings = [...read(heading === undefined ? file : linked).matchAll(/^#+ (.*)$/gm)].map(
    ([, text = '']) =>
      text
        .toLowerCase()
        .replace(/[^\w -]/g, '')
        .replaceAll(' ', '-')
  )
  return heading === undefined || headings.includes(heading)
}
