import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import t, { type Test } from 'tap'
import { isFingerprintKey, readSettings } from '../../src/server/settings'
import {
  type Cli,
  launch,
  type Finished,
  newFolder,
  processesOf,
  runCli,
  slowRequest,
  startCli,
  until
} from '../helpers/server/cli'
import { databaseUrl, onServer } from '../helpers/database/cluster'
import { newDatabase } from '../helpers/database/database'
import { pageSample } from '../helpers/document/page-sample'

const run = promisify(execFile)
const isRoot = process.getuid?.() === 0

// Much of this is waiting for programs to start, so a few go side by side.
t.jobs = 3
t.setTimeout(300_000)
// A new one each time: tap writes into it.
const side = () => ({ buffered: true, timeout: 300_000 })

/** Runs a line as it would be pasted. A machine without curl sends what the line says all the same, and says so. */
const shell = async (line: string): Promise<string> => {
  const hasCurl = await run('sh', ['-c', 'command -v curl']).catch(() => undefined)
  // What follows a pipe is what a newcomer sees; the progress curl shows on stderr is not.
  if (hasCurl) return (await run('sh', ['-c', line])).stdout
  t.comment('curl is not installed here: fetch sends the line in its place')
  const [, url = '', user = '', body = ''] = /^curl (\S+) -u (\S+) -d (\S+)$/.exec(line) ?? []
  const headers = {
    authorization: `Basic ${Buffer.from(user).toString('base64')}`,
    'content-type': 'application/x-www-form-urlencoded'
  }
  return (await fetch(url, { method: 'POST', headers, body })).text()
}

const status = async (url: string, key: string): Promise<number> =>
  (await fetch(`${url}/v1/customers`, { headers: { authorization: `Bearer ${key}` } })).status

const refused = ({ code, stdout, stderr }: Finished) => ({ code, stdout, lines: stderr.split('\n').length })
const oneSentence = { code: 1, stdout: '', lines: 2 }

