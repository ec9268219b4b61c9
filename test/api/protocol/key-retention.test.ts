import Fastify from 'fastify'
import pg from 'pg'
import t from 'tap'
import { Database } from '../../../plugins/database/database'
import { removeKeysBefore, removeOldKeys } from '../../../plugins/idempotency/expiry'
import { until } from '../../helpers/server/cli'
import { newDatabase } from '../../helpers/database/database'
import { newPair, type Reply, startVault, type TestVault } from '../../helpers/vault'

const hour = 3600
const now = () => Math.floor(Date.now() / 1000)

t.test('removes what is older than it is told, in every account, and nothing else', async (t) => {
  const vault = await startVault(t)
  await insertKeys(vault, 'acct_a:test', 25, 'old', now() - 30 * hour)
  await insertKeys(vault, 'acct_a:test', 3, 'new', now() - 20 * hour)
  await insertKeys(vault, 'acct_b:live', 11, 'old', now() - 30 * hour)
  await insertKeys(vault, 'acct_b:test', 2, 'new', now() - 24 * hour)
  await insertKeys(vault, 'acct_c:test', 10, 'old', now() - 25 * hour)
  t.equal(await removeKeysBefore(vault.db, now() - 24 * hour - 60, undefined, 10), 46)
  t.strictSame(await keysOf(vault), [
    'acct_a:test new1',
    'acct_a:test new2',
    'acct_a:test new3',
    'acct_b:test new1',
    'acct_b:test new2'
  ])
  t.equal(await removeKeysBefore(vault.db, now() - 24 * hour - 60), 0)
})

t.test('a key is good for as long as it is there, and then free', async (t) => {
  const vault = await startVault(t)
  const { paymentMethod, customer } = await newPair(vault)
  const calls: [path: string, params: object][] = [
    [`/v1/payment_methods/${paymentMethod}/attach`, { customer }],
    ['/v1/customers', { name: 'Ada' }]
  ]
  const sendAll = async () => {
    const replies: Reply[] = []
    for (const [path, params] of calls)
      replies.push(await vault.post(path, params, { headers: { 'idempotency-key': path } }))
    return replies
  }
  const firsts = await sendAll()
  await vault.db.pool.query('update payment_vault.idempotency_keys set created = created - 1000000')
  for (const [i, late] of (await sendAll()).entries()) {
    t.equal(late.headers.get('idempotent-replayed'), 'true', 'longer than it was promised')
    t.equal(late.text, firsts[i]?.text)
  }
  t.equal(await removeKeysBefore(vault.db, now() - 24 * hour), 2)
  for (const again of await sendAll()) {
    t.equal(again.status, 200)
    t.equal(again.headers.get('idempotent-replayed'), null)
  }
  for (const replay of await sendAll()) t.equal(replay.headers.get('idempotent-replayed'), 'true')
})

t.test('waits for nobody, and nobody waits for it', async (t) => {
  const vault = await startVault(t)
  await insertKeys(vault, 'acct_a:test', 30, 'old', 0)
  const holder = await vault.db.pool.connect()
  try {
    await holder.query('begin')
    await holder.query(
      "select 1 from payment_vault.idempotency_keys where key in ('old1', 'old2') for update"
    )
    const started = performance.now()
    t.equal(
      await removeKeysBefore(vault.db, 1, undefined, 7),
      28,
      'those that somebody holds are for the next time'
    )
    t.ok(performance.now() - started < 4000)
    await holder.query('rollback')
  } finally {
    holder.release(true)
  }
  t.equal(await removeKeysBefore(vault.db, 1), 2)

  await insertKeys(vault, 'acct_a:test', 4000, 'old', 0)
  const all = await Promise.all([1, 2, 3].map(() => removeKeysBefore(vault.db, 1, undefined, 500)))
  t.equal(
    all.reduce((sum, each) => sum + each),
    4000,
    'three at once share the work'
  )

  const { paymentMethod, customer } = await newPair(vault)
  const remover = await vault.db.pool.connect()
  await remover.query('begin')
  await remover.query('delete from payment_vault.idempotency_keys')
  const other = await vault.post(
    `/v1/payment_methods/${paymentMethod}/attach`,
    { customer },
    { headers: { 'idempotency-key': 'another' } }
  )
  t.equal(other.status, 200, 'while keys are being removed')
  await remover.query('rollback')
  remover.release()
})

