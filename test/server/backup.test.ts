import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Pool } from 'pg'
import t, { type Test } from 'tap'
import { Database } from '../../plugins/database/database'
import { exportAccount } from '../../src/cli/export/export'
import { accountTables, ownTables } from '../../src/cli/export/format'
import { importAccount } from '../../src/cli/export/import'
import { createKey } from '../../src/resources/accounts/keys'
import { insertAccount } from '../../src/resources/accounts/store'
import { newFolder, runCli } from '../helpers/server/cli'
import { newDatabase } from '../helpers/database/database'
import { everyRow } from '../helpers/database/rows'
import { fingerprintKey, newPair, startVault, type TestVault, typedCard } from '../helpers/vault'

t.setTimeout(300_000)

const schema = 'payment_vault'

async function exported({ db: { pool } }: Pick<TestVault, 'db'>, account: string): Promise<string[]> {
  const lines: string[] = []
  await exportAccount(pool, { account, schema, fingerprintKey }, async (line) => {
    lines.push(line)
  })
  return lines
}

async function* each(lines: readonly string[]): AsyncGenerator<string> {
  yield* lines
}

const imported = (pool: Pool, lines: readonly string[], key = fingerprintKey): Promise<string> =>
  importAccount(pool, { schema, fingerprintKey: key }, each(lines))

const accountOf = async ({ db }: Pick<TestVault, 'db'>): Promise<string> =>
  (await db.pool.query<{ id: string }>('select id from payment_vault.accounts order by created')).rows[0]
    ?.id ?? ''

/** A vault with some of everything, in both modes. */
async function fullVault(t: Test): Promise<TestVault> {
  const vault = await startVault(t)
  await vault.post('/v1/webhook_endpoints', { url: 'https://example.com/', enabled_events: ['*'] })
  const { paymentMethod, customer } = await newPair(vault)
  await vault.post(
    `/v1/payment_methods/${paymentMethod}/attach`,
    { customer },
    { headers: { 'idempotency-key': 'first' } }
  )
  await vault.post('/v1/setup_intents', { customer, payment_method: 'pm_card_visa', confirm: true })
  const paid = { amount: 2000, currency: 'usd', customer, payment_method: paymentMethod, confirm: true }
  const { body } = await vault.post('/v1/payment_intents', paid)
  await vault.post('/v1/refunds', { payment_intent: body.id as string, amount: 500 })
  await vault.post('/v1/tokens', { card: typedCard })
  const odd = { name: 'ünï ☃ "\\ \n', metadata: { 'a"b': '{"table":"x"}' } }
  await vault.post('/v1/customers', odd, { key: vault.keys.live })
  return vault
}

t.test('an account goes from one vault to another, and nothing is lost or changed', async (t) => {
  const vault = await fullVault(t)
  const account = await accountOf(vault)
  const other = await startVault(t)
  const own = await everyRow(other)
  t.equal(await imported(other.db.pool, await exported(vault, account)), account)

  const theirs = (await everyRow(vault)).split('\n')
  const rows = new Set((await everyRow(other)).split('\n'))
  t.ok(theirs.length > 30)
  t.strictSame(
    theirs.filter((row) => !rows.has(row)),
    []
  )
  t.equal(rows.size, new Set([...theirs, ...own.split('\n')]).size, 'and nothing besides')

  const customers = await vault.get('/v1/customers')
  const moved = { key: vault.keys.test }
  t.equal((await other.get('/v1/customers', {}, moved)).text, customers.text, 'the keys go on working')
  const id = (customers.body.data as { id: string }[])[0]?.id ?? ''
  const cards = `/v1/customers/${id}/payment_methods`
  t.equal((await other.get(cards, {}, moved)).text, (await vault.get(cards)).text)
  const again = await other.post(
    `/v1/payment_methods/${((await vault.get(cards)).body.data as { id: string }[]).at(-1)?.id ?? ''}/attach`,
    { customer: id },
    { ...moved, headers: { 'idempotency-key': 'first' } }
  )
  t.equal(again.headers.get('idempotent-replayed'), 'true', 'and so do idempotency keys')
  t.notMatch((await exported(vault, account)).join('\n'), /4242424242424242|"cvc":/)
})

t.test('no table is forgotten', async (t) => {
  const { pool } = await newDatabase(t)
  const { rows } = await pool.query<{ table_name: string }>(
    `select table_name::text from information_schema.columns
     where table_schema = 'payment_vault' and column_name = 'account_id'`
  )
  t.strictSame(
    rows.map(({ table_name }) => table_name).sort(),
    [...accountTables, ...Object.keys(ownTables).filter((name) => name !== 'accounts')].sort()
  )
})

