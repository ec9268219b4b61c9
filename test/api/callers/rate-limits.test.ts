import t from 'tap'
import { TokenBuckets } from '../../../plugins/auth/token-buckets'
import { createKey, firstAccount } from '../../../src/resources/accounts/keys'
import { insertAccount } from '../../../src/resources/accounts/store'
import { newId } from '../../../src/protocol/values/ids'
import { refused } from '../../helpers/document/bodies'
import { startVault, type TestVault } from '../../helpers/vault'

t.setTimeout(120_000)

// Nothing comes back while a test runs.
const slow = 1e-6
const message = {
  test: 'Testmode request rate limit exceeded, the rate limits in testmode are lower than livemode. You can learn more about rate limits here https://stripe.com/docs/rate-limits.',
  live: 'Request rate limit exceeded. Learn more about rate limits here https://stripe.com/docs/rate-limits.'
}

const read = (vault: TestVault, key = vault.keys.test, headers = {}) =>
  vault.get('/v1/events', {}, { key, headers })
const write = (vault: TestVault, key = vault.keys.test, headers = {}) =>
  vault.post('/v1/customers', {}, { key, headers })

t.test('calls beyond the limit are refused as recorded', async (t) => {
  const vault = await startVault(t, { rateLimit: { reads: slow } })
  const first = await read(vault)
  t.equal(first.status, 200)
  t.equal(first.headers.get('stripe-rate-limited-reason'), null)
  const next = await read(vault)
  refused(t, next, 429, { code: 'rate_limit', message: message.test })
  t.equal(next.headers.get('stripe-rate-limited-reason'), 'global-rate')
  t.equal(next.headers.get('stripe-should-retry'), null)
  t.match(next.headers.get('request-id'), /^req_/)
  t.equal((await read(vault, vault.keys.live)).status, 200)
  refused(t, await read(vault, vault.keys.live), 429, { code: 'rate_limit', message: message.live })
  await t.rejects(vault.stripe().customers.list(), { type: 'StripeRateLimitError', code: 'rate_limit' })
  t.equal((await write(vault)).status, 200, 'no limit is said of writes')
})

t.test('reads and writes, accounts and modes have limits of their own', async (t) => {
  const vault = await startVault(t, { rateLimit: { reads: slow, writes: slow } })
  const other = newId('acct')
  await insertAccount(vault.db, other)
  const theirs = await createKey(vault.db, { account: other, livemode: false, kind: 'secret' })
  for (const key of [vault.keys.test, vault.keys.live, theirs]) {
    t.equal((await read(vault, key)).status, 200)
    t.equal((await write(vault, key)).status, 200)
    t.equal((await read(vault, key)).status, 429)
    t.equal((await write(vault, key)).status, 429)
  }
  t.equal((await vault.del('/v1/customers/cus_none')).status, 429, 'a DELETE is a write')
})

t.test('all keys of an account share its limit, and who acts as an account uses that one’s', async (t) => {
  const vault = await startVault(t, { rateLimit: { reads: slow } })
  const connected = newId('acct')
  await insertAccount(vault.db, connected, await firstAccount(vault.db))
  const second = await createKey(vault.db, { livemode: false, kind: 'secret' })
  t.equal((await read(vault, vault.keys.test, { 'stripe-account': connected })).status, 200)
  t.equal((await read(vault, vault.keys.test, { 'stripe-account': connected })).status, 429)
  t.equal((await read(vault)).status, 200)
  t.equal((await read(vault, second)).status, 429)
})

t.test('a second’s worth may come at once, and a refusal is not kept under its key', async (t) => {
  const vault = await startVault(t, { rateLimit: { writes: 5 } })
  const key = { 'idempotency-key': 'once' }
  const all = await Promise.all(Array.from({ length: 40 }, () => write(vault)))
  const passed = all.filter(({ status }) => status === 200).length
  t.ok(passed >= 5 && passed < 40, `${passed} passed`)
  let status = 0
  let refusals = 0
  while (status !== 200) {
    const reply = await write(vault, vault.keys.test, key)
    status = reply.status
    if (status === 429) refusals++
    else t.equal(reply.headers.get('original-request'), reply.headers.get('request-id'))
  }
  t.equal(status, 200)
  t.comment(`refused ${refusals} times under its key`)
})

t.test(
  'without the option nobody is limited; with one that is no number the app does not start',
  async (t) => {
    const vault = await startVault(t)
    const replies = await Promise.all(Array.from({ length: 200 }, () => read(vault)))
    t.ok(replies.every(({ status }) => status === 200))
    for (const reads of [0, -1, NaN, Infinity]) {
      await t.rejects(startVault(t, { rateLimit: { reads } }), TypeError, String(reads))
    }
  }
)

t.test('a bucket', async (t) => {
  let now = 0
  const buckets = (size: number, perSecond: number, room?: number) =>
    new TokenBuckets({ size, perSecond, ...(room !== undefined && { maxBuckets: room }) }, () => now)

  await t.test('gives what it holds, and then what comes back', async (t) => {
    const bucket = buckets(3, 2)
    t.same(
      [1, 2, 3, 4].map(() => bucket.take('a')),
      [true, true, true, false]
    )
    now += 499
    t.equal(bucket.take('a'), false)
    now += 1
    t.equal(bucket.take('a'), true)
    t.equal(bucket.take('a'), false)
    now += 60_000
    t.same(
      [1, 2, 3, 4].map(() => bucket.take('a')),
      [true, true, true, false]
    )
    bucket.putBack('a')
    t.equal(bucket.take('a'), true)
    t.equal(bucket.take('b'), true)
  })
  await t.test('that is full again is forgotten', async (t) => {
    const bucket = buckets(1, 1)
    for (let i = 0; i < 1000; i++) bucket.take(String(i))
    t.equal(bucket.count, 1000)
    now += 1000
    bucket.take('x')
    t.equal(bucket.count, 1)
  })
  await t.test(
    'is not kept for more names than there is room for, the longest idle going first',
    async (t) => {
      const bucket = buckets(2, 0, 100)
      bucket.take('busy')
      for (let i = 0; i < 100_000; i++) {
        bucket.take(String(i))
        if (i % 50 === 0) bucket.take('busy')
      }
      t.equal(bucket.count, 100)
      t.equal(bucket.take('busy'), false)
    }
  )
})
