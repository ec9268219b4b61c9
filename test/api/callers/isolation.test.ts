import { readdir, readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'
import t from 'tap'
import type * as Statements from '../../../plugins/database/statement'

const root = resolve(__dirname, '../../..')

// What does not ask for one account's rows, and why it may.
const everywhere: Record<string, string> = {
  lock_webhook_endpoints: 'takes the table, and reads nothing of it',
  next_account_with_events: 'finds whose events are next to be removed',
  next_account_with_idempotency_keys: 'finds whose keys are next to be removed',
  next_account_with_keys: 'finds whose keys are next to be removed',
  find_abandoned_operations: 'finds, for the vault itself, what any account left open',
  find_endpoint_anywhere: 'is the command line’s, by an id',
  list_every_endpoint: 'is the command line’s',
  find_event_anywhere: 'is the command line’s, by an id',
  find_due_deliveries: 'finds, for the deliverer, whose turn it is',
  find_due_accounts: 'finds, for the deliverer, whose turn it is'
}

// Looked into to learn who is calling, so before an account is known.
const ofNobody = /payment_vault\.(?:accounts|api_keys|migrations|migration_lock)\b/

interface Found {
  name: string
  text: string
}

/** Returns what the program's files make with `statement()` as they are loaded, also what table() makes of columns. */
async function statements(): Promise<Found[]> {
  const load = createRequire(__filename)
  const path = load.resolve('../../../plugins/database/statement')
  const statements = load(path) as typeof Statements
  const found: Found[] = []
  const recorded: typeof Statements.statement = (name, text) => {
    found.push({ name, text })
    return statements.statement(name, text)
  }
  const loaded = load.cache[path]
  if (!loaded) throw new Error(`${path} is not in the cache of modules`)
  loaded.exports = { ...statements, statement: recorded }
  for (const floor of ['plugins', 'src']) {
    const names = await readdir(join(root, floor), { recursive: true })
    for (const name of names.filter((name) => name.endsWith('.ts')).map((name) => join(root, floor, name)))
      if (/\b(?:statement|table)(?:<[^(]*?>)?\(/.test(await readFile(name, 'utf8'))) load(name)
  }
  return found
}

const made = statements()

t.test('every statement asks for one account’s rows, or says why it does not', async (t) => {
  const all = (await made).filter(({ text }) => /\bpayment_vault\./.test(text) && !ofNobody.test(text))
  t.ok(all.length > 100, `there are statements: ${all.length}`)
  for (const { name, text } of all) {
    // In a predicate, as the first value of a row, or as a function's first argument.
    const asks =
      /\baccount_id = \$1\b|\binsert into [^]*?(?:values|select) \(?\s*\$1\b|payment_vault\.\w+\(\$1\b/.test(
        text
      )
    t.equal(asks, !(name in everywhere), `${name}: ${text.slice(0, 100)}`)
  }
})

t.test('each table that a statement reads is asked for by its account', async (t) => {
  for (const { name, text } of await made) {
    if (name in everywhere || ofNobody.test(text)) continue
    const tables = [...text.matchAll(/\b(?:from|join|update) payment_vault\.(\w+)(?!\w*\()/g)].length
    const asked = [...text.matchAll(/\baccount_id = (?:\$1|\w+\.account_id)/g)].length
    t.ok(asked >= tables, `${name}: ${asked} of ${tables}`)
  }
})

t.test('every function of the database asks for one account’s rows', async (t) => {
  const names = (await readdir(join(root, 'migrations/functions'))).sort()
  const bodies = new Map<string, string>()
  for (const name of names) {
    const source = await readFile(join(root, 'migrations/functions', name), 'utf8')
    for (const [, called = '', body = ''] of source.matchAll(
      /create (?:or replace )?function payment_vault\.(\w+)\([^]*?\bas \$\$([^]*?)\$\$/g
    ))
      bodies.set(called, body)
  }
  t.ok(bodies.size > 5, `there are functions: ${bodies.size}`)
  for (const [name, body] of bodies) {
    const tables = [...body.matchAll(/\b(?:from|join|update) payment_vault\.(\w+)\b(?!\()/g)].length
    const asked = [...body.matchAll(/\baccount_id = (?:p_account|\w+\.account_id)\b/g)].length
    t.ok(asked >= tables, `${name}: ${asked} of ${tables}`)
  }
})
