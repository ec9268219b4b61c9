import { build } from 'esbuild'
import Fastify from 'fastify'
import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer as createTcpServer, type AddressInfo, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import pg from 'pg'
import Stripe from 'stripe'
import t, { type Test } from 'tap'
import { Database } from '../../../plugins/database/database'
import { paymentVault } from '../../../src/index'
import { signingSecret } from '../../../src/resources/webhook-endpoints/secret'
import { isAllowedAddress } from '../../../plugins/auth/public-address'
import { post } from '../../../src/webhooks/send/post'
import { dueAgain, retryAfterOf, defaultRetries } from '../../../src/webhooks/schedule/schedule'
import { Slots } from '../../../src/webhooks/schedule/slots'
import { now } from '../../../src/protocol/values/time'
import { until } from '../../helpers/server/cli'
import { newDatabase } from '../../helpers/database/database'
import {
  account,
  deliveriesOf,
  insertEndpoint,
  statesOf,
  writeEvents
} from '../../helpers/webhooks/deliveries'
import { hang, startReceiver } from '../../helpers/webhooks/receiver'
import { fingerprintKey, newPair, startVault } from '../../helpers/vault'
import { newWebhooks, secretsKey, startDeliverer } from '../../helpers/webhooks/webhooks'

const run = promisify(execFile)
const root = join(__dirname, '../../..')
const { webhooks } = new Stripe('sk_test_none')
const hour = 3600_000
const signatureOf = ({ headers }: { headers: Record<string, unknown> }) => String(headers['stripe-signature'])
const live = 'acct_webhooks:live'

t.test(
  'in a host’s bundle, without a package.json of ours above, the version is found to be unknown',
  async (t) => {
    // Elsewhere than under this very package.
    const folder = await mkdtemp(join(tmpdir(), 'payment-vault-bundle-'))
    t.teardown(() => rm(folder, { recursive: true, force: true }))
    const outfile = join(folder, 'bundle.js')
    await build({
      stdin: {
        contents: `import { version } from ${JSON.stringify(join(root, 'src/storage/version'))}; console.log(version())`,
        resolveDir: root
      },
      ...{ outfile, bundle: true, platform: 'node' }
    })
    const { stdout } = await run(process.execPath, [outfile], { timeout: 10_000 })
    t.equal(stdout, 'bundled\n')
  }
)

t.test('what a call changed arrives at once, signed for the official SDK', async (t) => {
  const vault = await startVault(t, { deliverWebhooks: true })
  const receiver = await startReceiver(t)
  const url = `${receiver.url}?a=b`
  const endpoint = await vault.post('/v1/webhook_endpoints', { url, enabled_events: ['*'] })
  const metadata = { grüße: 'Zoë 🦊 “ñ” \u2028 中文' }
  const customer = await vault.post('/v1/customers', { name: 'Żółć', metadata })
  t.ok(await until(() => receiver.got.length === 1))
  const [got] = receiver.got
  if (!got) return
  const event = webhooks.constructEvent(got.text, signatureOf(got), String(endpoint.body.secret))
  t.equal(event.type, 'customer.created')
  t.same(event.data.object, customer.body)
  t.equal(got.text, JSON.stringify(JSON.parse(got.text), null, 2))
  t.match(JSON.parse(got.text), { pending_webhooks: 1, livemode: false, object: 'event' })
  t.equal(got.method, 'POST')
  t.equal(got.headers['content-type'], 'application/json; charset=utf-8')
  t.match(got.headers['user-agent'], /^fastify-payment-vault\/\d+\.\d+\.\d+/)
  t.throws(() => webhooks.constructEvent(`${got.text} `, signatureOf(got), String(endpoint.body.secret)))
  t.ok(await until(async () => (await statesOf(vault.db))[0] === 'delivered'))
  t.match(await deliveriesOf(vault.db), [{ attempts: 1, response_status: 200, failure: null }])
})