t.test('on its own Postgres', side(), async (t) => {
  const data = join(await newFolder(t), 'data')
  const settings = { PAYMENT_VAULT_DATA: data }
  const first = await startCli(t, settings)

  await t.test('the first start shows address, key and a line that works when pasted', async (t) => {
    t.match(first.url, /^http:\/\/127\.0\.0\.1:\d+$/)
    t.match(first.key, /^sk_test_\w{24}$/)
    t.match(first.stdout, `data        ${data} `)
    t.equal(await shell(first.curl), pageSample)
    t.equal(first.stderr, '')
    t.match(first.stdout, `docs        ${first.url}/docs\n`)
    t.equal((await fetch(`${first.url}/docs`)).status, 200)
  })
  await t.test('the key is kept for its owner alone, and in the database only its hash', async (t) => {
    t.equal((await readFile(join(data, 'secret-key'), 'utf8')).trim(), first.key)
    for (const name of ['secret-key', 'fingerprint-key']) {
      t.equal((await stat(join(data, name))).mode & 0o777, 0o600)
    }
    const { stdout } = await runCli(['keys', 'list'], settings)
    t.notMatch(stdout, first.key)
    t.match(stdout, `${first.key.slice(0, 8)}${'*'.repeat(20)}${first.key.slice(-4)}`)
  })
  await t.test('health needs no key, and everything unknown is the wire’s 404', async (t) => {
    const health = await fetch(`${first.url}/health`)
    t.same([health.status, await health.json()], [200, { status: 'ok' }])
    for (const path of ['/', '/v1', '/nope?a=b', '/health/x']) {
      const answer = await fetch(first.url + path)
      t.equal(answer.status, 404)
      t.match(await answer.json(), {
        error: {
          type: 'invalid_request_error',
          message: `Unrecognized request URL (GET: ${path.split('?', 1)[0] ?? ''}).`
        }
      })
    }
    const bad = await fetch(`${first.url}/v1/customers/%zz`)
    t.equal(bad.status, 400)
    t.match(await bad.json(), { error: { type: 'invalid_request_error' } })
    const long = await fetch(`${first.url}/v1/customers/${'x'.repeat(4000)}`, {
      headers: { authorization: `Bearer ${first.key}` }
    })
    t.equal(long.status, 404)
    t.match(await long.json(), { error: { code: 'resource_missing' } })
  })
  await t.test('keys are made, listed and revoked while the server runs', async (t) => {
    const [secret, publishable, live] = await Promise.all([
      runCli(['keys', 'create'], settings),
      runCli(['keys', 'create', '--publishable'], settings),
      runCli(['keys', 'create', '--live'], settings)
    ])
    t.match(secret.stdout, /^sk_test_\w{24}\n$/)
    t.match(publishable.stdout, /^pk_test_\w{24}\n$/)
    t.match(live.stdout, /^sk_live_\w{24}\n$/)
    const key = secret.stdout.trim()
    t.equal(await status(first.url, key), 200)

    const list = (await runCli(['keys', 'list'], settings)).stdout
    t.match(list, /^id +account +mode +kind +hint +created +last used +expires +revoked +allowed\n/)
    t.equal(list.trim().split('\n').length, 5)
    const row = list.split('\n').find((line) => line.includes(`*${key.slice(-4)} `)) ?? ''
    t.match(row, /^key_\w+ +acct_\w+ +test +secret +sk_test_\*+\w{4} +20\S+Z +\S+ +- +- +-$/)
    const accounts = new Set(list.match(/acct_\w+/g))
    t.equal(accounts.size, 1)

    // While there is one, this server would not start again.
    const ofLive = list.split('\n').find((line) => line.includes('sk_live_')) ?? ''
    t.match(
      live.stderr,
      /With these settings, the server refuses live keys and does not start\. In live mode /
    )
    const [id = ''] = row.split(' ')
    t.equal((await runCli(['keys', 'revoke', ofLive.split(' ', 1)[0] ?? ''], settings)).code, 0)
    const account = [...accounts][0] ?? ''
    const [revoked, unknown, nobody, named] = await Promise.all([
      runCli(['keys', 'revoke', id], settings),
      runCli(['keys', 'revoke', 'key_nope'], settings),
      runCli(['keys', 'create', '--account', 'acct_nope'], settings),
      runCli(['keys', 'create', '--account', account], settings)
    ])
    t.match(revoked, { code: 0, stdout: new RegExp(`^Revoked ${id}\\.`) })
    t.match(unknown, { code: 1, stderr: /^There is no key key_nope: .*\n$/ })
    t.match(nobody, { code: 1, stdout: '', stderr: /^There is no account acct_nope\.\n$/ })
    t.equal(await status(first.url, named.stdout.trim()), 200)
    // Those commands took longer than most, but the server may have seen the key until this moment.
    t.ok(await until(async () => (await status(first.url, key)) === 401))
    t.match((await runCli(['keys', 'list'], settings)).stdout, new RegExp(`${id} .* 20\\S+Z .* 20\\S+Z +-\n`))
  })
  await t.test('migrate and status join the running server’s database', async (t) => {
    const [migrated, told] = await Promise.all([runCli(['migrate'], settings), runCli(['status'], settings)])
    t.match(migrated, { code: 0, stdout: /^Nothing to do: / })
    t.match(told, { code: 0, stdout: /^schema "payment_vault" in .*\n20\S+Z {2}0001_accounts\.sql\n/ })
  })
  await t.test('a second server on the folder is refused, and so is a port in use', async (t) => {
    const other = { PAYMENT_VAULT_DATA: join(await newFolder(t), 'data'), PORT: new URL(first.url).port }
    const [sameFolder, samePort] = await Promise.all([runCli([], settings), runCli(['start'], other)])
    t.match(sameFolder.stderr, /^Another server is running on /)
    t.same(refused(sameFolder), oneSentence)
    t.match(samePort.stderr, /^Port \d+ on 127\.0\.0\.1 is in use: set PORT to another port, or to 0/)
    t.same(refused(samePort), oneSentence)
    t.equal(processesOf(other.PAYMENT_VAULT_DATA), 0)
    t.equal(await status(first.url, first.key), 200)
  })
  await t.test('SIGTERM lets a running request finish, takes no more, and stops Postgres', async (t) => {
    const slow = await slowRequest(first.url, first.key)
    const asked = Date.now()
    first.node.kill('SIGTERM')
    t.ok(
      await until(() =>
        fetch(first.url)
          .then(() => false)
          .catch(() => true)
      )
    )
    slow.finish()
    await slow.closed
    t.match(slow.answer, /^HTTP\/1\.1 200 OK\r\n[^]*"name": "Slow"/)
    t.match(await first.finished, { code: 0, stderr: '' })
    // It does not wait for what the client might want next on that connection.
    t.ok(Date.now() - asked < 5000)
    t.equal(processesOf(data), 0)
  })
  await t.test('keys and status work without a server too, and leave none behind', async (t) => {
    const { code, stdout } = await runCli(['keys', 'create'], settings)
    t.match(stdout, /^sk_test_\w{24}\n$/)
    t.equal(code, 0)
    t.equal((await runCli(['status'], settings)).code, 0)
    t.equal(processesOf(data), 0)
  })
  await t.test('a second start has the same key and data; Ctrl-C, which npm doubles, drains', async (t) => {
    const second = await startCli(t, settings, { npm: true, detached: true })
    t.equal(second.key, first.key)
    t.equal(await shell(second.curl), pageSample)
    const list = await fetch(`${second.url}/v1/customers`, {
      headers: { authorization: `Bearer ${second.key}` }
    })
    t.match(await list.json(), { data: [{ name: 'Slow' }, { id: 'cus_NbZ8Ki3f322LNn' }] })
    const slow = await slowRequest(second.url, second.key)
    process.kill(-(second.node.pid ?? 0), 'SIGINT')
    await sleep(300)
    slow.finish()
    await slow.closed
    t.match(slow.answer, /^HTTP\/1\.1 200 OK\r\n/)
    // Its own exit code is lost: npm ends by the same signal.
    await second.finished
    t.equal(processesOf(data), 0)
  })
  await t.test('SIGTERM to npm alone drains as well: a shell between them passes nothing on', async (t) => {
    const third = await startCli(t, settings, { npm: true, detached: true })
    const slow = await slowRequest(third.url, third.key)
    third.node.kill('SIGTERM')
    await sleep(600)
    slow.finish()
    await slow.closed
    t.match(slow.answer, /^HTTP\/1\.1 200 OK\r\n/)
    t.ok(await until(() => processesOf(data) === 0))
  })
  await t.test('in the background of a shell it stays when that ends, while npm goes on', async (t) => {
    const script = 'node dist/src/cli/main.js & echo "pid $!"; sleep 3'
    const cli = await launch([], { ...settings, npm_execpath: 'npm' }, { script })
    const ended = once(cli.node, 'exit')
    const found = (pattern: RegExp): string => pattern.exec(cli.stdout)?.[1] ?? ''
    t.ok(await until(() => cli.stdout.includes('answers at ')))
    const pid = Number(found(/^pid (\d+)$/m))
    t.teardown(() => {
      if (processesOf(data) > 0) process.kill(pid, 'SIGKILL')
    })
    await ended
    await sleep(600)
    t.equal((await fetch(`${found(/answers at (\S+)/)}/health`)).status, 200)
    process.kill(pid, 'SIGTERM')
    t.ok(await until(() => processesOf(data) === 0))
  })
  await t.test('after kill -9, and after a second signal, no Postgres is left', async (t) => {
    const killed = await startCli(t, settings)
    t.ok(processesOf(data) > 0)
    killed.node.kill('SIGKILL')
    t.ok(await until(() => processesOf(data) === 0))

    const hurried = await startCli(t, settings)
    await slowRequest(hurried.url, hurried.key)
    hurried.node.kill('SIGINT')
    await sleep(700)
    const asked = Date.now()
    hurried.node.kill('SIGINT')
    t.equal((await hurried.finished).code, 130)
    t.ok(Date.now() - asked < 2000)
    t.ok(await until(() => processesOf(data) === 0))
  })
})

