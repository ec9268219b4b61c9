import { writeFile } from 'node:fs/promises'
import { Agent, get } from 'node:https'
import { connect as connectPlain } from 'node:net'
import { join } from 'node:path'
import { connect } from 'node:tls'
import Stripe from 'stripe'
import t, { type Test } from 'tap'
import { Database } from '../../plugins/database/database'
import { createKey } from '../../src/resources/accounts/keys'
import { expireKey, hasLiveKey, listKeys, revokeKey } from '../../src/resources/accounts/store'
import { buildApp } from '../../src/server/app'
import { liveModeProblem } from '../../src/server/secrets/live-mode'
import { readSettings } from '../../src/server/settings'
import { type Certificate, selfSigned } from '../helpers/server/certificate'
import { newFolder, runCli, type RunningCli, startCli, until } from '../helpers/server/cli'
import { newDatabase } from '../helpers/database/database'
import { fingerprintKey } from '../helpers/vault'

t.jobs = 2
t.setTimeout(300_000)
const side = () => ({ buffered: true, timeout: 300_000 })

const strong = '4f1d0c7a9be2583661d7c0a4e85b92f7aa03de1948cb756f'
const fit = { PAYMENT_VAULT_DATA: '/data', PAYMENT_VAULT_FINGERPRINT_KEY: strong }

t.test('live mode wants settings that fit it, and says of one at a time what is missing', async (t) => {
  const sentence = (env: Record<string, string>) => liveModeProblem(readSettings({ ...fit, ...env }))
  t.equal(await sentence({}), undefined)
  const unfit: [Record<string, string>, RegExp][] = [
    [{ PAYMENT_VAULT_FINGERPRINT_KEY: '' }, /FINGERPRINT_KEY must be set: .* \/data\/fingerprint-key,/],
    [{ PAYMENT_VAULT_FINGERPRINT_KEY: strong.slice(0, 31) }, /FINGERPRINT_KEY must be 32 random bytes/],
    [{ PAYMENT_VAULT_FINGERPRINT_KEY: 'password'.repeat(8) }, /FINGERPRINT_KEY must be 32 random bytes/],
    [{ PAYMENT_VAULT_SECRET_KEY: 'sk_test_12345678' }, /SECRET_KEY must have 24 random characters/],
    [{ HOST: '0.0.0.0' }, /HOST may be 0\.0\.0\.0 only with TLS: .*BEHIND_TLS=true/],
    [{ HOST: '::' }, /only with TLS/],
    [{ HOST: '192.168.1.2' }, /only with TLS/],
    [{ PAYMENT_VAULT_INSPECTOR: 'true' }, /inspector must be off/]
  ]
  for (const [env, message] of unfit) {
    const said = await sentence(env)
    t.match(said, message)
    t.match(said, /^In live mode [^]*\.$/)
    t.notMatch(said, /\n/)
  }
  const fitting: Record<string, string>[] = [
    { HOST: 'localhost' },
    { HOST: '127.0.0.2' },
    { HOST: '::1' },
    { HOST: '0.0.0.0', PAYMENT_VAULT_BEHIND_TLS: 'true' },
    { HOST: '0.0.0.0', PAYMENT_VAULT_TLS_CERT: 'c', PAYMENT_VAULT_TLS_KEY: 'k' },
    { PAYMENT_VAULT_SECRET_KEY: 'sk_test_123456789012345678901234', PAYMENT_VAULT_INSPECTOR: 'false' }
  ]
  for (const env of fitting) t.equal(await sentence(env), undefined, JSON.stringify(env))
})

t.test('the settings around it', async (t) => {
  const bad: [Record<string, string>, RegExp][] = [
    [{ PAYMENT_VAULT_TLS_CERT: 'c' }, /go together/],
    [{ PAYMENT_VAULT_TLS_KEY: 'k' }, /go together/],
    [{ PAYMENT_VAULT_BEHIND_TLS: 'yes' }, /^PAYMENT_VAULT_BEHIND_TLS must be true or false, not "yes"\.$/],
    [{ PAYMENT_VAULT_INSPECTOR: '1' }, /^PAYMENT_VAULT_INSPECTOR must be true or false/],
    [{ PAYMENT_VAULT_TRUST_PROXY: 'true' }, /^PAYMENT_VAULT_TRUST_PROXY must be the addresses/],
    [{ PAYMENT_VAULT_TRUST_PROXY: '10.0.0.0/33' }, /^PAYMENT_VAULT_TRUST_PROXY must be/],
    [{ PAYMENT_VAULT_TRUST_PROXY: '1' }, /^PAYMENT_VAULT_TRUST_PROXY must be/],
    [{ PAYMENT_VAULT_READS_PER_SECOND: '0' }, /^PAYMENT_VAULT_READS_PER_SECOND must be a whole number/],
    [{ PAYMENT_VAULT_WRITES_PER_SECOND: '1.5' }, /^PAYMENT_VAULT_WRITES_PER_SECOND must be/]
  ]
  for (const [env, message] of bad)
    t.throws(() => readSettings({ ...fit, ...env }), { name: 'StartError', message })
  t.match(readSettings({ ...fit, PAYMENT_VAULT_TRUST_PROXY: 'loopback, 10.0.0.0/8,::1' }), {
    trustProxy: ['loopback', '10.0.0.0/8', '::1'],
    tls: undefined,
    behindTls: false,
    inspector: undefined,
    rateLimit: { reads: undefined, writes: undefined }
  })
})