t.test('an endpoint gets the shape of its own version, or of the default one', async (t) => {
  const vault = await startVault(t, { deliverWebhooks: true })
  const [oldest, newest] = [await startReceiver(t), await startReceiver(t)]
  const enabled_events = ['payment_method.attached']
  await vault.post('/v1/webhook_endpoints', { url: oldest.url, enabled_events })
  await vault.post('/v1/webhook_endpoints', {
    url: newest.url,
    enabled_events,
    api_version: '2025-04-30.basil'
  })
  const { paymentMethod, customer } = await newPair(vault)
  await vault.post(`/v1/payment_methods/${paymentMethod}/attach`, { customer })
  t.ok(await until(() => oldest.got.length === 1 && newest.got.length === 1))
  const [old, recent] = [oldest, newest].map(({ got }) => JSON.parse(got[0]?.text ?? '{}') as Stripe.Event)
  t.equal(old?.id, recent?.id)
  t.match([old?.api_version, recent?.api_version], ['2022-11-15', '2025-04-30.basil'])
  t.notHas(old?.data.object, { allow_redisplay: 'unspecified' })
  t.has(recent?.data.object, { allow_redisplay: 'unspecified' })
})

t.test('while a secret is rolled both sign', async (t) => {
  const db = await newWebhooks(t)
  const receiver = await startReceiver(t)
  const secret_generation = 3
  const rolled = { secret_generation, previous_secret_until: now() + 60 }
  const endpoint = await insertEndpoint(db, receiver.url, rolled)
  startDeliverer(t, db)
  await writeEvents(db)
  t.ok(await until(() => receiver.got.length === 1))
  await db.pool.query('update payment_vault.webhook_endpoints set previous_secret_until = $1', [now() - 1])
  await writeEvents(db)
  t.ok(await until(() => receiver.got.length === 2))
  const accepted = receiver.got.map((got) =>
    [1, 2, 3].filter((generation) => {
      try {
        const secret = signingSecret(secretsKey, account, endpoint.id, generation)
        return webhooks.constructEvent(got.text, signatureOf(got), secret).id === got.id
      } catch {
        return false
      }
    })
  )
  t.same(accepted, [[2, 3], [3]])
  t.match(receiver.got.map(signatureOf), [/^t=\d+,v1=[\da-f]{64},v1=[\da-f]{64}$/, /^t=\d+,v1=[\da-f]{64}$/])
})

t.test('anything but a whole answer with 2xx in time is a failure', async (t) => {
  const elsewhere = await startReceiver(t)
  const closed = await startReceiver(t)
  const failing: Record<string, [string, Partial<{ response_status: number; failure: string }>]> = {
    'no answer': [(await startReceiver(t, hang)).url, { failure: 'timeout' }],
    'a header that never ends': [
      await rawReceiver(t, 'HTTP/1.1 200 OK\r\nX-A: ', 'a'),
      { failure: 'timeout' }
    ],
    'a slow drip of a body': [
      await rawReceiver(t, 'HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n', 'a'),
      { failure: 'timeout' }
    ],
    'interim answers without end': [
      await rawReceiver(t, 'HTTP/1.1 102 Processing\r\n\r\n', 'HTTP/1.1 102 Processing\r\n\r\n'),
      { failure: 'timeout' }
    ],
    'another protocol': [
      await rawReceiver(t, 'HTTP/1.1 101 Switching\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n', ''),
      { failure: 'connection_reset' }
    ],
    'a reset': [
      (await startReceiver(t, (_response, _n, request) => request.socket.resetAndDestroy())).url,
      { failure: 'connection_reset' }
    ],
    'an answer that breaks off': [
      (
        await startReceiver(t, (response) =>
          response
            .writeHead(200, { 'content-length': 9 })
            .end('1'.repeat(9).slice(8), () => response.destroy())
        )
      ).url,
      { failure: 'connection_reset' }
    ],
    'no HTTP': [await rawReceiver(t, 'SSH-2.0-OpenSSH_9.2\r\n', ''), { failure: 'answer_not_http' }],
    'no TLS': [closed.url.replace('http:', 'https:'), { failure: 'tls_failed' }],
    'nobody there': [`http://127.0.0.1:${await freePort()}/`, { failure: 'connection_refused' }],
    'no such name': ['http://nobody.invalid/', { failure: 'name_not_found' }],
    'a redirect': [
      (await startReceiver(t, (response) => response.writeHead(301, { location: elsewhere.url }).end())).url,
      { response_status: 301 }
    ],
    'a kept method redirect': [
      (await startReceiver(t, (response) => response.writeHead(307, { location: elsewhere.url }).end())).url,
      { response_status: 307 }
    ],
    'nothing modified': [
      (await startReceiver(t, (response) => response.writeHead(304).end())).url,
      { response_status: 304 }
    ],
    'a refusal': [
      (await startReceiver(t, (response) => response.writeHead(400).end('no'))).url,
      { response_status: 400 }
    ]
  }
  const db = await newWebhooks(t)
  const names = new Map<string, string>()
  for (const [name, [url]] of Object.entries(failing)) names.set((await insertEndpoint(db, url)).id, name)
  const { attempts } = startDeliverer(t, db, { limits: { timeout: 700 } })
  await writeEvents(db)
  t.ok(await until(() => attempts.length >= names.size))
  t.ok(await until(async () => (await deliveriesOf(db)).every((row) => row.response_status ?? row.failure)))
  for (const row of await deliveriesOf(db)) {
    const name = names.get(row.endpoint_id) ?? ''
    t.match(
      row,
      { state: 'pending', attempts: 1, response_status: null, failure: null, ...failing[name]?.[1] },
      name
    )
    t.ok(row.due > Date.now(), `${name}: later again`)
  }
  t.ok(attempts.every(({ outcome }) => outcome === 'will retry'))
  t.same(elsewhere.got, [])
})

