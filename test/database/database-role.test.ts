import Fastify from 'fastify'
import pg from 'pg'
import t, { type Test } from 'tap'
import { removeKeysBefore } from '../../plugins/idempotency/expiry'
import { Database } from '../../plugins/database/database'
import { createKey } from '../../src/resources/accounts/keys'
import { removeEventsBefore } from '../../src/resources/events/retention'
import { migrationStatus, paymentVault, type PaymentVaultOptions } from '../../src/index'
import { callerOf } from '../helpers/server/beside'
import { newDatabase } from '../helpers/database/database'
import { startReceiver } from '../helpers/webhooks/receiver'
import { until } from '../helpers/until'
import { fingerprintKey, type Reply, typedCard } from '../helpers/vault'

t.setTimeout(120_000)

/** All that the vault needs in a schema that somebody else migrates, as src/server/README.md lists it. */
const grants = (role: string): string => `
  grant usage on schema payment_vault to ${role};
  grant select, insert, update, delete on all tables in schema payment_vault to ${role}`

interface Poor {
  owner: pg.Pool
  /** Logged in as a role that may create nothing. */
  pool: pg.Pool
  role: string
}

async function poorRole(t: Test): Promise<Poor> {
  const { pool: owner, url } = await newDatabase(t)
  const role = `payment_vault_role_${process.pid}_${++made}`
  await owner.query(`create role ${role} login password 'poor' nosuperuser nocreatedb nocreaterole noinherit`)
  const { host, port, database } = new pg.Client({ connectionString: url })
  const pool = new pg.Pool({ host, port, database, user: role, password: 'poor' })
  pool.on('error', () => undefined)
  t.teardown(async () => {
    await pool.end()
    await owner.query(`drop owned by ${role}`)
    await owner.query(`drop role ${role}`)
  })
  return { owner, pool, role }
}

let made = 0

/** Why an app does not start; undefined where it does. */
async function starting(options: PaymentVaultOptions): Promise<string | undefined> {
  const app = Fastify()
  const registered = Promise.resolve(app.register(paymentVault, options))
  const said = await registered.then(
    () => undefined,
    (error: unknown) => (error as Error).message
  )
  await app.close()
  return said
}

t.test('a role that may only read and write rows does all that a vault does', async (t) => {
  const { owner, pool, role } = await poorRole(t)
  await owner.query(grants(role))
  await t.rejects(pool.query('create table payment_vault.mine (id int)'), { code: '42501' })
  await t.rejects(pool.query('create schema mine'), { code: '42501' })
  t.equal((await pool.query('select current_user as name')).rowCount, 1)

  const log: string[] = []
  const stream = { write: (line: string) => log.push(line) }
  const app = Fastify({ logger: { level: 'warn', stream } })
  await app.register(paymentVault, { pool, fingerprintKey, migrate: 'check' })
  const db = new Database(pool, { schema: 'payment_vault', prepared: false })
  const key = await createKey(db, { livemode: false, kind: 'secret' })
  const { post, del } = callerOf(t, await app.listen({ port: 0, host: '127.0.0.1' }), key)
  const done = async (reply: Promise<Reply>): Promise<string> => {
    const { status, text, body } = await reply
    t.equal(status, 200, text)
    return String(body.id)
  }

  const receiver = await startReceiver(t)
  await done(post('/v1/webhook_endpoints', { url: receiver.url, enabled_events: ['*'] }))
  const customer = await done(post('/v1/customers', { email: 'ada@example.com' }, { 'idempotency-key': 'a' }))
  const card = await done(post('/v1/payment_methods', { type: 'card', card: typedCard }))
  await done(post(`/v1/payment_methods/${card}/attach`, { customer }, { 'idempotency-key': 'b' }))
  await done(post(`/v1/payment_methods/${card}`, { metadata: { a: 'b' } }))
  await done(post('/v1/tokens', { card: typedCard }))
  const pays = { customer, payment_method: card, confirm: true, return_url: 'https://example.com' }
  await done(post('/v1/setup_intents', pays))
  const paid = await done(post('/v1/payment_intents', { ...pays, amount: 2000, currency: 'usd' }))
  await done(post('/v1/refunds', { payment_intent: paid }))
  await done(post(`/v1/payment_methods/${card}/detach`))
  await done(del(`/v1/customers/${customer}`))
  const headers = { authorization: `Bearer ${key}` }
  for (const url of ['/v1/events', '/v1/customers/search?query=email:"ada@example.com"', '/v1/charges'])
    t.equal((await app.inject({ url, headers })).statusCode, 200, url)
  await until(() => receiver.got.length > 0)
  t.equal(await removeKeysBefore(db, Math.floor(Date.now() / 1000) + 10), 2)
  t.ok((await removeEventsBefore(db, Date.now() + 10_000)) > 0)
  await app.close()
  const failures = log.filter((line) => line.includes('"err":'))
  t.strictSame(failures, [])
})

t.test('such a role is told in one sentence why it can not start', async (t) => {
  const { owner, pool, role } = await poorRole(t)
  const options = { pool, fingerprintKey } as const
  for (const migrate of ['check', 'auto'] as const) {
    t.equal(
      await starting({ ...options, migrate }),
      'The schema "payment_vault" can\'t be read: permission denied for schema payment_vault',
      `nothing was granted, ${migrate}`
    )
  }
  await owner.query(grants(role))
  t.equal(await starting({ ...options, migrate: 'check' }), undefined)
  t.equal(await starting({ ...options, migrate: 'auto' }), undefined, 'there is nothing to create')

  const last = (await migrationStatus(owner, { schema: 'payment_vault' })).applied.at(-1)?.name ?? ''
  await owner.query('delete from payment_vault.migrations where name = $1', [last])
  t.equal(
    await starting({ ...options, migrate: 'check' }),
    `The schema "payment_vault" is behind this code and needs migrating: ${last}.`
  )
  t.match(
    await starting({ ...options, migrate: 'auto' }),
    new RegExp(`^The migration ${last} failed: (permission denied|must be owner)[^\\n]*$`)
  )
  t.equal(
    await starting({ ...options, schema: 'elsewhere', migrate: 'check' }),
    `The schema "elsewhere" is behind this code and needs migrating: ${await allMigrations(owner)}.`
  )
})

const allMigrations = async (pool: pg.Pool): Promise<string> =>
  (await migrationStatus(pool, { schema: 'never' })).pending.join(', ')