t.test('live mode begins with a key that lets somebody in', async (t) => {
  const { pool } = await newDatabase(t)
  const db = new Database(pool, { schema: 'payment_vault', prepared: false })
  await createKey(db, { livemode: false, kind: 'secret' })
  t.equal(await hasLiveKey(db), false)
  await createKey(db, { livemode: true, kind: 'secret' })
  t.equal(await hasLiveKey(db), true)
  const [, live] = await listKeys(db)
  await expireKey(db, live?.id ?? '', new Date(Date.now() + 60_000))
  t.equal(await hasLiveKey(db), true)
  await revokeKey(db, live?.id ?? '')
  t.equal(await hasLiveKey(db), false)
  await createKey(db, { livemode: true, kind: 'publishable' })
  const key = (await listKeys(db)).at(-1)
  t.equal(await hasLiveKey(db), true)
  await expireKey(db, key?.id ?? '', new Date(Date.now() - 1000))
  t.equal(await hasLiveKey(db), false)
})

const status = async (url: string, key: string): Promise<number> =>
  (await fetch(`${url}/v1/customers`, { headers: { authorization: `Bearer ${key}` } })).status

t.test('a server that is not fit for live mode', side(), async (t) => {
  const { url } = await newDatabase(t)
  const settings = { DATABASE_URL: url, PAYMENT_VAULT_DATA: join(await newFolder(t), 'data') }
  const open = await startCli(t, { ...settings, HOST: '0.0.0.0' })
  t.match(
    open.stdout,
    /\n {2}warning {5}Other machines can reach this server without TLS\. It refuses live keys\./
  )
  const live = (await runCli(['keys', 'create', '--live'], settings)).stdout.trim()
  t.equal(await status(open.url, open.key), 200)
  t.equal(await status(open.url, live), 403, 'a live key that was made meanwhile is not taken')
  open.node.kill('SIGTERM')
  await open.finished

  const given = { ...settings, PAYMENT_VAULT_FINGERPRINT_KEY: strong }
  const [made, plain] = await Promise.all([runCli([], settings), runCli([], { ...given, HOST: '0.0.0.0' })])
  t.match(made, {
    code: 1,
    stdout: '',
    stderr: /^In live mode PAYMENT_VAULT_FINGERPRINT_KEY must be set.*\n$/
  })
  t.match(plain, {
    code: 1,
    stdout: '',
    stderr:
      /^In live mode HOST may be 0\.0\.0\.0 only with TLS.* Otherwise revoke the live keys \(see keys list\)\.\n$/
  })

  const closed = await startCli(t, given)
  t.notMatch(closed.stdout, /warning/)
  t.equal(await status(closed.url, live), 200)
})

t.test('HTTPS', side(), async (t) => {
  const { url } = await newDatabase(t)
  const folder = await newFolder(t)
  const files = [join(folder, 'cert.pem'), join(folder, 'key.pem')] as const
  const write = async ({ cert, key }: Certificate) => {
    await Promise.all([writeFile(files[0], cert), writeFile(files[1], key)])
  }
  const [first, second] = [selfSigned(), selfSigned()]
  const settings = {
    DATABASE_URL: url,
    PAYMENT_VAULT_DATA: join(folder, 'data'),
    PAYMENT_VAULT_TLS_CERT: files[0],
    PAYMENT_VAULT_TLS_KEY: files[1]
  }

  await t.test(
    'does not start without a certificate and its key, and says why in one sentence',
    async (t) => {
      const start = () => runCli([], settings)
      t.match(await start(), {
        code: 1,
        stdout: '',
        stderr: /^The file of PAYMENT_VAULT_TLS_CERT cannot be read: ENOENT.*\n$/
      })
      await write({ cert: first.cert, key: second.key })
      t.match(await start(), {
        code: 1,
        stdout: '',
        stderr: /^PAYMENT_VAULT_TLS_CERT and .* are not a certificate and its key: .*\n$/
      })
      await write({ cert: 'nonsense', key: first.key })
      t.match(await start(), { code: 1, stdout: '', stderr: /are not a certificate and its key/ })
    }
  )

  await write(first)
  const cli = await startCli(t, settings)
  t.match(cli.url, /^https:\/\/127\.0\.0\.1:\d+$/)

  await t.test('serves the official SDK', async (t) => {
    const stripe = client(cli, first)
    const { id } = await stripe.customers.create({ name: 'Jane' })
    t.equal((await stripe.customers.retrieve(id)).id, id)
    await t.rejects(client(cli, second).customers.list(), { message: /connection/ })
  })

  await t.test('speaks no TLS before 1.2, and no plain HTTP', async (t) => {
    t.equal(await protocol(cli, 'TLSv1.2'), 'TLSv1.2')
    t.equal(await protocol(cli, 'TLSv1.3'), 'TLSv1.3')
    t.equal(await protocol(cli, 'TLSv1.1'), 'refused')
    t.equal(await plainly(cli), '')
  })

  await t.test('takes a new certificate on SIGHUP, and a broken one not', async (t) => {
    await write(second)
    cli.node.kill('SIGHUP')
    t.ok(await until(async () => (await health(cli, second)) === 200))
    t.not(await health(cli, first), 200)
    await write({ cert: 'nonsense', key: '' })
    cli.node.kill('SIGHUP')
    t.ok(await until(() => cli.stdout.includes('Keeping the previous TLS certificate: ')))
    t.equal(await health(cli, second), 200)
    cli.node.kill('SIGTERM')
    t.match(await cli.finished, { code: 0 })
  })
})