t.test('of a long answer only the beginning is read', async (t) => {
  let whole = false
  const receiver = await startReceiver(t, (response) => {
    const megabyte = Buffer.alloc(1e6)
    let written = 0
    const more = (): void => {
      while (written++ < 100) if (!response.write(megabyte)) return void response.once('drain', more)
      whole = true
    }
    more()
  })
  const db = await newWebhooks(t)
  await insertEndpoint(db, receiver.url)
  startDeliverer(t, db)
  await writeEvents(db)
  t.ok(await until(async () => (await statesOf(db))[0] === 'delivered'))
  t.ok(await until(() => receiver.ended === 1))
  t.notOk(whole)
})

t.test('tries again until it is told 2xx, the same event each time, and gives up in the end', async (t) => {
  const db = await newWebhooks(t)
  const answers = [500, 500, 200]
  const patient = await startReceiver(t, (response, n) => response.writeHead(answers[n] ?? 200).end())
  const never = await startReceiver(t, (response) => response.writeHead(500).end())
  await insertEndpoint(db, patient.url)
  const { id: dead } = await insertEndpoint(db, never.url)
  const { attempts, warned } = startDeliverer(t, db, { retries: { test: [1, 2, 3] } })
  const [id] = await writeEvents(db)
  t.ok(await until(async () => (await deliveriesOf(db)).every(({ state }) => state !== 'pending')))
  t.same(
    patient.got.map((got) => got.id),
    [id, id, id]
  )
  const ofPatient = attempts.filter(({ endpointId }) => endpointId !== dead)
  t.match(
    ofPatient.map(({ attempt, status, outcome, url }) => [attempt, status, outcome, url]),
    [
      [1, 500, 'will retry', patient.url],
      [2, 500, 'will retry', patient.url],
      [3, 200, 'delivered', patient.url]
    ]
  )
  t.same(never.got.length, 4, 'three times after the first')
  t.match(await deliveriesOf(db, dead), [{ state: 'failed', attempts: 4, response_status: 500 }])
  t.equal(attempts.filter(({ endpointId, outcome }) => endpointId === dead && outcome === 'failed').length, 1)
  t.same(warned, ['a webhook was not delivered, no retry is left'])
})

t.test('the schedule: three times over hours in test mode, over three days in live mode', async (t) => {
  const sum = (delays: readonly number[]) => delays.reduce((all, delay) => all + delay, 0)
  t.equal(defaultRetries.test.length, 3)
  t.ok(sum(defaultRetries.test) > 2 * hour && sum(defaultRetries.test) < 6 * hour)
  t.ok(sum(defaultRetries.live) > 70 * hour && sum(defaultRetries.live) < 72 * hour)
  const dues = Array.from({ length: 200 }, () => dueAgain([1000, 5000], 2, 7) ?? 0)
  t.ok(dues.every((due) => due >= 4007 && due <= 5007))
  t.ok(new Set(dues).size > 50, 'not all at once')
  t.equal(dueAgain([1000, 5000], 3, 7), undefined)
  t.equal(dueAgain([1000], 1, 7, 9000), 9007)
  t.ok((dueAgain([1000], 1, 7, 10) ?? 0) >= 807, 'never sooner than without being asked')
  const at = Date.UTC(2030, 0, 1)
  t.equal(retryAfterOf('120', at), 120_000)
  t.equal(retryAfterOf('Tue, 01 Jan 2030 00:01:00 GMT', at), 60_000)
  t.equal(retryAfterOf('999999999999999999999999', at), 24 * hour)
  for (const nonsense of ['Mon, 31 Dec 2029 00:00:00 GMT', '-5', '1e9', 'soon', 'xGMT', '', undefined])
    t.equal(retryAfterOf(nonsense, at), 0, nonsense ?? 'none')
  const db = await newWebhooks(t)
  for (const delays of [[-1], [NaN], [Infinity]]) {
    t.throws(() => startDeliverer(t, db, { retries: { live: delays } }), RangeError)
  }
})

