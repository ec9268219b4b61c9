import Fastify from 'fastify'
import pg from 'pg'
import t, { type Test } from 'tap'
import { Database } from '../../plugins/database/database'
import { acrossAccounts, type Queryable, statement, unnamedStatement } from '../../plugins/database/statement'
import { JoinedDatabase } from '../../plugins/database/host-transaction'
import { removeKeysBefore } from '../../plugins/idempotency/expiry'
import { createKey, firstAccount } from '../../src/resources/accounts/keys'
import { accountIn } from '../../src/protocol/view'
import { removeEventsBefore } from '../../src/resources/events/retention'
import { nextAccountWithEvents } from '../../src/resources/events/retention-store'
import { findAbandoned } from '../../src/resources/intents/operation-store'
import { findEndpointAnywhere, listEveryEndpoint } from '../../src/resources/webhook-endpoints/operator-store'
import { resendEvent } from '../../src/webhooks/resend'
import { findDue, findDueAccounts } from '../../src/webhooks/store'
import { migrate, paymentVault, type PaymentVaultOptions } from '../../src/index'
import { callerOf } from '../helpers/server/beside'
import { boundPool } from '../helpers/database/bound-role'
import { newDatabase } from '../helpers/database/database'
import { startReceiver } from '../helpers/webhooks/receiver'
import { until } from '../helpers/until'
import { fingerprintKey, type Reply, typedCard } from '../helpers/vault'

t.setTimeout(120_000)

const schema = 'payment_vault'
const setting = 'fastify_payment_vault.account_id'

/** Why an app does not start; undefined where it does. */
async function starting(options: Partial<PaymentVaultOptions>): Promise<string | undefined> {
  const app = Fastify()
  const registered = Promise.resolve(
    app.register(paymentVault, { fingerprintKey, rowLevelSecurity: true, ...options })
  )
  const said = await registered.then(
    () => undefined,
    (error: unknown) => (error as Error).message
  )
  await app.close()
  return said
}

t.test('every table with rows of accounts gets a policy, and none where nobody asks for it', async (t) => {
  const { pool } = await newDatabase(t)
  const policies = async () =>
    (
      await pool.query<{ name: string; policy: string | null }>(
        `select c.relname as name, p.polname as policy
         from pg_class c
         join pg_attribute a on a.attrelid = c.oid and a.attname = 'account_id'
         left join pg_policy p on p.polrelid = c.oid and c.relrowsecurity and c.relforcerowsecurity
         where c.relnamespace = 'payment_vault'::regnamespace and c.relkind in ('r', 'p')`
      )
    ).rows
  await migrate(pool, { schema })
  const before = await policies()
  t.ok(before.length >= 14)
  t.strictSame(
    before.filter(({ policy }) => policy !== null),
    []
  )
  await migrate(pool, { schema, rowLevelSecurity: true })
  t.strictSame(
    (await policies()).filter(({ policy }) => policy !== 'of_the_account'),
    [{ name: 'api_keys', policy: null }]
  )
})