function client(cli: RunningCli, { cert }: Certificate): Stripe {
  const port = Number(new URL(cli.url).port)
  const httpAgent = new Agent({ ca: cert })
  return new Stripe(cli.key, { host: '127.0.0.1', port, httpAgent, telemetry: false, maxNetworkRetries: 0 })
}

/** The status of the server's health, or why whoever trusts just that certificate does not talk to it. */
const health = (cli: RunningCli, { cert }: Certificate): Promise<number | string> =>
  new Promise((resolve) => {
    get(`${cli.url}/health`, { ca: cert, agent: false }, (response) => {
      response.resume()
      resolve(response.statusCode ?? 0)
    }).on('error', (error) => {
      resolve(error.message)
    })
  })

const protocol = (cli: RunningCli, version: 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3'): Promise<string | null> =>
  new Promise((resolve) => {
    const { hostname: host, port } = new URL(cli.url)
    // At the usual level of security OpenSSL itself would refuse to speak 1.1.
    const ciphers = 'DEFAULT@SECLEVEL=0'
    const options = { host, port: Number(port), rejectUnauthorized: false, ciphers }
    const socket = connect({ ...options, minVersion: version, maxVersion: version }, () => {
      resolve(socket.getProtocol())
      socket.destroy()
    })
    socket.on('error', () => {
      resolve('refused')
    })
  })

const plainly = (cli: RunningCli): Promise<string> =>
  new Promise((resolve) => {
    const { hostname, port } = new URL(cli.url)
    let answer = ''
    const socket = connectPlain(Number(port), hostname, () =>
      socket.write('GET /health HTTP/1.1\r\nHost: x\r\n\r\n')
    )
    socket.setEncoding('latin1').on('data', (text: string) => (answer += text))
    socket.on('error', () => undefined)
    socket.on('close', () => {
      resolve(answer.startsWith('HTTP') ? answer : '')
    })
  })

t.test('whoever says where a call came from is believed only where the settings name them', async (t) => {
  const link = async (
    t: Test,
    env: Record<string, string>
  ): Promise<{ link: string; docs: string; key: string }> => {
    const { pool } = await newDatabase(t)
    const db = new Database(pool, { schema: 'payment_vault', prepared: false })
    const key = await createKey(db, { livemode: false, kind: 'secret' })
    const app = await buildApp(
      { ...readSettings({ DATABASE_URL: 'postgresql://nowhere', ...env }), logLevel: 'silent' },
      { pool, db, embedded: false, place: '', close: async () => undefined },
      { secretKey: key, fingerprintKey, files: {} }
    )
    t.teardown(() => app.close())
    const response = await app.inject({
      method: 'POST',
      url: '/v1/setup_intents',
      headers: {
        authorization: `Bearer ${key}`,
        'content-type': 'application/x-www-form-urlencoded',
        'x-forwarded-proto': 'https',
        'x-forwarded-host': 'pay.example.com'
      },
      payload:
        'payment_method=pm_card_authenticationRequired&confirm=true&return_url=https://shop.example.com/done'
    })
    const body = response.json<{ next_action?: { redirect_to_url: { url: string } } }>()
    const docs = (await app.inject('/docs/static/theme/key.js')).payload
    return { link: body.next_action?.redirect_to_url.url ?? '', docs, key }
  }
  const direct = await link(t, {})
  t.match(direct.link, /^http:\/\/localhost:80\/authenticate\//)
  t.match(direct.docs, direct.key)
  const elsewhere = await link(t, { PAYMENT_VAULT_TRUST_PROXY: '10.0.0.0/8' })
  t.notMatch(elsewhere.link, 'pay.example.com')
  const proxied = await link(t, { PAYMENT_VAULT_TRUST_PROXY: 'loopback' })
  t.match(proxied.link, /^https:\/\/pay\.example\.com\/authenticate\//)
  t.notMatch(proxied.docs, proxied.key, 'whoever comes through the proxy is not handed the key')
  t.notMatch((await link(t, { PAYMENT_VAULT_BEHIND_TLS: 'true' })).docs, 'sk_test_')
})