t.test('comes back no sooner than a receiver asks', async (t) => {
  const db = await newWebhooks(t)
  const busy = await startReceiver(t, (response) => response.writeHead(503, { 'retry-after': '7200' }).end())
  await insertEndpoint(db, busy.url)
  const before = Date.now()
  startDeliverer(t, db, { retries: { test: [1] } })
  await writeEvents(db)
  t.ok(await until(async () => (await deliveriesOf(db))[0]?.response_status === 503))
  const [row] = await deliveriesOf(db)
  t.ok(row && row.due >= before + 2 * hour && row.due <= Date.now() + 2 * hour)
})

t.test('a receiver that says it is gone is asked no more', async (t) => {
  const db = await newWebhooks(t)
  const gone = await startReceiver(t, (response) => response.writeHead(410).end())
  const endpoint = await insertEndpoint(db, gone.url)
  const moved = await startReceiver(t, async (response) => {
    await db.pool.query("update payment_vault.webhook_endpoints set url = url || '?new' where id = $1", [
      other.id
    ])
    response.writeHead(410).end()
  })
  const other = await insertEndpoint(db, moved.url, { account_id: 'acct_moving:test' })
  startDeliverer(t, db)
  await writeEvents(db)
  await writeEvents(db, { of: 'acct_moving:test' })
  const statuses = async () => {
    const found = await db.pool.query<{ status: string }>(
      'select status from payment_vault.webhook_endpoints order by id = $1',
      [other.id]
    )
    return found.rows.map(({ status }) => status)
  }
  t.ok(await until(async () => (await deliveriesOf(db)).every(({ state }) => state === 'failed')))
  t.ok(await until(async () => (await statuses())[0] === 'disabled'))
  t.same(await statuses(), ['disabled', 'enabled'], 'not one that has another URL by now')
  t.same(
    await writeEvents(db)
      .then(() => deliveriesOf(db, endpoint.id))
      .then((rows) => rows.length),
    1
  )
})

t.test('nothing goes to an endpoint that is disabled or deleted, or whose listener left', async (t) => {
  const db = await newWebhooks(t)
  const receiver = await startReceiver(t)
  const disabled = await insertEndpoint(db, receiver.url)
  const deleted = await insertEndpoint(db, receiver.url)
  const left = await insertEndpoint(db, receiver.url, { listens_until: now() + 1000 })
  const listening = await insertEndpoint(db, receiver.url, { listens_until: now() + 1000 })
  await writeEvents(db, { count: 30 })
  await db.pool.query("update payment_vault.webhook_endpoints set status = 'disabled' where id = $1", [
    disabled.id
  ])
  await db.pool.query('delete from payment_vault.webhook_endpoints where id = $1', [deleted.id])
  await db.pool.query('update payment_vault.webhook_endpoints set listens_until = 5 where id = $1', [left.id])
  startDeliverer(t, db)
  const states = () => Promise.all([disabled, deleted, left, listening].map(({ id }) => statesOf(db, id)))
  const expected = [
    ['failed endpoint_disabled'],
    ['failed endpoint_gone'],
    ['failed endpoint_gone'],
    ['pending']
  ]
  t.ok(await until(async () => JSON.stringify(await states()) === JSON.stringify(expected)))
  t.same(receiver.got, [])

  const { id: endpoint } = listening
  const { attempts } = startDeliverer(t, db, { only: { account, endpoint } })
  t.ok(await until(async () => (await statesOf(db, endpoint)).join() === 'delivered'))
  t.ok(attempts.every(({ endpointId }) => endpointId === endpoint))
  t.equal(receiver.got.length, 30)
})

t.test('a delivery whose event is gone is given up', async (t) => {
  const db = await newWebhooks(t)
  const receiver = await startReceiver(t)
  await insertEndpoint(db, receiver.url)
  await writeEvents(db)
  await db.pool.query('delete from payment_vault.events')
  startDeliverer(t, db)
  t.ok(await until(async () => (await statesOf(db))[0] === 'failed event_gone'))
  t.same(receiver.got, [])
})