t.test('an app starts with it only where it binds', async (t) => {
  const { pool: admin, url } = await newDatabase(t)
  const { rows } = await admin.query<{ name: string }>('select current_user as name')
  const me = rows[0]?.name ?? ''
  const unbound = (name: string) =>
    `rowLevelSecurity needs a role that policies bind: ${name} is a superuser or has BYPASSRLS.`
  t.equal(await starting({ pool: admin }), unbound(me))
  const pool = await boundPool(t, admin, url)
  const name = String(pool.options.user)
  for (const how of ['auto', 'check', 'off'] as const)
    t.equal(await starting({ pool, migrate: how }), undefined)

  await admin.query(`alter role ${name} bypassrls`)
  t.equal(await starting({ pool }), unbound(name))
  await admin.query(`alter role ${name} nobypassrls`)

  await admin.query('alter table payment_vault.refunds disable row level security')
  await admin.query('alter table payment_vault.tokens no force row level security')
  for (const how of ['check', 'off'] as const)
    t.equal(
      await starting({ pool, migrate: how }),
      'Row-level security is off in the schema "payment_vault" (refunds, tokens): its owner must migrate with rowLevelSecurity.'
    )
  t.match(
    await starting({ pool, migrate: 'auto' }),
    /^Row-level security can't be turned on in "payment_vault": must be owner of \w+ refunds$/
  )
  t.equal(await starting({ pool, migrate: 'check', rowLevelSecurity: false }), undefined)
  await Promise.all([1, 2, 3].map(() => migrate(admin, { schema, rowLevelSecurity: true })))
  t.equal(await starting({ pool, migrate: 'check' }), undefined)

  const loose =
    /^Policies in the schema "payment_vault" let through more than the rows of one account \(refunds\): /
  await admin.query('create policy also on payment_vault.refunds using (true)')
  t.match(await starting({ pool, migrate: 'check' }), loose, 'policies add up')
  await admin.query('drop policy also on payment_vault.refunds')
  await admin.query('create policy less on payment_vault.refunds as restrictive using (true)')
  t.equal(await starting({ pool, migrate: 'check' }), undefined, 'one that only takes away')
  await admin.query('alter policy of_the_account on payment_vault.refunds using (true)')
  t.match(await starting({ pool, migrate: 'check' }), loose)
  await admin.query('drop policy of_the_account on payment_vault.refunds')
  await migrate(admin, { schema, rowLevelSecurity: true })
  t.equal(await starting({ pool, migrate: 'check' }), undefined)

  // As a pool of another driver would, it knows nothing of queries that bring their own protocol.
  const other = Object.assign(Object.create(pool) as pg.Pool, {
    query: (config: string | pg.QueryConfig, given?: unknown[], done?: () => void) => {
      const { text, values = given } = typeof config === 'string' ? { text: config } : config
      if (!done) return pool.query(text, values)
      pool.query(text, values ?? [], done)
      return undefined
    }
  })
  t.equal(
    await starting({ pool: other, migrate: 'check' }),
    "rowLevelSecurity needs a pool of pg's own connections: this pool does not set the account."
  )
})

t.test('the owner of the tables turns it on at the start, and is bound as well', async (t) => {
  const { pool: admin, url } = await newDatabase(t)
  const pool = await boundPool(t, admin, url, { owner: true })
  const { rows } = await admin.query<{ name: string }>(
    "select relname as name from pg_class where relrowsecurity and relnamespace = 'payment_vault'::regnamespace"
  )
  for (const { name } of rows)
    await admin.query(
      `alter table payment_vault.${name} disable row level security, no force row level security`
    )
  // Somebody is at work on one of the tables.
  const holder = await admin.connect()
  await holder.query('begin; lock table payment_vault.events in access share mode')
  const started = starting({ pool })
  await until(async () => {
    const { rowCount } = await admin.query(
      "select from pg_locks where mode = 'AccessExclusiveLock' and not granted"
    )
    return rowCount !== 0
  })
  await holder.query('commit')
  holder.release()
  t.equal(await started, undefined)
  t.same((await admin.query(activeTables)).rows, [{ count: '14' }])
})

const activeTables = `select count(*) from pg_class
  where relrowsecurity and relforcerowsecurity and relnamespace = 'payment_vault'::regnamespace`

for (const prepared of [false, true]) {
  t.test(`with it a vault does all that it does without it${prepared ? ', prepared' : ''}`, async (t) => {
    const { pool: admin, url } = await newDatabase(t)
    const pool = await boundPool(t, admin, url, { owner: prepared, max: 4 })
    const log: string[] = []
    const app = Fastify({ logger: { level: 'warn', stream: { write: (line: string) => log.push(line) } } })
    const db = new Database(pool, { schema, prepared, rowLevelSecurity: true })
    await app.register(paymentVault, {
      pool,
      fingerprintKey,
      rowLevelSecurity: true,
      preparedStatements: prepared
    })
    const key = await createKey(db, { livemode: false, kind: 'secret' })
    const { post, del } = callerOf(t, await app.listen({ port: 0, host: '127.0.0.1' }), key)
    const done = async (reply: Promise<Reply>): Promise<string> => {
      const { status, text, body } = await reply
      t.equal(status, 200, text)
      return String(body.id)
    }
    const receiver = await startReceiver(t)
    await done(post('/v1/webhook_endpoints', { url: receiver.url, enabled_events: ['*'] }))
    const customer = await done(
      post('/v1/customers', { email: 'ada@example.com' }, { 'idempotency-key': 'a' })
    )
    const cards = await Promise.all(
      Array.from({ length: 20 }, () => done(post('/v1/payment_methods', { type: 'card', card: typedCard })))
    )
    const [card = ''] = cards
    await Promise.all(
      cards.map((id) =>
        done(post(`/v1/payment_methods/${id}/attach`, { customer }, { 'idempotency-key': id }))
      )
    )
    const again = await post(`/v1/payment_methods/${card}/attach`, { customer }, { 'idempotency-key': card })
    t.equal(again.headers.get('idempotent-replayed'), 'true')
    await done(post(`/v1/payment_methods/${card}`, { metadata: { a: 'b' } }))
    await done(post('/v1/tokens', { card: typedCard }))
    const pays = { customer, payment_method: card, confirm: true, return_url: 'https://example.com' }
    await done(post('/v1/setup_intents', pays))
    const paid = await done(post('/v1/payment_intents', { ...pays, amount: 2000, currency: 'usd' }))
    await done(post('/v1/refunds', { payment_intent: paid }))
    await done(post(`/v1/payment_methods/${card}/detach`))

    const headers = { authorization: `Bearer ${key}` }
    const counted = async (path: string): Promise<unknown> => {
      const { statusCode, body } = await app.inject({ url: path, headers })
      t.equal(statusCode, 200, body)
      return (JSON.parse(body) as { data: unknown[] }).data.length
    }
    t.equal(await counted(`/v1/customers/${customer}/payment_methods?limit=100`), 19)
    t.equal(await counted('/v1/customers/search?query=email:"ada@example.com"'), 1)
    t.equal(await counted('/v1/charges'), 1)
    t.equal(await counted('/v1/events?type=payment_method.attached&limit=100'), 20)
    await done(del(`/v1/customers/${customer}`))
    await until(() => receiver.got.length > 40)
    t.ok((await removeKeysBefore(db, Math.floor(Date.now() / 1000) + 10)) >= 21)
    t.ok((await removeEventsBefore(db, Date.now() + 10_000)) > 40)
    await app.close()
    t.strictSame(
      log.filter((line) => line.includes('"err":')),
      []
    )
  })
}