t.test('on a database of one’s own', side(), async (t) => {
  const folder = join(await newFolder(t), 'data')
  const { url, pool } = await newDatabase(t, { empty: true })
  const settings = { DATABASE_URL: url, PAYMENT_VAULT_DATA: folder }

  await t.test('keys and status want the migrations first', async (t) => {
    const [keys, told] = await Promise.all([runCli(['keys', 'list'], settings), runCli(['status'], settings)])
    t.match(keys.stderr, /^The schema "payment_vault" is behind this code and needs migrating: 0001_/)
    t.same(refused(keys), oneSentence)
    t.match(told, { code: 1, stdout: /\nnot applied +0001_accounts\.sql\n/, stderr: /is behind this code/ })
  })
  await t.test('two first starts end with one key and one account, and start no Postgres', async (t) => {
    const [one, two] = await Promise.all([startCli(t, settings), startCli(t, settings)])
    t.equal(one.key, two.key)
    t.equal(processesOf(folder), 0)
    t.equal(await shell(one.curl), pageSample)
    t.equal(await shell(two.curl), pageSample)
    t.match(one.stdout, /of DATABASE_URL\n/)
    t.match(one.stdout, /All servers on this database need the same keys: set PAYMENT_VAULT_SECRET_KEY and/)
    const { rows } = await pool.query('select id from payment_vault.accounts')
    t.equal(rows.length, 1)
    for (const cli of [one, two]) cli.node.kill('SIGTERM')
    t.same([(await one.finished).code, (await two.finished).code], [0, 0])
  })
  await t.test('keys from the settings are written nowhere; a revoked one is not let in again', async (t) => {
    const none = join(await newFolder(t), 'none')
    const given = {
      DATABASE_URL: url,
      PAYMENT_VAULT_DATA: none,
      PAYMENT_VAULT_SECRET_KEY: 'sk_test_chosen_by_us',
      PAYMENT_VAULT_FINGERPRINT_KEY: 'a key for tests, 32 characters ok'
    }
    const cli = await startCli(t, given)
    t.equal(cli.key, 'sk_test_chosen_by_us')
    t.equal(await status(cli.url, cli.key), 200)
    t.notMatch(cli.stdout, /All servers on this database/)
    await t.rejects(stat(none), { code: 'ENOENT' })
    cli.node.kill('SIGTERM')
    await cli.finished

    const { rows } = await pool.query<{ id: string }>(
      "select id from payment_vault.api_keys where hint like '%y_us'"
    )
    t.equal((await runCli(['keys', 'revoke', rows[0]?.id ?? ''], settings)).code, 0)
    const again = await startCli(t, given)
    t.match(again.stdout, /secret key {2}the key in PAYMENT_VAULT_SECRET_KEY is revoked or expired\n/)
    t.equal(again.curl, '')
    t.equal(await status(again.url, 'sk_test_chosen_by_us'), 401)
    t.notMatch(again.stdout, 'sk_test_chosen_by_us')
  })
  await t.test('without the database health is 503, with it again 200', async (t) => {
    const cli = await startCli(t, settings)
    const health = async () => (await fetch(`${cli.url}/health`)).status
    t.equal(await health(), 200)
    const name = /\/(\w+)\?/.exec(`${url}?`)?.[1] ?? ''
    const admin = databaseUrl(url, 'postgres')
    await onServer(
      admin,
      `alter database ${name} with allow_connections false`,
      `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${name}'`
    )
    t.equal(await health(), 503)
    await onServer(admin, `alter database ${name} with allow_connections true`)
    t.equal(await health(), 200)
  })
  await t.test('logs tell neither keys nor queries', async (t) => {
    const cli = await startCli(t, { ...settings, LOG_LEVEL: 'trace' })
    await fetch(`${cli.url}/v1/customers?email=jane@example.com`, {
      headers: { authorization: `Bearer ${cli.key}` }
    })
    await fetch(`${cli.url}/nope?email=jane@example.com`)
    await fetch(`${cli.url}/v1/customers/%34242%204242%204242%204242`)
    await fetch(`${cli.url}/v1/customers/98765432`)
    t.ok(await until(() => cli.stdout.includes('"path":"/nope"')))
    t.ok(await until(() => cli.stdout.includes('"path":"/v1/customers/**** **** **** 4242"')))
    t.ok(await until(() => cli.stdout.includes('"path":"/v1/customers/****5432"')))
    const log = cli.stdout.split('\n').filter((line) => line.startsWith('{'))
    t.ok(log.some((line) => line.includes('"path":"/v1/customers"')))
    t.notMatch(log.join('\n'), /jane|sk_test/)
  })
  await t.test('a schema that is newer, or was changed, is refused in one sentence', async (t) => {
    const record = "insert into payment_vault.migrations values ('9999_later.sql', 'x', now())"
    await pool.query(record)
    const newer = await runCli([], settings)
    t.match(newer.stderr, /newer than this code, which does not know its 9999_later\.sql/)
    t.same(refused(newer), oneSentence)
    await pool.query("delete from payment_vault.migrations where name like '9999%'")
    await pool.query("update payment_vault.migrations set checksum = 'x' where name like '0001%'")
    const changed = await runCli([], settings)
    t.match(changed.stderr, /^The migration 0001_accounts\.sql was changed after/)
    t.same(refused(changed), oneSentence)
  })
})

