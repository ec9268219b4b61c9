import { build } from 'esbuild'
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { readdir, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import t, { type Test } from 'tap'
import { checkMigrations, migrate, migrationStatus } from '../../src/storage/migrations/migrate'
import { MigrationError } from '../../src/storage/migrations/migration-error'
import { newDatabase } from '../helpers/database/database'
import type { MigratingJob } from '../helpers/database/migrating-process'
import { untracked } from '../helpers/untracked'

const schema = 'payment_vault'

// A hundred processes are started and killed below.
t.setTimeout(300_000)
// Some of the tests are seconds of waiting.
t.jobs = 2

// Nobody could run the insert twice unseen: each file leaves one row for each time that it ran.
const runs = 'create table payment_vault.runs (file bigint not null);\n'
const ran = (file: number): string => `insert into payment_vault.runs (file) values (${file});\n`
const three = { '0001_runs.sql': runs + ran(1), '0002_second.sql': ran(2), '0003_third.sql': ran(3) }
const names = Object.keys(three)

t.test('the package applies its own migrations to an empty database, once', async (t) => {
  const { pool } = await newDatabase(t, { empty: true })
  const all = (await readdir(join(__dirname, '../../migrations'), { recursive: true })).sort()
  const own = all.filter((name) => name.endsWith('.sql'))
  t.same(await migrate(pool, { schema }), own)
  t.same(await migrate(pool, { schema }), [])
  await checkMigrations(pool, { schema })
})

t.test('files are applied in order, and a second run applies only what is new', async (t) => {
  const { pool } = await newDatabase(t, { empty: true })
  const folder = folderOf(t, three)
  t.same(await migrate(pool, { schema, folder }), names)
  t.same(await migrate(pool, { schema, folder }), [])
  await writeFile(join(folder, '0004_fourth.sql'), ran(4))
  t.same(await migrate(pool, { schema, folder }), ['0004_fourth.sql'])
  t.same(await runsIn(pool), [1, 2, 3, 4])
})

const answer = (revision: number, text: string): string => `-- revision ${revision}
create or replace function payment_vault.answer() returns text language sql as $$ select '${text}' $$;
`
const other = answer(1, 'other').replace('answer()', 'other()')

t.test('a file of functions is applied again when it changed, and no other one', async (t) => {
  const { pool } = await newDatabase(t, { empty: true })
  const answers = async () =>
    (await pool.query<{ answer: string }>('select payment_vault.answer()')).rows[0]?.answer
  const withFunctions = (text: string) =>
    folderOf(t, { ...three, 'functions/answer.sql': text, 'functions/other.sql': other })
  const first = withFunctions(answer(1, 'first'))
  t.same(await migrate(pool, { schema, folder: first }), [
    ...names,
    'functions/answer.sql',
    'functions/other.sql'
  ])
  t.same(await migrate(pool, { schema, folder: first }), [])

  const second = withFunctions(answer(2, 'second'))
  t.same((await migrationStatus(pool, { schema, folder: second })).pending, ['functions/answer.sql'])
  await t.rejects(checkMigrations(pool, { schema, folder: second }), {
    name: 'MigrationError',
    message: 'The schema "payment_vault" is behind this code and needs migrating: functions/answer.sql.'
  })
  t.same(await migrate(pool, { schema, folder: second }), ['functions/answer.sql'])
  t.equal(await answers(), 'second')

  // A server of the version before goes on, and does not bring its own function back.
  await checkMigrations(pool, { schema, folder: first })
  t.same(await migrate(pool, { schema, folder: first }), [])
  t.equal(await answers(), 'second')
  t.same(await migrate(pool, { schema, folder: withFunctions(answer(2, 'corrected')) }), [
    'functions/answer.sql'
  ])
  t.equal(await answers(), 'corrected')
})

t.test('a file of functions that fails leaves the functions and their records as they were', async (t) => {
  const { pool } = await newDatabase(t, { empty: true })
  await migrate(pool, {
    schema,
    folder: folderOf(t, { ...three, 'functions/answer.sql': answer(1, 'first') })
  })
  const broken = {
    ...three,
    'functions/answer.sql': answer(2, 'second'),
    'functions/other.sql': '-- revision 1\nselect 1/0;'
  }
  await t.rejects(migrate(pool, { schema, folder: folderOf(t, broken) }), {
    name: 'MigrationError',
    message: 'The migration functions/other.sql failed: division by zero'
  })
  t.same((await pool.query('select payment_vault.answer()')).rows, [{ answer: 'first' }])
  t.match((await pool.query('select name, revision from payment_vault.function_files')).rows, [
    { name: 'functions/answer.sql', revision: 1 }
  ])
})

t.test('any schema name will do, and two of them live in one database', async (t) => {
  const { pool } = await newDatabase(t, { empty: true })
  const folder = folderOf(t, three)
  for (const name of ['billing', 'Our "own" vault', 'select']) {
    t.same(await migrate(pool, { schema: name, folder }), names)
    await checkMigrations(pool, { schema: name, folder })
    t.same(await runsIn(pool, pg.escapeIdentifier(name)), [1, 2, 3])
  }
})

t.test(
  'a file that was applied and then changed is refused by name; line endings do not count',
  async (t) => {
    const { pool } = await newDatabase(t, { empty: true })
    await migrate(pool, { schema, folder: folderOf(t, three) })
    const windows = Object.fromEntries(
      Object.entries(three).map(([name, sql]) => [name, sql.replaceAll('\n', '\r\n')])
    )
    t.same(await migrate(pool, { schema, folder: folderOf(t, windows) }), [])

    const folder = folderOf(t, {
      ...three,
      '0002_second.sql': `${ran(2)}-- and a word more`,
      '0004_fourth.sql': ran(4)
    })
    const sentence =
      'The migration 0002_second.sql was changed after the schema "payment_vault" had applied it.'
    await refused(t, migrate(pool, { schema, folder }), sentence)
    await refused(t, checkMigrations(pool, { schema, folder }), sentence)
    t.same(await runsIn(pool), [1, 2, 3], 'and what comes after it is not applied')
  }
)

t.test('a database newer than the code is refused, by the name of what the code does not know', async (t) => {
  const { pool } = await newDatabase(t, { empty: true })
  await migrate(pool, { schema, folder: folderOf(t, three) })
  const folder = folderOf(t, { '0001_runs.sql': runs + ran(1), '0002_second.sql': ran(2) })
  const sentence =
    'The schema "payment_vault" is newer than this code, which does not know its 0003_third.sql.'
  await refused(t, migrate(pool, { schema, folder }), sentence)
  await refused(t, checkMigrations(pool, { schema, folder }), sentence)
})

t.test('a failing file leaves neither its changes nor its record, and is named', async (t) => {
  const { pool } = await newDatabase(t, { empty: true })
  const broken = {
    ...three,
    '0002_second.sql': `${ran(2)}create table payment_vault.half (id bigint);\nselect 1 / 0;\n`
  }
  await refused(
    t,
    migrate(pool, { schema, folder: folderOf(t, broken) }),
    'The migration 0002_second.sql failed: division by zero'
  )
  t.same(await runsIn(pool), [1])
  const { rows } = await pool.query<{ half: string | null }>(
    "select to_regclass('payment_vault.half') as half"
  )
  t.same(rows, [{ half: null }])
  t.same(await migrate(pool, { schema, folder: folderOf(t, three) }), ['0002_second.sql', '0003_third.sql'])
})

t.test('the folder is refused when', async (t) => {
  const { pool } = await newDatabase(t, { empty: true })
  const cases: [why: string, files: Record<string, string>, message: string][] = [
    ['a number is missing', { '0001_a.sql': '', '0003_c.sql': '' }, numbered('0003_c.sql', '0002')],
    ['a number is there twice', { '0001_a.sql': '', '0001_b.sql': '' }, numbered('0001_b.sql', '0002')],
    ['a number is short', { '1_a.sql': '' }, numbered('1_a.sql', '0001')]
  ]
  for (const [why, files, message] of cases)
    await t.test(why, async (t) => {
      await refused(t, migrate(pool, { schema, folder: folderOf(t, files) }), message)
    })
  await t.test('it is empty or not there', async (t) => {
    const folder = folderOf(t, { 'README.md': 'Nothing here.', 'optional.sql': 'select 1' })
    await refused(t, checkMigrations(pool, { schema, folder }), `The folder ${folder} has no migrations.`)
    await refused(
      t,
      migrate(pool, { schema, folder: join(folder, 'no') }),
      /^The folder of the migrations can't be read: ENOENT/
    )
  })
})

t.test('a role that may create nothing', async (t) => {
  const { pool, url } = await newDatabase(t, { empty: true })
  const role = `payment_vault_test_${process.pid}`
  await pool.query(`create role ${role}`)
  const poor = new pg.Pool({ connectionString: url, options: `-c role=${role}` })
  t.teardown(async () => {
    await poor.end()
    await pool.query(`drop owned by ${role}`)
    await pool.query(`drop role ${role}`)
  })
  const folder = folderOf(t, three)
  const more = folderOf(t, { ...three, '0004_more.sql': 'create table payment_vault.more (id bigint);' })

  await t.test(
    'sees the status of an empty database, and in one sentence that it can not migrate it',
    async (t) => {
      t.same(await migrationStatus(poor, { schema, folder }), { applied: [], pending: names })
      await refused(
        t,
        migrate(poor, { schema, folder }),
        /^The schema "payment_vault" can't be created: permission denied for database \w+$/
      )
    }
  )

  await migrate(pool, { schema, folder })
  await t.test('is told in one sentence when it may not read the schema', async (t) => {
    const sentence = 'The schema "payment_vault" can\'t be read: permission denied for schema payment_vault'
    await refused(t, migrate(poor, { schema, folder }), sentence)
    await refused(t, checkMigrations(poor, { schema, folder }), sentence)
  })

  await pool.query(`grant usage on schema payment_vault to ${role}`)
  await pool.query(`grant select on payment_vault.migrations, payment_vault.function_files to ${role}`)
  await t.test('migrates and checks a schema that is up to date', async (t) => {
    t.same(await migrate(poor, { schema, folder }), [])
    await checkMigrations(poor, { schema, folder })
    t.equal((await migrationStatus(poor, { schema, folder })).applied.length, 3)
  })
  await t.test('is told in one sentence when the schema is behind', async (t) => {
    await refused(
      t,
      checkMigrations(poor, { schema, folder: more }),
      'The schema "payment_vault" is behind this code and needs migrating: 0004_more.sql.'
    )
    await refused(
      t,
      migrate(poor, { schema, folder: more }),
      /^The migration 0004_more.sql failed: permission denied for table migration_lock$/
    )
  })
  await t.test('that owns the schema needs no right to create one', async (t) => {
    await pool.query(`create schema own authorization ${role}`)
    t.same(await migrate(poor, { schema: 'own', folder: more }), [...names, '0004_more.sql'])
  })
})

t.test('the status tells what was applied when and what is pending, and changes nothing', async (t) => {
  const { pool } = await newDatabase(t, { empty: true })
  const folder = folderOf(t, three)
  t.same(await migrationStatus(pool, { schema, folder }), { applied: [], pending: names })
  const { rowCount } = await pool.query("select 1 from pg_namespace where nspname = 'payment_vault'")
  t.equal(rowCount, 0)
  await refused(
    t,
    checkMigrations(pool, { schema, folder }),
    `The schema "payment_vault" is behind this code and needs migrating: ${names.join(', ')}.`
  )

  const before = Date.now()
  await migrate(pool, { schema, folder })
  await writeFile(join(folder, '0004_fourth.sql'), ran(4))
  const { applied, pending } = await migrationStatus(pool, { schema, folder })
  t.same(
    applied.map(({ name }) => name),
    names
  )
  t.ok(applied.every(({ applied }) => applied.getTime() >= before && applied.getTime() <= Date.now()))
  t.same(pending, ['0004_fourth.sql'])
})

const concurrently = `-- no transaction
drop index concurrently if exists payment_vault.runs_file;
create unique index concurrently runs_file on payment_vault.runs (file);
`

t.test('a file marked "no transaction"', async (t) => {
  const { pool, url } = await newDatabase(t, { empty: true })
  const folder = folderOf(t, { '0001_runs.sql': runs + ran(1), '0002_index.sql': concurrently })

  await t.test('needs no second connection of a pool of one', async (t) => {
    const single = new pg.Pool({ connectionString: url, max: 1 })
    t.teardown(() => single.end())
    t.same(await migrate(single, { schema, folder }), ['0001_runs.sql', '0002_index.sql'])
    t.ok(await indexIsValid(pool))
  })
  await t.test('fails by name, is not recorded, and runs again when what it met is gone', async (t) => {
    await pool.query("delete from payment_vault.migrations where name = '0002_index.sql'")
    await pool.query(`drop index payment_vault.runs_file; ${ran(1)}`)
    await refused(
      t,
      migrate(pool, { schema, folder }),
      'The migration 0002_index.sql failed: could not create unique index "runs_file"'
    )
    t.same((await migrationStatus(pool, { schema, folder })).pending, ['0002_index.sql'])
    await pool.query('delete from payment_vault.runs')
    t.same(await migrate(pool, { schema, folder }), ['0002_index.sql'])
    t.ok(await indexIsValid(pool))
  })
})

t.test('the lock', async (t) => {
  const { pool, url } = await newDatabase(t, { empty: true })
  await migrate(pool, { schema, folder: folderOf(t, { '0001_runs.sql': runs + ran(1) }) })
  const folder = folderOf(t, three)

  await t.test('is waited for as long as patience lasts', async (t) => {
    const other = await pool.connect()
    await other.query('begin; select id from payment_vault.migration_lock for update')
    await refused(
      t,
      migrate(pool, { schema, folder, patience: 200 }),
      'Another process has been migrating the schema "payment_vault" for 0.2 s.'
    )
    const migrated = migrate(pool, { schema, folder })
    await sleep(200)
    await other.query('rollback')
    other.release()
    t.same(await migrated, ['0002_second.sql', '0003_third.sql'])
  })
  await t.test('is followed by a fresh look whatever the role has as its isolation level', async (t) => {
    const level =
      "create table payment_vault.level as select current_setting('transaction_isolation') as level"
    const strict = new pg.Pool({ connectionString: url, max: 1, options: serializable })
    t.teardown(() => strict.end())
    const before = await settings(strict)
    await migrate(strict, { schema: 'other', folder: folderOf(t, { '0001_level.sql': level }) })
    t.same((await pool.query('select level from other.level')).rows, [{ level: 'read committed' }])
    t.same(await settings(strict), before, 'and nothing is left behind in the session')
  })
})

t.test('a migration that needs a table which somebody uses', async (t) => {
  const outside = `-- no transaction\n${ran(2)}alter table payment_vault.runs add column if not exists note text;\n`
  const files = {
    'in one transaction': { ...three, '0002_second.sql': `${ran(2)}lock table payment_vault.runs;\n` },
    'outside of one': { ...three, '0002_second.sql': outside }
  }
  for (const [where, texts] of Object.entries(files)) {
    const { pool } = await newDatabase(t, { empty: true })
    await migrate(pool, { schema, folder: folderOf(t, { '0001_runs.sql': runs + ran(1) }) })
    const folder = folderOf(t, texts)
    const other = await pool.connect()
    await other.query('begin; select from payment_vault.runs')

    await t.test(`${where} gives up when patience ends, by name`, async (t) => {
      await refused(
        t,
        migrate(pool, { schema, folder, patience: 100 }),
        'The migration 0002_second.sql failed: a table that it changes has been in use for 0.1 s.'
      )
      await pool.query('delete from payment_vault.runs where file = 2')
    })

    await t.test(`${where} lets others pass, and is applied once it may`, async (t) => {
      const said: string[] = []
      const migrated = migrate(pool, { schema, folder, say: (line) => said.push(line) })
      const queued = `select from pg_locks
        where not granted and mode = 'AccessExclusiveLock' and relation = 'payment_vault.runs'::regclass`
      while ((await other.query(queued)).rowCount === 0) await sleep(10)
      await pool.query(ran(4))
      while ((await other.query(queued)).rowCount !== 0) await sleep(10)
      await other.query('rollback')
      other.release()
      t.same(await migrated, ['0002_second.sql', '0003_third.sql'])
      t.same(await runsIn(pool), [1, 2, 3, 4])
      t.same(said, ['The migration 0002_second.sql waits until a table that it changes is not in use.'])
    })
  }
})

t.test('a connection that is cut in the middle is an error that the next start makes good', async (t) => {
  const { pool } = await newDatabase(t, { empty: true })
  const slow = folderOf(t, { ...three, '0002_second.sql': `${ran(2)}select pg_sleep(60);\n` })
  const migrated = migrate(pool, { schema, folder: slow })
  const failed = refused(t, migrated, /^The migration 0002_second.sql failed: /)
  const cut = `select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and query like '%pg_sleep(60)%' and pid <> pg_backend_pid()`
  while ((await pool.query(cut)).rowCount === 0) await sleep(20)
  await failed
  t.same(await migrate(pool, { schema, folder: folderOf(t, three) }), ['0002_second.sql', '0003_third.sql'])
  t.same(await runsIn(pool), [1, 2, 3])
})

// As slow as a real one, so that processes meet and a kill finds something to interrupt.
const slow = {
  '0001_runs.sql': `${runs}select pg_sleep(0.02);\n${ran(1)}`,
  '0002_index.sql': concurrently,
  '0003_third.sql': `${ran(3)}create table payment_vault.third (id bigint);\nselect pg_sleep(0.02);\n`,
  '0004_fourth.sql': `create table payment_vault.fourth (id bigint);\nselect pg_sleep(0.02);\n${ran(4)}`
}
const slowNames = Object.keys(slow)

t.test('calls that create the schema at the same moment all come up', async (t) => {
  const { pool } = await newDatabase(t, { empty: true })
  const folder = folderOf(t, three)
  // Connected beforehand, so that they meet in the catalogue.
  await Promise.all(Array.from({ length: 8 }, () => pool.query('select pg_sleep(0.05)')))
  for (let n = 1; n <= 5; n++) {
    const schema = `race_${n}`
    const applied = await Promise.all(Array.from({ length: 8 }, () => migrate(pool, { schema, folder })))
    t.same(applied.flat().sort(), names)
    t.same(await runsIn(pool, schema), [1, 2, 3])
  }
})

t.test('of twenty processes that start at once on an empty database', async (t) => {
  const { pool, url } = await newDatabase(t, { empty: true })
  const start = await processes(t)
  const folder = folderOf(t, slow)
  const children = await Promise.all(Array.from({ length: 20 }, start))
  const applied = await Promise.all(children.map((child) => migrateIn(child, { url, schema, folder })))
  t.same(applied.flat().sort(), slowNames, 'each comes up, and each migration was applied by one of them')
  t.same(await runsIn(pool), [1, 3, 4], 'and ran once')
  t.ok(await indexIsValid(pool))
})

t.test('after a kill at any moment the next start completes, 100 times', async (t) => {
  const start = await processes(t)
  const folder = folderOf(t, slow)
  const lanes = await Promise.all(Array.from({ length: 4 }, () => newDatabase(t, { empty: true })))
  let halfWay = 0

  const round = async (pool: pg.Pool, url: string, schema: string, duration: number): Promise<void> => {
    const child = await start()
    const exited = once(child, 'exit')
    child.send({ url, schema, folder })
    await sleep(Math.random() * duration)
    child.kill('SIGKILL')
    await exited
    const applied = await migrate(pool, { schema, folder })
    if (applied.length > 0 && applied.length < slowNames.length) halfWay++
    t.same((await migrationStatus(pool, { schema, folder })).pending, [], { schema })
    t.same(await runsIn(pool, schema), [1, 3, 4], { schema })
    t.ok(await indexIsValid(pool, schema), { schema })
  }
  await Promise.all(
    lanes.map(async ({ pool, url }) => {
      const child = await start()
      const began = Date.now()
      await migrateIn(child, { url, schema: 'unharmed', folder })
      const duration = Date.now() - began
      // More where the machine is busy with others, so that few kills come between two migrations.
      for (let n = 1; n <= 25 || (halfWay < 20 && n <= 75); n++)
        await round(pool, url, `round_${n}`, duration)
    })
  )
  t.comment(`${halfWay} were killed between the first and the last migration`)
  t.ok(halfWay >= 20, 'and the kills met migrations')
})

async function refused(t: Test, call: Promise<unknown>, sentence: string | RegExp): Promise<void> {
  const error = await call.then(
    () => undefined,
    (error: unknown) => error
  )
  if (!(error instanceof MigrationError)) t.fail('no MigrationError', { error })
  else if (typeof sentence === 'string') t.equal(error.message, sentence)
  else t.match(error.message, sentence)
}

const numbered = (name: string, number: string): string =>
  `Migrations are numbered without gaps and duplicates, but ${name} is where ${number} belongs.`

function folderOf(t: Test, files: Record<string, string>): string {
  const folder = mkdtempSync(join(tmpdir(), 'payment-vault-migrations-'))
  t.teardown(() => {
    rmSync(folder, { recursive: true })
  })
  for (const [name, sql] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), sql)
  }
  return folder
}