interface Walled {
  admin: pg.Pool
  pool: pg.Pool
  /** Two accounts, each with one row in `customers` and in `events`. */
  accounts: [string, string]
}

async function twoAccounts(t: Test): Promise<Walled> {
  const { pool: admin, url } = await newDatabase(t)
  const db = new Database(admin, { schema, prepared: false })
  const accounts = [
    accountIn(await firstAccount(db), false),
    accountIn(await firstAccount(db), true)
  ] as const
  for (const [i, account] of accounts.entries()) {
    await admin.query(
      `insert into payment_vault.customers (account_id, id, created, details, metadata, deleted)
       values ($1, $2, 1, '{}', '{}', false)`,
      [account, `cus_${i}`]
    )
    await admin.query(
      `insert into payment_vault.events (account_id, id, created, type, object, request_id)
       values ($1, $2, 1, 'customer.created', '{}', 'req_1')`,
      [account, `evt_${i}`]
    )
  }
  return { admin, pool: await boundPool(t, admin, url, { max: 2 }), accounts: [...accounts] }
}

/** What somebody sends who forgot whose rows they are. */
const forgetful = {
  read: statement<{ id: string }>(
    'forgetful_read',
    "select id from payment_vault.customers where $1::text <> ''"
  ),
  byId: statement<{ id: string }>('forgetful_by_id', 'select id from payment_vault.customers where id = $1'),
  all: statement<{ id: string }>('forgetful_all', 'select id from payment_vault.customers'),
  put: unnamedStatement<{ id: string }>(
    "select c.id from payment_vault.customers c join payment_vault.events e on e.created = c.created where $1::text <> ''"
  ),
  change: statement<{ id: string }>(
    'forgetful_change',
    "update payment_vault.customers set email = 'x' where $1::text <> '' returning id"
  ),
  remove: statement<{ id: string }>(
    'forgetful_remove',
    "delete from payment_vault.events where $1::text <> '' returning id"
  ),
  open: acrossAccounts<{ id: string }>('on_purpose', 'select id from payment_vault.customers order by id')
}