t.test('looks only at what it removes', async (t) => {
  const { url } = await newDatabase(t)
  // One session: each tells what it did when it likes to, and this one is asked.
  const pool = new pg.Pool({ connectionString: url, max: 1 })
  pool.on('error', () => undefined)
  const db = new Database(pool, { schema: 'payment_vault', prepared: false })
  await insertKeys({ db }, 'acct_a:test', 20_000, 'new', now())
  await insertKeys({ db }, 'acct_a:test', 10, 'old', 0)
  await pool.query('analyze payment_vault.idempotency_keys')
  const before = await blocksRead(pool)
  t.ok(before > 1000)
  t.equal(await removeKeysBefore(db, 1), 10)
  const read = (await blocksRead(pool)) - before
  await pool.end()
  t.ok(read > 0 && read < 150, `${read} blocks`)
})

t.test('runs beside the app, until it closes', async (t) => {
  const vault = await startVault(t)
  const warned: unknown[] = []
  const app = Fastify()
  app.log.warn = (...said: unknown[]) => void warned.push(said)
  removeOldKeys(app, vault.db, { keepFor: 24 * hour * 1000, intervalMs: 20 })
  await insertKeys(vault, 'acct_a:test', 5, 'old', now() - 25 * hour)
  await insertKeys(vault, 'acct_a:test', 1, 'new', now() - 23 * hour)
  await new Promise((resolve) => setTimeout(resolve, 60))
  t.equal((await keysOf(vault)).length, 6, 'not before the app is ready')
  await app.ready()
  t.ok(await until(async () => (await keysOf(vault)).length === 1))
  await insertKeys(vault, 'acct_a:test', 5, 'older', now() - 25 * hour)
  t.ok(await until(async () => (await keysOf(vault)).length === 1), 'again and again')

  await vault.db.pool.query('alter table payment_vault.idempotency_keys rename to away')
  t.ok(await until(() => warned.length > 1), 'what fails is logged')
  await vault.db.pool.query('alter table payment_vault.away rename to idempotency_keys')
  await insertKeys(vault, 'acct_a:test', 5, 'old', now() - 25 * hour)
  t.ok(await until(async () => (await keysOf(vault)).length === 1), 'and done the next time')

  await app.close()
  const said = warned.length
  await insertKeys(vault, 'acct_a:test', 5, 'old', now() - 25 * hour)
  await new Promise((resolve) => setTimeout(resolve, 100))
  t.equal((await keysOf(vault)).length, 6, 'no more once it is closed')
  t.equal(warned.length, said)
})

t.test('closing lets a removal finish its batch, and no more', async (t) => {
  const vault = await startVault(t)
  await insertKeys(vault, 'acct_a:test', 5000, 'old', 0)
  const app = Fastify()
  removeOldKeys(app, vault.db, { keepFor: 24 * hour * 1000, intervalMs: 1 })
  await app.ready()
  t.ok(await until(async () => (await keysOf(vault)).length < 5000))
  await app.close()
  const left = (await keysOf(vault)).length
  t.ok(left > 0, 'not all of them')
  let asked = 0
  vault.db.pool.on('acquire', () => asked++)
  await new Promise((resolve) => setTimeout(resolve, 150))
  t.equal(asked, 0, 'the database is left alone')
  t.equal((await keysOf(vault)).length, left)
})

/** As many keys as told, whose names are numbered. */
async function insertKeys(
  { db }: Pick<TestVault, 'db'>,
  account: string,
  count: number,
  name: string,
  created: number
): Promise<void> {
  await db.pool.query(
    `insert into payment_vault.idempotency_keys
       (account_id, key, created, endpoint, parameters, request_id, version)
     select $1, $2 || n, $3, '/v1/customers', '', 'req_0', '2022-11-15' from generate_series(1, $4::int) n`,
    [account, name, created, count]
  )
}

async function keysOf(vault: TestVault): Promise<string[]> {
  const found = await vault.db.pool.query<{ key: string }>(
    `select account_id || ' ' || key as key from payment_vault.idempotency_keys order by account_id, key`
  )
  return found.rows.map(({ key }) => key)
}

/** How many blocks of the keys' table and its indexes were looked at so far. */
async function blocksRead(pool: pg.Pool): Promise<number> {
  await pool.query('select pg_stat_force_next_flush()')
  const found = await pool.query<{ n: string }>(
    `select heap_blks_read + heap_blks_hit + idx_blks_read + idx_blks_hit as n
     from pg_statio_user_tables where relname = 'idempotency_keys'`
  )
  return Number(found.rows[0]?.n)
}
