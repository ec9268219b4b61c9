import Fastify, { type FastifyRequest } from 'fastify'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { type FoundKey, hashKey, keyAuthentication, maskKey } from '../../../plugins/auth/api-keys'
import { Database } from '../../../plugins/database/database'
import { networkOf } from '../../../plugins/auth/network'
import { createKey, rollKey } from '../../../src/resources/accounts/keys'
import { permissionNames as resources } from '../../../src/resources/index'
import { expireKey, findKey, listKeys, revokeKey } from '../../../src/resources/accounts/store'
import { readCommand } from '../../../src/cli/arguments'
import { openApiDocument, paymentVault, type Permissions } from '../../../src/index'
import { routesNeedPermissions } from '../../../src/plugin/permissions'
import { refused } from '../../helpers/document/bodies'
import { newFolder, runCli } from '../../helpers/server/cli'
import { newDatabase } from '../../helpers/database/database'
import { fingerprintKey, newPair, type Reply, startVault, type TestVault } from '../../helpers/vault'

t.setTimeout(120_000)

const tooMany = {
  code: 'rate_limit',
  message:
    'Testmode request rate limit exceeded, the rate limits in testmode are lower than livemode. You can learn more about rate limits here https://stripe.com/docs/rate-limits.'
}
const tooManyLive = {
  code: 'rate_limit',
  message:
    'Request rate limit exceeded. Learn more about rate limits here https://stripe.com/docs/rate-limits.'
}

let guessed = 0
/** A wrong key that begins like no other. */
const wrong = (): string => `sk_test_${String(++guessed).padStart(4, '0')}aaaaaaaaaaaaaaaaaaaa`

const get = (vault: TestVault, key: string, address?: string): Promise<Reply> =>
  vault.get('/v1/events', {}, { key, ...(address && { headers: { 'x-forwarded-for': address } }) })

const few = { limitKeyGuesses: { atOnce: 5, perMinute: 0.001 } }
const behindProxy = { trustProxy: 'loopback' }

/** Sends wrong keys until they are not looked at any more, and gives back how many were. */
async function guess(vault: TestVault, address?: string): Promise<number> {
  for (let looked = 0; looked < 20; looked++) {
    if ((await get(vault, wrong(), address)).status === 429) return looked
  }
  return Infinity
}