t.test('what cannot start says why in one sentence', side(), async (t) => {
  await t.test('a database that cannot be reached, or is not there', async (t) => {
    const { url } = await newDatabase(t)
    const folder = join(await newFolder(t), 'data')
    const [nobody, unknown] = await Promise.all(
      ['postgresql://x:secret-word@127.0.0.1:1/y', url.replace('/vault_', '/no_vault_')].map((DATABASE_URL) =>
        runCli([], { DATABASE_URL, PAYMENT_VAULT_DATA: folder })
      )
    )
    for (const finished of [nobody, unknown]) {
      if (!finished) continue
      t.match(finished.stderr, /^The database of DATABASE_URL cannot be reached: /)
      t.notMatch(finished.stderr, /secret-word/)
      t.same(refused(finished), oneSentence)
    }
    t.match(nobody?.stderr, /ECONNREFUSED/)
    t.match(unknown?.stderr, /does not exist/)
  })
  await t.test('a data folder that cannot be written', async (t) => {
    const folder = await newFolder(t)
    const { url } = await newDatabase(t)
    const inFile = join(folder, 'file', 'data')
    await writeFile(join(folder, 'file'), '')
    const [embedded, own] = await Promise.all([
      runCli([], { PAYMENT_VAULT_DATA: inFile }),
      runCli([], { PAYMENT_VAULT_DATA: inFile, DATABASE_URL: url })
    ])
    t.match(embedded.stderr, /PAYMENT_VAULT_DATA/)
    t.match(own.stderr, /^The file .*secret-key cannot be used: set PAYMENT_VAULT_SECRET_KEY or another/)
    for (const finished of [embedded, own]) t.same(refused(finished), oneSentence)

    // To root nothing is closed, so somebody else has to try.
    const closed = join(folder, 'closed')
    await mkdir(closed, { mode: isRoot ? 0o755 : 0o555 })
    const other = await runCli(
      [],
      { PAYMENT_VAULT_DATA: join(closed, 'data') },
      isRoot ? { uid: 65534, gid: 65534 } : {}
    )
    t.match(other.stderr, /^The data folder .* cannot be used \(EACCES/)
    t.same(refused(other), oneSentence)
  })
  await t.test('a kept key that was spoiled, and an address that is not ours', async (t) => {
    const folder = await newFolder(t)
    const { url } = await newDatabase(t)
    await writeFile(join(folder, 'secret-key'), 'nonsense\n')
    const settings = { PAYMENT_VAULT_DATA: folder, DATABASE_URL: url }
    const [spoiled, elsewhere] = await Promise.all([
      runCli([], settings),
      runCli([], {
        ...settings,
        PAYMENT_VAULT_SECRET_KEY: 'sk_test_12345678',
        HOST: '192.0.2.1',
        LOG_LEVEL: 'error'
      })
    ])
    t.match(spoiled.stderr, /^The file .*secret-key holds no valid secret/)
    t.match(elsewhere.stderr, /^HOST is "192\.0\.2\.1", which is not an address of this machine\.\n$/)
    for (const finished of [spoiled, elsewhere]) t.same(refused(finished), oneSentence)
  })
  await t.test('settings', async (t) => {
    const bad: [string, string, RegExp][] = [
      ['PORT', '80x', /^PORT must be .* not "80x"\.$/],
      ['PORT', '65536', /^PORT must be /],
      ['PORT', '-1', /^PORT must be /],
      ['LOG_LEVEL', 'loud', /^LOG_LEVEL must be one of fatal, .* not "loud"\.$/],
      [
        'DATABASE_URL',
        'mysql://u:secret@h/d',
        /^DATABASE_URL must begin with postgresql:\/\/[^s]*(?!secret).*$/
      ],
      ['PAYMENT_VAULT_SECRET_KEY', 'sk_live_12345678', /^PAYMENT_VAULT_SECRET_KEY must be sk_test_ followed/],
      ['PAYMENT_VAULT_SECRET_KEY', 'sk_test_1234567', /^PAYMENT_VAULT_SECRET_KEY must be/],
      ['PAYMENT_VAULT_SECRET_KEY', 'sk_test_1234 5678', /^PAYMENT_VAULT_SECRET_KEY must be/],
      ['PAYMENT_VAULT_FINGERPRINT_KEY', 'fifteen bytes..', /^PAYMENT_VAULT_FINGERPRINT_KEY must be 16 bytes/],
      ['PAYMENT_VAULT_SCHEMA', 'pg_mine', /^PAYMENT_VAULT_SCHEMA must be/],
      ['PAYMENT_VAULT_SCHEMA', 'a b', /^PAYMENT_VAULT_SCHEMA must be/]
    ]
    const given = { PAYMENT_VAULT_DATA: '/data' }
    for (const [name, value, message] of bad) {
      t.throws(() => readSettings({ ...given, [name]: value }), { name: 'StartError', message })
    }
    t.match(readSettings({ ...given, PORT: '', LOG_LEVEL: '', DATABASE_URL: '' }), {
      host: '127.0.0.1',
      port: 4242,
      databaseUrl: undefined,
      dataFolder: '/data',
      schema: 'payment_vault',
      logLevel: 'warn'
    })
    t.equal(isFingerprintKey('é'.repeat(8)), true)
    const finished = await runCli([], { ...given, PORT: 'abc' })
    t.match(finished.stderr, /^PORT must be /)
    t.same(refused(finished), oneSentence)
  })
  await t.test('a command line that is none', async (t) => {
    const wrong = ['nope', 'keys', 'keys nope', 'keys revoke', 'start more', '--nope', 'migrate --live']
    const finished = await Promise.all(
      ['--version', '--help', ...wrong].map((line) => runCli(line.split(' '), {}))
    )
    const [version, help, ...others] = finished
    const manifest = JSON.parse(await readFile(join(__dirname, '../../package.json'), 'utf8')) as {
      version: string
    }
    t.match(version, { code: 0, stdout: `${manifest.version}\n` })
    t.match(help, { code: 0, stderr: '' })
    t.match(help?.stdout, /keys revoke ID/)
    for (const other of others) t.same(refused(other), { ...oneSentence, code: 2 })
  })
})

t.test('stopping takes ten seconds at the most', side(), async (t) => {
  t.jobs = 3
  const slow = t.test('a request that never ends is cut off', side(), async (t) => {
    const { url } = await newDatabase(t)
    const settings = { DATABASE_URL: url, PAYMENT_VAULT_DATA: join(await newFolder(t), 'data') }
    const cli = await startCli(t, settings)
    const slow = await slowRequest(cli.url, cli.key)
    const asked = Date.now()
    cli.node.kill('SIGTERM')
    t.equal((await cli.finished).code, 0)
    await slow.closed
    t.ok(Date.now() - asked < 10_000)
  })
  const silent = t.test('a signal while the database is silent', side(), async (t) => {
    // A database that takes the connection and says nothing.
    const silent = createServer().listen(0, '127.0.0.1')
    await once(silent, 'listening')
    t.teardown(() => silent.close())
    const { port } = silent.address() as AddressInfo
    const cli = await startCliOnly(t, `postgresql://x@127.0.0.1:${port}/y`, silent)
    const asked = Date.now()
    cli.node.kill('SIGTERM')
    t.equal((await cli.finished).code, 1)
    t.ok(Date.now() - asked < 10_000)
  })
  const early = t.test('a signal while it is starting', side(), async (t) => {
    const data = join(await newFolder(t), 'data')
    const own = await launch([], { PAYMENT_VAULT_DATA: data })
    t.ok(await until(() => existsSync(join(data, 'pg/postmaster.pid'))))
    own.node.kill('SIGINT')
    t.match(await own.finished, { code: 0, stdout: '', stderr: '' })
    t.equal(processesOf(data), 0)
  })
  await Promise.all([slow, silent, early])
})

/** Comes back when the program has connected. */
async function startCliOnly(t: Test, DATABASE_URL: string, server: Server): Promise<Cli> {
  const cli = await launch([], { DATABASE_URL, PAYMENT_VAULT_DATA: join(await newFolder(t), 'data') })
  const [socket] = (await once(server, 'connection')) as [Socket]
  t.teardown(() => socket.destroy())
  return cli
}