async function runsIn(pool: pg.Pool, schema = 'payment_vault'): Promise<number[]> {
  const { rows } = await pool.query<{ file: string }>(`select file from ${schema}.runs order by file`)
  return rows.map(({ file }) => Number(file))
}

async function indexIsValid(pool: pg.Pool, schema = 'payment_vault'): Promise<boolean> {
  const { rows } = await pool.query<{ indisvalid: boolean }>(
    `select indisvalid from pg_index where indexrelid = '${schema}.runs_file'::regclass`
  )
  return rows[0]?.indisvalid ?? false
}

const serializable = '-c default_transaction_isolation=serializable'

/** Every setting that was made in the session of a pool of one. */
async function settings(pool: pg.Pool): Promise<{ name: string; setting: string }[]> {
  const changed = "select name, setting from pg_settings where source = 'session' order by name"
  return (await pool.query<{ name: string; setting: string }>(changed)).rows
}

/**
 * Starts processes that migrate when they are told to. They run one plain file, built here once: loading TypeScript
 * would take longer than the whole of a round.
 */
async function processes(t: Test): Promise<() => Promise<ChildProcess>> {
  const folder = folderOf(t, {})
  const outfile = join(folder, 'migrating-process.js')
  const entry = join(__dirname, '../helpers/database/migrating-process.ts')
  await build({ entryPoints: [entry], outfile, bundle: true, platform: 'node', external: ['pg-native'] })
  const started = new Set<ChildProcess>()
  t.teardown(() => {
    for (const child of started) child.kill('SIGKILL')
  })
  return async () => {
    const child = spawn(...untracked(process.execPath, [outfile]), {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc']
    })
    started.add(child)
    child.once('exit', () => started.delete(child))
    await once(child, 'message')
    return child
  }
}

async function migrateIn(child: ChildProcess, job: MigratingJob): Promise<string[]> {
  child.send(job)
  const [answer] = (await once(child, 'message')) as [{ applied: string[] } | { failed: string }]
  if ('failed' in answer) throw new Error(answer.failed)
  return answer.applied
}