t.test('whoever tries keys out is slowed down', async (t) => {
  await t.test('after so many wrong keys of an address the next ones are not looked at', async (t) => {
    const vault = await startVault(t, few)
    t.equal((await get(vault, vault.keys.test)).status, 200)
    for (let i = 0; i < 5; i++) t.equal((await get(vault, wrong())).status, 401)
    const next = await get(vault, wrong())
    refused(t, next, 429, tooMany)
    t.equal(next.headers.get('www-authenticate'), null)
    refused(t, await get(vault, 'sk_live_nobodysown'), 429, tooManyLive)
    t.equal((await get(vault, vault.keys.test)).status, 200, 'a key that was let in before goes on working')
    t.equal((await get(vault, vault.keys.live)).status, 429, 'one that this process has not seen yet waits')
    t.equal((await vault.get('/v1/events', {}, { key: null })).status, 401, 'none is no guess')
  })

  await t.test('a key that was let in before is no longer known once it is revoked', async (t) => {
    const vault = await startVault(t, few)
    t.equal((await get(vault, vault.keys.test)).status, 200)
    t.equal(await guess(vault), 5)
    const found = await findKey(vault.db, hashKey(vault.keys.test))
    await revokeKey(vault.db, found?.id ?? '')
    t.equal((await get(vault, vault.keys.test)).status, 401)
    t.equal((await get(vault, vault.keys.test)).status, 429)
  })

  await t.test('tokens come back with time', async (t) => {
    const vault = await startVault(t, { limitKeyGuesses: { atOnce: 1, perMinute: 6000 } })
    for (let i = 0; i < 3; i++) {
      t.equal((await get(vault, wrong())).status, 401)
      await sleep(50)
    }
  })

  await t.test('without the limit any number is looked at', async (t) => {
    const vault = await startVault(t, { limitKeyGuesses: false })
    for (let i = 0; i < 120; i++) if ((await get(vault, wrong())).status !== 401) t.fail()
  })

  await t.test('addresses count where the host trusts who tells them, and nowhere else', async (t) => {
    const trusting = await startVault(t, few, behindProxy)
    t.equal(await guess(trusting, '192.0.2.1'), 5)
    t.equal(await guess(trusting, '192.0.2.2'), 5, 'another address')
    t.equal(await guess(trusting, '192.0.2.1'), 0)
    t.equal(await guess(trusting, '2001:db8:1:2::1'), 5)
    t.equal(await guess(trusting, '2001:db8:1:2:ffff::1'), 0, 'the same 64 bits')
    t.equal(await guess(trusting, '2001:db8:1:3::1'), 5)
    const direct = await startVault(t, few)
    t.equal(await guess(direct, '192.0.2.1'), 5)
    t.equal(await guess(direct, '192.0.2.2'), 0, 'anybody can write a header')
  })

  await t.test('keys that begin alike are limited together, wherever they come from', async (t) => {
    const vault = await startVault(t, few, behindProxy)
    const alike = (i: number): string => `sk_test_same${String(i).padStart(20, '0')}`
    for (let i = 0; i < 5; i++) t.equal((await get(vault, alike(i), `192.0.2.${i}`)).status, 401)
    refused(t, await get(vault, alike(5), '192.0.2.5'), 429, tooMany)
    t.equal((await get(vault, wrong(), '192.0.2.5')).status, 401)
  })

  await t.test('calls that come at once with one key ask for it once, and count as one guess', async (t) => {
    let asked = 0
    let answer: (key: FoundKey) => void = () => undefined
    const find = () => {
      asked++
      return new Promise<FoundKey>((resolve) => (answer = resolve))
    }
    const authenticate = keyAuthentication(find, { cacheMs: 0, guessLimit: few.limitKeyGuesses })
    const headers = { authorization: `Bearer ${wrong()}` }
    const request = { ip: '192.0.2.1', headers } as FastifyRequest
    const principal = { account: 'acct_1', livemode: false }
    const calls = Array.from({ length: 40 }, async () => authenticate(request))
    answer({ principal })
    t.same(new Set(await Promise.all(calls)), new Set([principal]))
    t.equal(asked, 1)
  })
})