t.test('a restart keeps the schedule', async (t) => {
  const db = await newWebhooks(t)
  const failing = await startReceiver(t, (response, n) => response.writeHead(n === 0 ? 500 : 200).end())
  const { id } = await insertEndpoint(db, failing.url)
  const first = startDeliverer(t, db)
  await writeEvents(db)
  t.ok(await until(async () => (await deliveriesOf(db))[0]?.response_status === 500))
  await first.deliverer.stop()
  const before = await deliveriesOf(db, id)

  const other = await startReceiver(t)
  await insertEndpoint(db, other.url)
  startDeliverer(t, db)
  await db.pool.query("update payment_vault.webhook_endpoints set enabled_events = '{}' where id = $1", [id])
  await writeEvents(db)
  t.ok(await until(() => other.got.length === 1), 'another delivery shows that it looks')
  t.same(await deliveriesOf(db, id), before)
  t.equal(failing.got.length, 1)
  await db.pool.query('update payment_vault.webhook_deliveries set due = $1 where endpoint_id = $2', [
    Date.now(),
    id
  ])
  t.ok(await until(() => failing.got.length === 2))
  t.ok(await until(async () => (await statesOf(db, id))[0] === 'delivered'))
})

t.test('two processes send everything once', async (t) => {
  const db = await newWebhooks(t)
  const receiver = await startReceiver(t)
  await insertEndpoint(db, receiver.url)
  await insertEndpoint(db, receiver.url)
  const ids = await writeEvents(db, { count: 150 })
  const both = [startDeliverer(t, db), startDeliverer(t, db)]
  t.ok(await until(async () => (await deliveriesOf(db)).every(({ state }) => state === 'delivered')))
  t.same(receiver.got.map(({ id }) => id).sort(), [...ids, ...ids].sort())
  t.ok(both.every(({ attempts }) => attempts.length > 0))
  t.ok((await deliveriesOf(db)).every(({ attempts }) => attempts === 1))
})

t.test('what a worker that died had claimed is taken over when its lease ends', async (t) => {
  const db = await newWebhooks(t)
  const receiver = await startReceiver(t)
  await insertEndpoint(db, receiver.url)
  const [dead, held] = await writeEvents(db, { count: 2 })
  const claim = 'update payment_vault.webhook_deliveries set attempts = 1, due = $1 where event_id = $2'
  await db.pool.query(claim, [Date.now() - 1, dead])
  await db.pool.query(claim, [Date.now() + hour, held])
  startDeliverer(t, db)
  t.ok(await until(async () => (await deliveriesOf(db))[0]?.state === 'delivered'))
  t.match(await deliveriesOf(db), [{ attempts: 2 }, { state: 'pending', attempts: 1 }])
  t.same(
    receiver.got.map(({ id }) => id),
    [dead]
  )
})

t.test('waits for nobody who holds a delivery', async (t) => {
  const db = await newWebhooks(t)
  const receiver = await startReceiver(t)
  await insertEndpoint(db, receiver.url)
  const [held, ...others] = await writeEvents(db, { count: 3 })
  const holder = await db.pool.connect()
  await holder.query('begin')
  await holder.query('select 1 from payment_vault.webhook_deliveries where event_id = $1 for update', [held])
  startDeliverer(t, db)
  t.ok(await until(() => receiver.got.length === 2))
  t.same(receiver.got.map(({ id }) => id).sort(), others)
  await holder.query('rollback')
  holder.release()
  t.ok(await until(() => receiver.got.length === 3))
})

t.test('who lost a claim does not overwrite what the next one does', async (t) => {
  const db = await newWebhooks(t)
  const late = await startReceiver(t, async (response) => {
    await db.pool.query('update payment_vault.webhook_deliveries set attempts = 2, due = $1', [
      Date.now() + hour
    ])
    response.writeHead(500).end()
  })
  await insertEndpoint(db, late.url)
  const { attempts, deliverer } = startDeliverer(t, db, { retries: { test: [] } })
  await writeEvents(db)
  t.ok(await until(() => attempts.length === 1))
  await deliverer.stop()
  t.match(await deliveriesOf(db), [{ state: 'pending', attempts: 2, response_status: null }])
})