t.test('a statement that forgot its account sees and changes none of another one’s', async (t) => {
  const { admin, pool, accounts } = await twoAccounts(t)
  const [own, others] = accounts
  const idsOf = (rows: { id: string }[]) => rows.map(({ id }) => id).sort()

  const walls = async (t: Test, db: Queryable) => {
    t.same(idsOf(await db.query(forgetful.read, [own])), ['cus_0'])
    t.same(idsOf(await db.query(forgetful.put, [own])), ['cus_0'])
    t.same(idsOf(await db.query(forgetful.read, [others])), ['cus_1'])
    t.same(await db.query(forgetful.byId, ['cus_1']), [], 'its first value is no account')
    t.same(idsOf(await db.query(forgetful.open)), ['cus_0', 'cus_1'], 'one that says so sees all')
    t.same(idsOf(await db.query(forgetful.read, [own])), ['cus_0'], 'and the next one not')
    t.same(idsOf(await db.query(forgetful.change, [own])), ['cus_0'])
    t.same(idsOf(await db.query(forgetful.remove, [own])), ['evt_0'])
  }
  for (const prepared of [false, true]) {
    const db = new Database(pool, { schema, prepared, rowLevelSecurity: true })
    const undone = new Error('undone')
    const undo = (work: (tx: Queryable) => Promise<void>) =>
      t.rejects(
        db.transaction(async (tx) => {
          await work(tx)
          throw undone
        }),
        undone
      )
    await t.test(`in a transaction${prepared ? ', prepared' : ''}`, async (t) => {
      await undo(async (tx) => {
        t.same(await tx.query(forgetful.all), [], 'where nothing was told yet')
        await walls(t, tx)
        const { rows } = await tx.raw<{ id: string }>('select id from payment_vault.customers')
        t.same(idsOf(rows), ['cus_0'], 'a command of the host’s, in its account')
      })
    })
    await t.test(`in a transaction of the host’s${prepared ? ', prepared' : ''}`, async (t) => {
      const client = await pool.connect()
      await client.query('begin')
      const seen = async () => (await client.query('select id from payment_vault.customers')).rowCount
      await walls(t, new JoinedDatabase(db, client))
      t.equal(await seen(), 2, 'the host’s own commands are not bound')
      await client.query(`set local ${setting} = '${others}'`)
      await new JoinedDatabase(db, client).query(forgetful.read, [own])
      t.equal(
        (await client.query<Record<string, string>>(`show ${setting}`)).rows[0]?.[setting],
        others,
        'what the host set is there again'
      )
      await client.query('rollback')
      client.release()
    })
    await t.test(`by itself${prepared ? ', prepared' : ''}`, async (t) => {
      t.same(await db.query(forgetful.all), [])
      await walls(t, db)
      await t.rejects(
        db.query(
          unnamedStatement(
            "insert into payment_vault.customers (account_id, id, created) select $2, 'cus_2', $3 where $1::text <> ''"
          ),
          [...[own, others, 1]]
        ),
        { code: '42501' }
      )
      await admin.query(
        `insert into payment_vault.events (account_id, id, created, type, object, request_id)
         values ($1, 'evt_0', 1, 'customer.created', '{}', 'req_1')`,
        [own]
      )
    })
  }
  const { rows } = await admin.query('select id, email from payment_vault.customers order by id')
  t.same(rows, [
    { id: 'cus_0', email: 'x' },
    { id: 'cus_1', email: null }
  ])

  await t.test('which it does without row-level security', async (t) => {
    const db = new Database(pool, { schema, prepared: false })
    t.same(idsOf(await db.query(forgetful.read, [own])), ['cus_0', 'cus_1'])
    t.same(idsOf(await db.query(forgetful.byId, ['cus_1'])), ['cus_1'])
    t.same(idsOf(await db.query(forgetful.all)), ['cus_0', 'cus_1'], 'such a process is not bound')
  })
})

t.test('statements that a transaction sends at once are each about their own account', async (t) => {
  const { pool, accounts } = await twoAccounts(t)
  const [own, others] = accounts
  const atOnce = (tx: Queryable) =>
    Promise.all([
      tx.query(forgetful.read, [own]),
      tx.query(forgetful.open),
      tx.query(forgetful.read, [others]),
      tx.query(forgetful.read, [own])
    ])
  const each = [['cus_0'], ['cus_0', 'cus_1'], ['cus_1'], ['cus_0']].map((ids) => ids.map((id) => ({ id })))
  for (const prepared of [false, true]) {
    const db = new Database(pool, { schema, prepared, rowLevelSecurity: true })
    t.same(await db.transaction(atOnce), each)
    const client = await pool.connect()
    await client.query('begin')
    t.same(await new JoinedDatabase(db, client).transaction(atOnce), each, 'of the host’s')
    await client.query('rollback')
    client.release()
  }
})

