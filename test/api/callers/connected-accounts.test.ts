import t from 'tap'
import { createKey, firstAccount } from '../../../src/resources/accounts/keys'
import { insertAccount } from '../../../src/resources/accounts/store'
import type { Principal } from '../../../src/index'
import { newId } from '../../../src/protocol/values/ids'
import { runCli } from '../../helpers/server/cli'
import { newDatabase } from '../../helpers/database/database'
import { eventsOf, everyRow } from '../../helpers/database/rows'
import { newPair, type Reply, startVault, type TestVault, typedCard } from '../../helpers/vault'

t.setTimeout(300_000)

t.test('acts as a connected account, in the mode of its own key', async (t) => {
  const { vault, child, childKey } = await family(t)
  const made = await vault.post('/v1/customers', { name: 'Ada' }, as(child))
  t.equal(made.status, 200)
  t.equal(made.headers.get('stripe-account'), child)
  const id = String(made.body.id)
  t.match(await eventsOf(vault, id), [{ account_id: `${child}:test`, type: 'customer.created' }])

  const path = `/v1/customers/${id}`
  t.equal((await vault.get(path, {}, as(child))).text, made.text)
  t.equal((await vault.get(path, {}, { key: childKey })).text, made.text, 'it is the account’s own')
  t.equal((await vault.get(path)).status, 404, 'and not the parent’s')
  const live = await vault.get(path, {}, { key: vault.keys.live, ...as(child) })
  t.equal(live.headers.get('stripe-account'), child)
  t.match(live.body.error, { message: /a similar object exists in test mode/ })

  const own = await vault.get('/v1/customers')
  t.equal(own.headers.get('stripe-account'), null)
  t.strictSame(own.body.data, [])
})

t.test('takes its own account for what it is', async (t) => {
  const { vault, parent } = await family(t)
  const made = await vault.post('/v1/customers', {}, as(parent))
  t.equal(made.status, 200)
  t.equal(made.headers.get('stripe-account'), parent)
  t.equal((await vault.get(`/v1/customers/${String(made.body.id)}`)).status, 200)
})

t.test('keeps everything of a connected account apart, idempotency keys included', async (t) => {
  const { vault, child, sibling, childKey } = await family(t)
  const { paymentMethod, customer } = await newPair(vault)
  const theirs = await vault.post('/v1/customers', {}, as(child))
  const attach = `/v1/payment_methods/${paymentMethod}/attach`
  const unseen: [path: string, params: object, status: number][] = [
    [attach, { customer: theirs.body.id as string }, 404],
    [`/v1/payment_methods/${paymentMethod}`, {}, 404],
    [`/v1/customers/${customer}`, {}, 404],
    ['/v1/payment_methods/pm_card_visa/attach', { customer }, 400],
    ['/v1/customers', { payment_method: paymentMethod }, 400]
  ]
  for (const [path, params, status] of unseen) {
    const reply = await vault.post(path, params, as(child))
    t.equal(reply.status, status, path)
    t.match(reply.body.error, { code: 'resource_missing' })
  }

  const keyed = (account?: string) => ({
    headers: { 'idempotency-key': 'one', ...(account !== undefined && { 'stripe-account': account }) }
  })
  const replies = [
    await vault.post('/v1/customers', {}, keyed()),
    await vault.post('/v1/customers', {}, keyed(child)),
    await vault.post('/v1/customers', {}, keyed(sibling))
  ]
  t.equal(new Set(replies.map(({ body }) => String(body.id))).size, 3)
  for (const [i, account] of [undefined, child, sibling].entries()) {
    const replay = await vault.post('/v1/customers', {}, keyed(account))
    t.equal(replay.text, replies[i]?.text)
    t.equal(replay.headers.get('idempotent-replayed'), 'true')
  }
  const itself = await vault.post('/v1/customers', {}, { ...keyed(), key: childKey })
  t.equal(itself.text, replies[1]?.text, 'whoever acts as the account shares its keys')
})