t.test('which addresses may be sent to', async (t) => {
  const nowhere = [
    ...['0.0.0.0', '0.1.2.3', '10.0.0.1', '100.64.0.1', '100.100.100.200', '169.254.169.254', '172.16.0.1'],
    ...['192.0.0.192', '192.0.2.1', '192.168.1.1', '198.18.0.1', '203.0.113.9', '224.0.0.1', '240.0.0.1'],
    ...['255.255.255.255', '168.63.129.16', '::', '::ffff:10.0.0.1', '::ffff:a9fe:a9fe', '::10.0.0.1'],
    ...[
      '64:ff9b::8.8.8.8',
      '64:ff9b:1::1',
      '2002:7f00:1::',
      '2001::1',
      '2001:db8::1',
      'fc00::1',
      'fd00:ec2::254'
    ],
    ...[
      'fe80::1',
      'fe80::1%eth0',
      'fec0::1',
      'ff02::1',
      '100::1',
      '::ffff:0:127.0.0.1',
      '4000::1',
      '',
      'localhost'
    ]
  ]
  for (const address of nowhere)
    t.notOk(isAllowedAddress(address, true) || isAllowedAddress(address, false), address)
  for (const address of ['127.0.0.1', '127.9.9.9', '::1', '::ffff:127.0.0.1', '::ffff:7f00:1']) {
    t.notOk(isAllowedAddress(address, true), address)
    t.ok(isAllowedAddress(address, false), address)
  }
  for (const address of ['8.8.8.8', '172.32.0.1', '::ffff:8.8.8.8', '2606:4700::1111', '2a00:1450::1'])
    t.ok(isAllowedAddress(address, true) && isAllowedAddress(address, false), address)
})

t.test('refuses an address however it is spelt, found or reached', async (t) => {
  const receiver = await startReceiver(t)
  const options = { headers: {}, body: Buffer.from('{"id":"evt_1"}'), timeout: 5000, answer: 1 }
  const allows = (address: string) => isAllowedAddress(address, true)
  const spellings = [
    ...['127.0.0.1', '2130706433', '0x7f.1', '0177.0.0.1', '127.1', '127.0.0.1.', '①②⑦.0.0.1', '0'],
    ...[
      '[::1]',
      '[::ffff:127.0.0.1]',
      '[::ffff:7f00:1]',
      '[::]',
      'localhost',
      'localhost.',
      'a.localhost',
      'LOCALHOST'
    ]
  ]
  for (const spelling of spellings) {
    const { ended } = post({ ...options, url: `http://${spelling}:${receiver.port}/`, allows })
    t.match(await ended, { failure: 'address_refused' }, spelling)
  }
  const url = `http://example.com:${receiver.port}/`
  const found =
    (...addresses: string[]) =>
    async () =>
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))
  for (const addresses of [['127.0.0.1'], ['8.8.8.8', '10.0.0.1'], ['2606:4700::1111', '::1'], []]) {
    const { ended } = post({ ...options, url, allows, resolve: found(...addresses) })
    t.match(await ended, { failure: 'address_refused' }, addresses.join())
  }
  t.equal(receiver.connections, 0, 'nobody was connected to')

  const asked: string[] = []
  const untilConnected = (address: string) => asked.push(address) === 1
  const { ended } = post({ ...options, url, allows: untilConnected, resolve: found('127.0.0.1') })
  t.match(await ended, { failure: 'address_refused' }, 'where the connection leads elsewhere')
  t.same(asked, ['127.0.0.1', '127.0.0.1'])
  t.same(receiver.got, [])
  const sent = post({ ...options, url, allows: () => true, resolve: found('127.0.0.1') })
  t.match(await sent.ended, { status: 200 })
})

t.test(
  'in live mode nothing goes to this machine, by number or by name, unless its user listens there',
  async (t) => {
    const db = await newWebhooks(t)
    const receiver = await startReceiver(t)
    await insertEndpoint(db, receiver.url, { account_id: live })
    await insertEndpoint(db, receiver.url.replace('127.0.0.1', 'localhost'), { account_id: live })
    const listener = await insertEndpoint(db, receiver.url, { account_id: live, listens_until: now() + 1000 })
    const { attempts } = startDeliverer(t, db, { retries: { live: [1] } })
    await writeEvents(db, { of: live })
    t.ok(await until(() => attempts.length === 4), 'also when it tries again')
    t.ok(attempts.every(({ failure }) => failure === 'address_refused'))
    t.equal(receiver.connections, 0)
    startDeliverer(t, db, { only: { account: live, endpoint: listener.id } })
    t.ok(await until(() => receiver.got.length === 1))
    t.match(JSON.parse(receiver.got[0]?.text ?? ''), { livemode: true })
  }
)