t.test('what is no whole export changes nothing', async (t) => {
  const vault = await fullVault(t)
  const account = await accountOf(vault)
  const lines = await exported(vault, account)
  const { pool } = await newDatabase(t)
  const target = { db: new Database(pool, { schema, prepared: false }) }
  const before = await everyRow(target)
  const last = lines.length - 1
  const rows: [what: string, lines: string[], message: RegExp][] = [
    ['nothing', [], /not a complete export/],
    ['no JSON', ['hello'], /not a complete export/],
    ['another file', ['{"name":"x"}'], /not a complete export/],
    ['null', ['null'], /not a complete export/],
    ['the head alone', lines.slice(0, 1), /not a complete export/],
    ['without its end', lines.slice(0, last), /not a complete export/],
    ['without a row', [...lines.slice(0, 5), ...lines.slice(6)], /not a complete export|connected|can't/],
    ['with more behind it', [...lines, lines[last] ?? ''], /not a complete export/],
    [
      'a table that is none',
      lines.with(3, '{"table":"migrations","row":{"name":"x"}}'),
      /not a complete export/
    ],
    ['a line that was cut', lines.with(4, (lines[4] ?? '').slice(0, -9)), /not a complete export/],
    [
      'of other migrations',
      lines.with(0, (lines[0] ?? '').replace(/"migration":"\d+/, '"migration":"9999')),
      /9999/
    ]
  ]
  for (const [what, given, message] of rows) {
    await t.rejects(imported(pool, given), { name: 'StartError', message }, what)
    t.equal(await everyRow(target), before, what)
  }
  await t.rejects(imported(pool, lines, 'another key, as long as needed'), {
    message: /FINGERPRINT_KEY is not/
  })
  await t.rejects(imported(vault.db.pool, lines), { message: /in this vault already/ })
  await t.rejects(exported(vault, 'acct_none'), { name: 'StartError', message: /no account acct_none/ })
  t.equal(await everyRow(target), before)
  t.equal(await imported(pool, lines), account, 'while the whole of it is taken')
})

t.test('a connected account comes after its parent', async (t) => {
  const vault = await startVault(t)
  const parent = await accountOf(vault)
  const child = 'acct_child00000000001'
  await insertAccount(vault.db, child, parent)
  await createKey(vault.db, { livemode: true, kind: 'secret', account: child })
  const { pool } = await newDatabase(t)
  await t.rejects(imported(pool, await exported(vault, child)), {
    message: /import its parent account first/
  })
  await imported(pool, await exported(vault, parent))
  t.equal(await imported(pool, await exported(vault, child)), child)
})

t.test('by the program', { timeout: 300_000 }, async (t) => {
  const vault = await fullVault(t)
  const account = await accountOf(vault)
  const folder = await newFolder(t)
  const file = join(folder, 'account.ndjson')
  const { rows } = await vault.db.pool.query<{ name: string }>('select current_database() as name')
  const from = await newDatabase(t)
  const url = (name: string) => from.url.replace(/[^/?]*(\?|$)/, `${name}$1`)
  const settings = { PAYMENT_VAULT_FINGERPRINT_KEY: fingerprintKey, PAYMENT_VAULT_DATA: join(folder, 'none') }
  const source = { ...settings, DATABASE_URL: url(rows[0]?.name ?? '') }
  const target = { ...settings, DATABASE_URL: from.url }

  const written = await runCli(['export', account], source)
  t.strictSame([written.code, written.stderr], [0, ''])
  t.strictSame(written.stdout.trimEnd().split('\n'), await exported(vault, account))
  await writeFile(file, written.stdout)
  t.match(await runCli(['import', file], target), { code: 0, stdout: `${account}\n`, stderr: '' })
  t.match(await runCli(['import', file], target), { code: 1, stdout: '', stderr: /in this vault already/ })
  t.match(await runCli(['import', join(folder, 'none')], target), { code: 1, stderr: /can't be read/ })
  t.match(await runCli(['import', folder], target), { code: 1, stderr: /can't be read/ })
  t.match(await runCli(['export', 'acct_none'], source), { code: 1, stdout: '', stderr: /no account/ })
  t.match(await runCli(['export'], source), { code: 2, stderr: /needs the id of an account/ })
  t.equal((await readFile(file, 'utf8')).includes('4242424242424242'), false)
})