t.test('has no access to any other account, nor to one that is not there', async (t) => {
  const { vault, parent, child, childKey, sibling, grandchild, stranger } = await family(t)
  const refusals: [who: string, key: string, account: string][] = [
    ['a stranger', vault.keys.test, stranger],
    ['nobody', vault.keys.test, 'acct_x'],
    ['a grandchild', vault.keys.test, grandchild],
    ['its parent', childKey, parent],
    ['a sibling', childKey, sibling],
    ['its mode', vault.keys.test, `${child}:live`],
    ['two', vault.keys.test, `${child}, ${child}`]
  ]
  const before = await everyRow(vault)
  for (const [who, key, account] of refusals) {
    const reply = await vault.post(
      '/v1/customers',
      {},
      { key, headers: { 'stripe-account': account, 'idempotency-key': 'k' } }
    )
    t.equal(reply.status, 403, who)
    t.equal(
      reply.text,
      `{
  "error": {
    "message": "The provided key 'sk_test_****${key.slice(-4)}' does not have access to account '${account}' (or that account does not exist). Application access may have been revoked.",
    "type": "invalid_request_error",
    "code": "account_invalid",
    "doc_url": "https://stripe.com/docs/error-codes/account-invalid"
  }
}
`
    )
    t.equal(reply.headers.get('stripe-account'), null)
    t.equal(reply.headers.get('stripe-should-retry'), null)
    t.match(reply.headers.get('request-id'), /^req_/)
  }
  t.equal(await everyRow(vault), before)
  t.equal((await vault.post('/v1/customers', {}, { headers: { 'idempotency-key': 'k' } })).status, 200)

  const long = await vault.get('/v1/customers', {}, as('x'.repeat(5000)))
  t.match(long.body.error, { message: /account 'x{200}' \(or/ }, 'a message stays short')
  const basic = { authorization: `Basic ${Buffer.from(`${vault.keys.live}:`).toString('base64')}` }
  const live = await vault.get(
    '/v1/customers',
    {},
    { key: null, headers: { ...basic, ...as('acct_x').headers } }
  )
  t.match(live.body.error, { message: `'sk_live_****${vault.keys.live.slice(-4)}'` })
  const wrong = await vault.get('/v1/customers', {}, { key: 'sk_test_wrong_key', ...as(child) })
  t.equal(wrong.status, 401, 'who calls comes first')
})

t.test('a publishable key may do there what it may do at home', async (t) => {
  const { vault, child, stranger } = await family(t)
  const card = { type: 'card', card: typedCard }
  const key = vault.keys.publishable
  const made = await vault.post('/v1/payment_methods', card, { key, ...as(child) })
  t.equal(made.status, 200)
  t.notOk('metadata' in made.body)
  t.equal((await vault.get(`/v1/payment_methods/${String(made.body.id)}`, {}, as(child))).status, 200)
  t.equal((await vault.post('/v1/customers', {}, { key, ...as(child) })).status, 401)
  t.equal((await vault.post('/v1/payment_methods', card, { key, ...as(stranger) })).status, 403)
})

t.test('an access is remembered as long as the key, a refusal is not', async (t) => {
  const { vault, child, parent } = await family(t, { rememberKeysFor: 600 })
  const status = async (account: string) => (await vault.get('/v1/customers', {}, as(account))).status
  const late = newId('acct')
  t.equal(await status(late), 403)
  t.equal(await status(late), 403)
  await insertAccount(vault.db, late, parent)
  t.equal(await status(late), 200)
  t.equal(await status(child), 200)
  await vault.db.pool.query('update payment_vault.accounts set parent_id = null')
  t.equal(await status(child), 200)
  await new Promise((resolve) => setTimeout(resolve, 650))
  t.equal(await status(child), 403)
})

t.test('a host says who may act as whom', async (t) => {
  let may: Principal['mayActAs'] | undefined
  const vault = await startVault(t, {
    authenticate: () => ({ account: 'home', livemode: false, ...(may && { mayActAs: may }) })
  })
  const ask = (): Promise<Reply> => vault.post('/v1/customers', {}, { key: null, ...as('tenant') })
  const asked: string[] = []
  const rows: [name: string, may: unknown, status: number][] = [
    ['nothing', undefined, 403],
    ['yes', (account: string) => (asked.push(account), true), 200],
    ['yes, later', async () => true, 200],
    ['no', () => false, 403],
    ['no, later', async () => false, 403],
    ['a text', () => 'yes', 403],
    ['nothing at all', () => undefined, 403],
    ['a failure', () => raise(new Error('the directory is down')), 500],
    ['a later failure', async () => raise(new Error('the directory is down')), 500]
  ]
  for (const [name, answer, status] of rows) {
    may = answer as typeof may
    const reply = await ask()
    t.equal(reply.status, status, name)
    t.equal(reply.headers.get('stripe-account'), status === 200 ? 'tenant' : null)
    if (status === 403)
      t.match(reply.body.error, { message: /^The provided key '\*\*\*\*' does not have access/ })
  }
  t.strictSame(asked, ['tenant'])
  const found = await vault.db.pool.query('select distinct account_id from payment_vault.customers')
  t.strictSame(found.rows, [{ account_id: 'tenant:test' }])
})

t.test('accounts are made and listed from the command line', async (t) => {
  const { url } = await newDatabase(t)
  const settings = { DATABASE_URL: url }
  const made = await runCli(['accounts', 'create'], settings)
  t.match(made, { code: 0, stdout: /^acct_\w{16}\n$/ })
  const parent = made.stdout.trim()
  const [child, orphan, stray, none] = await Promise.all([
    runCli(['accounts', 'create', '--parent', parent], settings),
    runCli(['accounts', 'create', '--parent', 'acct_x'], settings),
    runCli(['accounts', 'create', '--live'], settings),
    runCli(['accounts'], settings)
  ])
  t.match(child, { code: 0, stdout: /^acct_\w{16}\n$/ })
  t.match(orphan, {
    code: 1,
    stdout: '',
    stderr: 'There is no account acct_x: accounts list shows all accounts.\n'
  })
  t.match(stray, { code: 2, stderr: /^The option --live belongs to keys create and listen: / })
  t.match(none, { code: 2, stderr: /^The command accounts needs a second word: create or list: / })

  const { stdout } = await runCli(['accounts', 'list'], settings)
  const [head, first, second, third, ...more] = stdout.trim().split('\n')
  t.match(head, /^id +parent +created$/)
  t.match(first, /^acct_\w{16} +- +20\S+Z$/, 'the server’s own comes before all others')
  t.match(second, new RegExp(`^${parent} +- +20\\S+Z$`))
  t.match(third, new RegExp(`^${child.stdout.trim()} +${parent} +20\\S+Z$`))
  t.strictSame(more, [])
})

const as = (account: string) => ({ headers: { 'stripe-account': account } })

function raise(error: Error): never {
  throw error
}

/** The vault's account with two connected ones, one of which has one too, and an account that is no relation. */
async function family(...given: Parameters<typeof startVault>): Promise<Family> {
  const vault = await startVault(...given)
  const parent = await firstAccount(vault.db)
  const make = async (of?: string): Promise<string> => {
    const id = newId('acct')
    await insertAccount(vault.db, id, of)
    return id
  }
  const child = await make(parent)
  return {
    vault,
    parent,
    child,
    sibling: await make(parent),
    grandchild: await make(child),
    stranger: await make(),
    childKey: await createKey(vault.db, { account: child, livemode: false, kind: 'secret' })
  }
}

interface Family {
  vault: TestVault
  parent: string
  child: string
  sibling: string
  grandchild: string
  stranger: string
  /** A secret key of `child`'s own, in test mode. */
  childKey: string
}