t.test('what is done for all accounts is done for all', async (t) => {
  const { admin, pool, accounts } = await twoAccounts(t)
  for (const account of accounts) {
    await admin.query(
      `insert into payment_vault.webhook_endpoints (account_id, id, created, url, enabled_events, status, metadata, secret_generation)
       values ($1, $2, 1, 'https://example.com', '{*}', 'enabled', '{}', 1)`,
      [account, `we_${account}`]
    )
    await admin.query(
      `insert into payment_vault.webhook_deliveries (account_id, event_id, endpoint_id, state, attempts, due)
       values ($1, 'evt', $2, 'pending', 0, 1)`,
      [account, `we_${account}`]
    )
    await admin.query(
      `insert into payment_vault.operations (account_id, id, intent_id, kind, busy_until, intended)
       values ($1, 'op', 'pi', 'capture', 1, '{}')`,
      [account]
    )
    await admin.query(
      `insert into payment_vault.idempotency_keys (account_id, key, created, endpoint, parameters, request_id, version)
       values ($1, 'key', 1, '', '', '', '')`,
      [account]
    )
  }
  const db = new Database(pool, { schema, prepared: false, rowLevelSecurity: true })
  const both = [...accounts].sort()
  const sorted = (rows: { account_id: string }[]) => rows.map((row) => row.account_id).sort()
  t.same(sorted(await findDue(db, 2, 10)), both)
  t.same((await findDueAccounts(db, 2)).sort(), both)
  t.same(sorted(await findAbandoned(db, 2, 10)), both)
  t.same(sorted(await listEveryEndpoint(db)), both)
  for (const [i, account] of accounts.entries()) {
    t.equal((await findEndpointAnywhere(db, `we_${account}`))?.account_id, account)
    t.equal((await resendEvent(db, `evt_${i}`, undefined))?.receivers.length, 1)
  }
  t.equal(await nextAccountWithEvents(db, ''), both[0])
  t.equal(await nextAccountWithEvents(db, both[0] ?? ''), both[1])
  t.equal(await removeKeysBefore(db, 2), 2)
})

t.test('what is told holds for one statement, whatever becomes of it', async (t) => {
  const { admin, pool, accounts } = await twoAccounts(t)
  const [own, others] = accounts
  await pool.end()
  const one = await boundPool(t, admin, String(admin.options.connectionString), { max: 1 })
  const told = async () =>
    (await one.query<{ told: string | null }>(`select current_setting('${setting}', true) as told`)).rows[0]
      ?.told
  for (const prepared of [false, true]) {
    const db = new Database(one, { schema, prepared, rowLevelSecurity: true })
    const seen = (account: string) => db.query(forgetful.read, [account])
    const missing = statement<{ id: string }>(
      'missing',
      "select id from payment_vault.later where $1::text <> ''"
    )
    const late = statement<{ id: string }>('late', "select id from payment_vault.events where $1::text <> ''")
    const failing = statement('failing', 'select 1 / (length($1) - length($1)) from payment_vault.customers')
    t.same(await seen(own), [{ id: 'cus_0' }])
    t.notOk(await told())
    await t.rejects(db.query(failing, [own]), { code: '22012' })
    await t.rejects(db.query(failing, [own]), { code: '22012' })
    await t.rejects(db.query(unnamedStatement('select $1::text, $2::bigint'), [own, {}]), { code: '22P02' })
    const loop: { loop?: unknown } = {}
    loop.loop = loop
    await t.rejects(db.query(forgetful.read, [own, loop]), TypeError, 'a value that can not be sent')
    t.same(await seen(others), [{ id: 'cus_1' }])
    // It could not be parsed: once it can, it is.
    await t.rejects(db.query(missing, [own]), { code: '42P01' })
    await admin.query(
      `create table payment_vault.later (id text); grant all on payment_vault.later to ${String(one.options.user)}`
    )
    t.same(await db.query(missing, [own]), [])
    await admin.query('drop table payment_vault.later')
    await t.rejects(
      db.transaction(async (tx) => {
        await tx.query(forgetful.read, [own])
        await tx.query(failing, [own]).catch(() => undefined)
        await tx.query(late, [own])
      }),
      { code: '25P02' }
    )
    t.same(await db.query(late, [own]), [{ id: 'evt_0' }], 'first asked where nothing was answered any more')
    await db.transaction(async (tx) => {
      await tx.query(unnamedStatement('savepoint a'))
      t.same(await tx.query(forgetful.read, [own]), [{ id: 'cus_0' }])
      await tx.query(failing, [own]).catch(() => undefined)
      await tx.query(unnamedStatement('rollback to savepoint a'))
      t.same(await tx.query(forgetful.all), [], 'nothing was told at the savepoint')
      t.same(await tx.query(forgetful.read, [others]), [{ id: 'cus_1' }])
    })
    t.notOk(await told())
    const many = await Promise.all(Array.from({ length: 40 }, (_, i) => seen(i % 2 ? own : others)))
    t.ok(many.every((rows, i) => rows.length === 1 && rows[0]?.id === `cus_${i % 2 ? 0 : 1}`))
  }
})