t.test('an address is known by its network', async (t) => {
  const same: [string, string][] = [
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:0DB8:0001:2::', '2001:db8:1:2::/64'],
    ['::1', '0:0:0:0::/64'],
    ['2001:db8::', '2001:db8:0:0::/64'],
    ['64:ff9b::192.0.2.1', '64:ff9b:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['unknown', 'unknown'],
    ['x'.repeat(5000), 'x'.repeat(64)]
  ]
  for (const [address, network] of same) t.equal(networkOf(address), network)
})

t.test('a key is rolled', async (t) => {
  await t.test('for a while both work, then the new one alone', async (t) => {
    const vault = await startVault(t)
    const old = await findKey(vault.db, hashKey(vault.keys.test))
    const made = await vault.db.transaction((tx) => rollKey(tx, old?.id ?? '', 3600_000))
    t.match(made, /^sk_test_\w{24}$/)
    t.equal((await get(vault, vault.keys.test)).status, 200)
    t.equal((await get(vault, made)).status, 200)
    const { body } = await vault.post('/v1/customers', {}, { key: made })
    t.equal((await vault.get(`/v1/customers/${String(body.id)}`)).status, 200, 'of the same account')

    await vault.db.pool.query("update payment_vault.api_keys set expires = now() - interval '1 second'")
    const late = await get(vault, vault.keys.test)
    refused(t, late, 401, {
      code: 'api_key_expired',
      message: `Expired API Key provided: ${maskKey(vault.keys.test)}`
    })
    t.equal(late.headers.get('www-authenticate'), 'Bearer realm="Stripe"')
  })

  await t.test('its end holds also where keys are remembered for long', async (t) => {
    const vault = await startVault(t, { rememberKeysFor: 3600_000 })
    const old = await findKey(vault.db, hashKey(vault.keys.test))
    const end = Date.now() + 700
    await expireKey(vault.db, old?.id ?? '', new Date(end))
    t.equal((await get(vault, vault.keys.test)).status, 200)
    while (Date.now() <= end) await sleep(20)
    t.equal((await get(vault, vault.keys.test)).status, 401)
  })

  await t.test('two who roll it at once make one', async (t) => {
    const vault = await startVault(t)
    const old = await findKey(vault.db, hashKey(vault.keys.test))
    const roll = () => vault.db.transaction((tx) => rollKey(tx, old?.id ?? '', 0))
    const rolled = await Promise.allSettled([roll(), roll(), roll()])
    t.equal(rolled.filter(({ status }) => status === 'fulfilled').length, 1)
    t.equal((await listKeys(vault.db)).length, 4)
  })
})

t.test('the day of a key’s last use is noted once, and of no key that is refused', async (t) => {
  const { url, pool } = await newDatabase(t)
  const db = new Database(pool, { schema: 'payment_vault', prepared: false })
  const [used, unused, over] = [await secret(db), await secret(db), await secret(db)]
  const { id = '' } = (await findKey(db, hashKey(over))) ?? {}
  await expireKey(db, id, new Date())
  const serve = async () => {
    const app = Fastify()
    await app.register(paymentVault, { connectionString: url, fingerprintKey, rememberKeysFor: 0 })
    for (const key of [used, over, used]) {
      await app.inject({ url: '/v1/events', headers: { authorization: `Bearer ${key}` } })
    }
    await app.close()
    const { rows } = await pool.query<{ hash: Buffer; day: string | null; version: string }>(
      `select hash, to_char(last_used at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS') as day, xmin::text as version
       from payment_vault.api_keys`
    )
    return (key: string) => rows.find(({ hash }) => hash.equals(hashKey(key)))
  }
  const first = await serve()
  t.match(first(used)?.day, /^20\d\d-\d\d-\d\d 00:00:00$/)
  t.equal(first(unused)?.day, null)
  t.equal(first(over)?.day, null)
  const second = await serve()
  t.equal(second(used)?.version, first(used)?.version, 'the row was not written again')
  await pool.query("update payment_vault.api_keys set last_used = last_used - interval '1 day'")
  const next = await serve()
  t.equal(next(used)?.day, first(used)?.day)
})

const secret = (db: Database): Promise<string> => createKey(db, { livemode: false, kind: 'secret' })

interface Route {
  method: string
  path: string
}

async function everyRoute(): Promise<Route[]> {
  const { paths } = (await openApiDocument()) as { paths: Record<string, object> }
  return Object.entries(paths).flatMap(([path, operations]) =>
    Object.keys(operations).map((method) => ({
      method: method.toUpperCase(),
      path: path.replace(/\{\w+\}/g, 'x_none')
    }))
  )
}

const isResource = (segment: string): boolean => resources.includes(segment)

const restricted = (vault: TestVault, permissions: Permissions, livemode = false): Promise<string> =>
  createKey(vault.db, { livemode, kind: 'restricted', permissions })

const lacking = (t: Test, reply: Reply, key: string, permission: string): void => {
  refused(t, reply, 403, {
    message: `The provided key '${maskKey(key)}' does not have the required permissions for this endpoint on account '${accountIn(reply)}'. Having the '${permission}' permission would allow this request to continue.`
  })
}
const accountIn = (reply: Reply): string => /'(acct_\w+)'/.exec(reply.text)?.[1] ?? ''

t.test('a restricted key', async (t) => {
  const vault = await startVault(t)

  await t.test('is refused by every route without a permission, and let in with just that one', async (t) => {
    const none = await restricted(vault, {})
    for (const { method, path } of await everyRoute()) {
      const refusal = await vault.ask(method, path, { key: none })
      t.equal(refusal.status, 403, `${method} ${path}`)
      const [, name = '', level = ''] = /'rak_(\w+)_(read|write)'/.exec(refusal.text) ?? []
      t.equal(level, method === 'GET' ? 'read' : 'write', `${method} ${path}`)
      lacking(t, refusal, none, `rak_${name}_${level}`)
      const resource = resources.find((each) => each === `${name}s`) ?? 'webhook_endpoints'
      // What stands last in the path is what is answered.
      t.equal(resource, path.split('/').findLast(isResource), `${method} ${path}`)
      const only = await restricted(vault, { [resource]: level as 'read' })
      t.not((await vault.ask(method, path, { key: only })).status, 403, `${method} ${path}`)
      const others = resources.filter((each) => each !== resource)
      const rest = await restricted(vault, Object.fromEntries(others.map((each) => [each, 'write'])))
      t.equal((await vault.ask(method, path, { key: rest })).status, 403, `${method} ${path}`)
    }
  })

  await t.test('that may read may not write, and one that may write may read', async (t) => {
    const all = (level: 'read' | 'write') => Object.fromEntries(resources.map((each) => [each, level]))
    const [reading, writing] = [await restricted(vault, all('read')), await restricted(vault, all('write'))]
    for (const { method, path } of await everyRoute()) {
      const { status } = await vault.ask(method, path, { key: reading })
      t.equal(status === 403, method !== 'GET', `${method} ${path}`)
      t.not((await vault.ask(method, path, { key: writing })).status, 403, `${method} ${path}`)
    }
    const head = await fetch(`${vault.url}/v1/customers`, {
      method: 'HEAD',
      headers: { authorization: `Bearer ${await restricted(vault, { customers: 'read' })}` }
    })
    t.equal(head.status, 200)
  })

  await t.test('is shown of other objects what it may read of them', async (t) => {
    const { paymentMethod, customer } = await newPair(vault)
    await vault.post(`/v1/payment_methods/${paymentMethod}/attach`, { customer })
    const alone = await restricted(vault, { payment_methods: 'write' })
    const both = await restricted(vault, { payment_methods: 'write', customers: 'read' })
    const path = `/v1/payment_methods/${paymentMethod}`
    t.equal((await vault.get(path, {}, { key: alone })).body.customer, customer)
    lacking(t, await vault.get(path, { expand: ['customer'] }, { key: alone }), alone, 'rak_customer_read')
    t.match((await vault.get(path, { expand: ['customer'] }, { key: both })).text, `"id": "${customer}"`)
    const listed = (key: string) =>
      vault.get('/v1/payment_methods', { customer, expand: ['data.customer'] }, { key })
    lacking(t, await listed(alone), alone, 'rak_customer_read')
    t.match((await listed(both)).text, `"id": "${customer}"`)
    // What is wrong is said by the endpoint.
    t.equal((await vault.get(path, { expand: ['x'] }, { key: alone })).status, 400)
    // A level further down.
    const deep = 'customer.invoice_settings.default_payment_method'
    const customers = await restricted(vault, { payment_intents: 'read', customers: 'read' })
    const deeper = await vault.get('/v1/payment_intents', { expand: [`data.${deep}`] }, { key: customers })
    lacking(t, deeper, customers, 'rak_payment_method_read')
  })

  await t.test('is refused an expansion before anything is done', async (t) => {
    const key = await restricted(vault, { payment_intents: 'write', payment_methods: 'read' })
    const params = { amount: 100, currency: 'usd', payment_method: 'pm_card_visa', confirm: true }
    const before = await rows(vault)
    const reply = await vault.post('/v1/payment_intents', { ...params, expand: ['latest_charge'] }, { key })
    lacking(t, reply, key, 'rak_charge_read')
    t.same(await rows(vault), before)
    const done = await vault.post('/v1/payment_intents', { ...params, expand: ['payment_method'] }, { key })
    t.equal(done.status, 200)
  })

  await t.test('is one mode’s and one account’s, and 404 is 404', async (t) => {
    const { customer } = await newPair(vault)
    const live = await restricted(vault, { customers: 'write' }, true)
    t.match(live, /^rk_live_\w{24}$/)
    t.equal((await vault.get(`/v1/customers/${customer}`, {}, { key: live })).status, 404)
    t.equal((await vault.get('/v1/nothing', {}, { key: live })).status, 404)
  })

  await t.test('is rolled with what it may do', async (t) => {
    const key = await restricted(vault, { customers: 'read' })
    const { id = '' } = (await findKey(vault.db, hashKey(key))) ?? {}
    const made = await vault.db.transaction((tx) => rollKey(tx, id, 0))
    t.match(made, /^rk_test_/)
    t.equal((await vault.get('/v1/customers', {}, { key: made })).status, 200)
    t.equal((await vault.post('/v1/customers', {}, { key: made })).status, 403)
  })
})

const rows = async (vault: TestVault): Promise<unknown> =>
  (
    await vault.db.pool.query(
      `select (select count(*) from payment_vault.payment_intents) as intents,
         (select count(*) from payment_vault.payment_methods) as methods,
         (select count(*) from payment_vault.events) as events`
    )
  ).rows

t.test('a host’s own authentication may restrict a caller', async (t) => {
  const permissions: Permissions = { customers: 'read' }
  const vault = await startVault(t, {
    authenticate: () => ({ account: 'acct_tenant', livemode: false, permissions })
  })
  t.equal((await vault.get('/v1/customers')).status, 200)
  const reply = await vault.post('/v1/customers')
  lacking(t, reply, vault.keys.test, 'rak_customer_write')
  t.equal((await vault.get('/v1/payment_methods')).status, 403)
})

t.test('a route of which nothing says what permission it needs can’t be added', async (t) => {
  const app = Fastify()
  routesNeedPermissions(app)
  app.get('/billing/v1/customers', () => '')
  t.throws(() => app.get('/v1/customers/:customer/secrets', () => ''), /has no permission$/)
  t.throws(() => app.get('/v1/constructor', () => ''), /has no permission$/)
  await app.close()
})

t.test('where live mode is not served, no live key is taken', async (t) => {
  const vault = await startVault(t, { liveMode: false })
  refused(t, await get(vault, vault.keys.live), 403, {
    message: 'Live mode is not served here. A server says at its start what live mode needs.'
  })
  t.equal((await get(vault, vault.keys.test)).status, 200)
})

t.test('by command', async (t) => {
  t.setTimeout(120_000)
  const { url, pool } = await newDatabase(t)
  const settings = { DATABASE_URL: url, PAYMENT_VAULT_DATA: await newFolder(t) }
  const run = (line: string) => runCli(line.split(' '), settings)
  const made = await run('keys create --restricted --allow payment_methods:write,customers:read')
  t.match(made.stdout, /^rk_test_\w{24}\n$/)
  const listed = async () => (await run('keys list')).stdout.trim().split('\n')
  const [head, first = ''] = await listed()
  t.match(head, /^id +account +mode +kind +hint +created +last used +expires +revoked +allowed$/)
  t.match(
    first,
    /^key_\w+ .* restricted +rk_test_\S+ +20\S+Z +- +- +- +customers:read,payment_methods:write$/
  )
  await pool.query("update payment_vault.api_keys set last_used = '2026-11-23T00:00:00Z'")
  t.match((await listed())[1], / 20\S+Z +2026-11-23 +- +- +customers:read/, 'the day of its last use')
  await pool.query('update payment_vault.api_keys set last_used = null')
  const [id = ''] = first.split(' ')
  const rolled = await run(`keys roll ${id} --expires-in 1`)
  t.match(rolled.stdout, /^rk_test_\w{24}\n$/)
  t.match(rolled.stderr, `The old key ${id} works for 1 more hour.`)
  const both = (await listed()).slice(1)
  t.equal(both.length, 2)
  t.match(both[0], /Z +- +20\S+Z +- +customers:read,payment_methods:write$/)
  t.match(both[1], /Z +- +- +- +customers:read,payment_methods:write$/)
  const [again, nobody] = await Promise.all([run(`keys roll ${id}`), run('keys roll key_nope')])
  t.match(again, { code: 1, stdout: '', stderr: /^The key key_\w+ was revoked or rolled already: .*\n$/ })
  t.match(nobody, { code: 1, stdout: '', stderr: /^There is no key key_nope: .*\n$/ })
})

t.test('the command line says what keys are asked for', async (t) => {
  const asked = (line: string) => readCommand(line.split(' '))
  t.match(asked('keys roll key_1'), { name: 'keys roll', id: 'key_1', hours: 24 })
  t.match(asked('keys roll key_1 --expires-in 0'), { hours: 0 })
  t.match(asked('keys create --live --restricted --allow events:read'), {
    kind: 'restricted',
    livemode: true,
    permissions: { events: 'read' }
  })
  for (const line of [
    'keys create --restricted',
    'keys create --allow events:read',
    'keys create --restricted --publishable --allow events:read',
    'keys create --restricted --allow everything:read',
    'keys create --restricted --allow events:delete',
    'keys create --restricted --allow events:read,events:write',
    'keys create --restricted --allow constructor:read',
    'keys roll',
    'keys roll key_1 --expires-in 169',
    'keys list --expires-in 1'
  ]) {
    t.throws(() => asked(line), { name: 'UsageError' }, line)
  }
})