t.test('a receiver that hangs holds up nobody else', async (t) => {
  const db = await newWebhooks(t)
  const hanging = await startReceiver(t, hang)
  const healthy = await startReceiver(t)
  await insertEndpoint(db, hanging.url, { account_id: 'acct_hanging:test' })
  await insertEndpoint(db, hanging.url, { enabled_events: ['customer.created'] })
  await insertEndpoint(db, healthy.url, { enabled_events: ['customer.updated'] })
  // More than one look sees, so that it sees nothing else.
  await writeEvents(db, { of: 'acct_hanging:test', count: 150 })
  await writeEvents(db, { count: 50 })
  startDeliverer(t, db)
  t.ok(await until(() => hanging.got.length === 16), 'eight of each endpoint')
  const ids = await writeEvents(db, { count: 50, type: 'customer.updated' })
  t.ok(await until(() => healthy.got.length === 50))
  t.same(healthy.got.map(({ id }) => id).sort(), [...ids].sort())
  t.match({ ended: hanging.ended, got: hanging.got.length }, { ended: 0, got: 16 })
})

t.test('many receivers that hang leave room for others', async (t) => {
  const db = await newWebhooks(t)
  const hanging = await startReceiver(t, hang)
  const healthy = await startReceiver(t)
  for (let i = 0; i < 6; i++)
    await insertEndpoint(db, hanging.url, { enabled_events: ['customer.created'], id: `we_${i}` })
  await insertEndpoint(db, healthy.url, { enabled_events: ['customer.updated'], id: 'we_9' })
  await writeEvents(db, { count: 20 })
  startDeliverer(t, db, { limits: { total: 16, perEndpoint: 8 } })
  t.ok(await until(() => hanging.got.length === 13), '8, and one of each of the others')
  await writeEvents(db, { count: 20, type: 'customer.updated' })
  t.ok(await until(() => healthy.got.length === 20))
  t.match({ ended: hanging.ended, got: hanging.got.length }, { ended: 0, got: 13 })

  const slots = new Slots({ total: 100, perEndpoint: 8 })
  slots.take('a', '1', 8)
  t.equal(slots.free('a', '1'), 0)
  slots.release('a', '1', true)
  t.equal(slots.free('a', '1'), 0, 'who fails has one at a time')
  for (let i = 0; i < 7; i++) slots.release('a', '1', true)
  t.equal(slots.free('a', '1'), 1)
  slots.take('a', '1', 1)
  t.same(slots.busy('a'), ['1'])
  slots.release('a', '1', false)
  t.equal(slots.free('a', '1'), 8)
})

t.test('uses two connections at most, and few looks however often it is woken', async (t) => {
  const db = await newWebhooks(t)
  let [used, most, all] = [0, 0, 0]
  db.pool.on('acquire', () => {
    most = Math.max(most, ++used)
    all++
  })
  db.pool.on('release', () => used--)
  const receiver = await startReceiver(t)
  for (let i = 0; i < 5; i++) await insertEndpoint(db, receiver.url)
  await writeEvents(db, { count: 60 })
  ;[most, all] = [0, 0]
  const { deliverer } = startDeliverer(t, db, { limits: { every: hour } })
  t.ok(await until(() => receiver.got.length === 300))
  await deliverer.stop()
  t.equal(most, 2)
  t.same(await statesOf(db), ['delivered'])

  const idle = startDeliverer(t, db, { limits: { every: hour } })
  t.ok(await until(() => used === 0 && all > 0))
  all = 0
  for (let i = 0; i < 1000; i++) idle.deliverer.wake(`acct_${i}`)
  t.ok(await until(() => all > 0))
  t.ok(all <= 3, `${all} queries`)
  all = 0
  for (const end = Date.now() + 300; Date.now() < end;) {
    idle.deliverer.wake(account)
    await sleep(2)
  }
  await idle.deliverer.stop()
  t.ok(all > 0 && all <= 12, `${all} queries, when it is woken in vain all the time`)
})

t.test('a pool of two connections answers requests while receivers hang', async (t) => {
  const { url } = await newDatabase(t)
  const pool = new pg.Pool({ connectionString: url, max: 2 })
  const app = Fastify()
  t.teardown(async () => {
    await app.close()
    await pool.end()
  })
  const hanging = await startReceiver(t, hang)
  const authenticate = () => ({ account: 'acct_webhooks', livemode: false })
  await app.register(paymentVault, { pool, fingerprintKey, authenticate, migrate: 'off' })
  const db = new Database(pool, { schema: 'payment_vault', prepared: false })
  for (let i = 0; i < 5; i++) await insertEndpoint(db, hanging.url)
  await app.ready()
  const post = () => app.inject({ method: 'POST', url: '/v1/customers' })
  const replies = await Promise.all(Array.from({ length: 100 }, post))
  t.ok(replies.every(({ statusCode }) => statusCode === 200))
  t.ok(await until(() => hanging.got.length === 40))
  t.equal((await post()).statusCode, 200)
  t.equal(hanging.ended, 0)
  hanging.close()
})

t.test('what the database could not be told is told later', async (t) => {
  const db = await newWebhooks(t)
  const receiver = await startReceiver(t, async (response) => {
    await db.pool.query('alter table payment_vault.webhook_deliveries rename to away')
    response.end()
  })
  await insertEndpoint(db, receiver.url)
  const { warned } = startDeliverer(t, db)
  await writeEvents(db)
  t.ok(await until(() => new Set(warned).size === 2))
  await db.pool.query('alter table payment_vault.away rename to webhook_deliveries')
  t.ok(await until(async () => (await statesOf(db))[0] === 'delivered'))
  t.equal(receiver.got.length, 1)
  t.equal(warned.filter((message) => message.startsWith('webhooks cannot')).length, 1, 'not with each look')
})

t.test('a stop lets end what ends soon, and leaves the rest due', async (t) => {
  const db = await newWebhooks(t)
  const answers: (() => void)[] = []
  const slow = await startReceiver(t, (response) => answers.push(() => response.end()))
  const hanging = await startReceiver(t, hang)
  const one = await insertEndpoint(db, slow.url)
  const two = await insertEndpoint(db, hanging.url)
  await writeEvents(db)
  const { deliverer } = startDeliverer(t, db, { limits: { grace: 300 } })
  t.ok(await until(() => answers.length === 1 && hanging.got.length === 1))
  const stopped = deliverer.stop()
  await writeEvents(db)
  deliverer.wake()
  for (const answer of answers) answer()
  await stopped
  t.match(await deliveriesOf(db, one.id), [{ state: 'delivered' }, { state: 'pending', attempts: 0 }])
  t.match(await deliveriesOf(db, two.id), [
    { state: 'pending', failure: 'stopped', attempts: 1 },
    { attempts: 0 }
  ])
  t.ok((await deliveriesOf(db)).every(({ state, due }) => state === 'delivered' || due <= Date.now()))
  t.equal(hanging.ended, 1)
  startDeliverer(t, db)
  t.ok(await until(() => hanging.got.length === 3 && slow.got.length === 2))
})

t.test('an app delivers from when it is ready until it closes, if it is to', async (t) => {
  const vault = await startVault(t)
  const receiver = await startReceiver(t)
  await vault.post('/v1/webhook_endpoints', { url: receiver.url, enabled_events: ['*'] })
  await vault.post('/v1/customers')
  const app = Fastify()
  await app.register(paymentVault, { pool: vault.db.pool, fingerprintKey, migrate: 'off' })
  t.equal((await statesOf(vault.db))[0], 'pending', 'nobody has told this one to')
  await app.ready()
  t.ok(
    await until(async () => (await statesOf(vault.db))[0] === 'delivered'),
    'also what another process committed'
  )
  await app.close()
  await vault.post('/v1/customers')
  let asked = 0
  vault.db.pool.on('acquire', () => asked++)
  await new Promise((resolve) => setTimeout(resolve, 1200))
  t.equal(asked, 0)
  t.equal(receiver.got.length, 1)
})

/** Sends `first` to whoever connects and says something, and `more` every few milliseconds. */
async function rawReceiver(t: Test, first: string, more: string): Promise<string> {
  const sockets = new Set<Socket>()
  const server = createTcpServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.once('data', () => {
      socket.write(first)
      const drip = setInterval(() => socket.writable && more && socket.write(more), 20)
      socket.on('close', () => {
        clearInterval(drip)
      })
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
}

/** One that nobody listens on any more. */
async function freePort(): Promise<number> {
  const server = createTcpServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}
