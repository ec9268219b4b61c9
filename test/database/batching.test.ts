import Fastify from 'fastify'
import t from 'tap'
import { Batcher, type Shareable, type Wait } from '../../plugins/database/batcher'
import { handleErrors } from '../../plugins/reply/error-handler'
import { lockTimeout } from '../../plugins/database/errors/lock-timeout'
import { WireError } from '../../plugins/errors/errors'
import type { Attempt } from '../../plugins/idempotency/idempotency'
import { firstAccount } from '../../src/resources/accounts/keys'
import { accountIn } from '../../src/protocol/view'
import { paymentVault } from '../../src/index'
import {
  type AttachCall,
  type AttachDecision,
  attaching
} from '../../src/resources/payment-methods/attach-store'
import { newId, newRequestId } from '../../src/protocol/values/ids'
import { type Caller, callerOf, startBeside } from '../helpers/server/beside'
import { part } from '../helpers/document/bodies'
import { eventsOf } from '../helpers/database/rows'
import { terminateWaiting } from '../helpers/database/terminate-waiting'
import { until } from '../helpers/until'
import { fingerprintKey, type Reply, startVault, type TestVault, typedCard } from '../helpers/vault'

t.setTimeout(300_000)

// These are about shared transactions, whatever the others are run with.
const shared = { shareTransactions: true }

/** The vault that most of these share, and an app beside it with no more than two connections. */
let one: Promise<{ vault: TestVault; small: Caller }> | undefined
const both = () => (one ??= start())

async function start(): Promise<{ vault: TestVault; small: Caller }> {
  const vault = await startVault(t, shared)
  return { vault, small: await startBeside(t, vault, { ...shared, pool: { max: 2 } }) }
}

t.test('does right by 200 attaches at once, through two connections', async (t) => {
  const { vault, small } = await both()
  const ids = await newPaymentMethods(small, 200)
  const customers = await newCustomers(small, 10)
  const replies = await Promise.all(
    ids.map((id, i) => attach(small, id, String(customers[i % 10]), key(`one of 200: ${i}`)))
  )
  for (const [i, reply] of replies.entries()) {
    const right =
      reply.status === 200 && reply.body.id === ids[i] && reply.body.customer === customers[i % 10]
    if (!right) t.fail(reply.text)
  }
  const counted = await vault.db.pool.query<{ events: number; objects: number; keys: number }>(
    `select count(*)::int as events, count(distinct object->>'id')::int as objects,
       count(distinct idempotency_key)::int as keys
     from payment_vault.events where type = 'payment_method.attached' and object->>'id' = any($1)`,
    [ids]
  )
  t.strictSame(counted.rows[0], { events: 200, objects: 200, keys: 200 })
  const transactions = await transactionsOf(vault, 'one of 200: %')
  t.ok(transactions < 100, `in ${transactions} transactions`)
})

t.test('shares transactions for new customers, new payment methods and detaches too', async (t) => {
  const { vault, small } = await both()
  const [customer] = (await newCustomers(small, 1)) as [string]
  const attached = await newPaymentMethods(small, 60)
  await Promise.all(attached.map((id) => attach(small, id, customer)))
  const kinds: Record<string, (i: number) => [path: string, params: object]> = {
    customers: (i) => ['/v1/customers', { name: `Ada ${i}`, email: `${i}@example.com` }],
    cards: () => ['/v1/payment_methods', { type: 'card', card: typedCard }],
    detaches: (i) => [`/v1/payment_methods/${String(attached[i])}/detach`, {}]
  }
  const rows = async () => {
    const counted = await vault.db.pool.query<{ rows: number }>(
      `select ((select count(*) from payment_vault.customers)
         + (select count(*) from payment_vault.payment_methods))::int as rows`
    )
    return counted.rows[0]?.rows ?? 0
  }
  for (const [kind, callOf] of Object.entries(kinds)) {
    const before = await rows()
    const send = () =>
      Promise.all(
        attached.map((_id, i) => {
          const [path, params] = callOf(i)
          return small.post(path, params, { 'idempotency-key': `${kind} ${i}` })
        })
      )
    const firsts = await send()
    t.ok(firsts.every(({ status, headers }) => status === 200 && !headers.has('idempotent-replayed')))
    t.equal(new Set(firsts.map(({ body }) => String(body.id))).size, 60)
    const transactions = await transactionsOf(vault, `${kind} %`)
    t.ok(transactions < 40, `${kind} in ${transactions} transactions`)

    const replays = await send()
    t.equal((await rows()) - before, kind === 'detaches' ? 0 : 60)
    t.ok(replays.every(({ headers }) => headers.has('idempotent-replayed')))
    t.strictSame(
      replays.map(({ text }) => text),
      firsts.map(({ text }) => text)
    )
    for (const [i, { body }] of firsts.entries()) {
      const got = await vault.get(
        `/v1/${kind === 'customers' ? 'customers' : 'payment_methods'}/${String(body.id)}`
      )
      if (got.text !== firsts[i]?.text) t.fail(got.text)
      const types = (await eventsOf(vault, String(body.id))).map(({ type }) => type)
      const expected = {
        customers: ['customer.created'],
        cards: [],
        detaches: ['payment_method.attached', 'payment_method.detached']
      }
      t.strictSame(types, expected[kind as keyof typeof expected])
    }
  }
})

t.test('has one effect and one answer for a key that is used by many at once', async (t) => {
  const { vault, small } = await both()
  const [customer] = (await newCustomers(small, 1)) as [string]
  const [id, ...others] = (await newPaymentMethods(small, 21)) as [string, ...string[]]
  const calls: [path: string, params: object, events: number][] = [
    [`/v1/payment_methods/${id}/attach`, { customer }, 1],
    [`/v1/payment_methods/${id}/detach`, {}, 2],
    ['/v1/customers', { name: 'Ada' }, 1],
    ['/v1/payment_methods', { type: 'card', card: typedCard }, 0]
  ]
  for (const [path, params, events] of calls) {
    const [replies] = await Promise.all([
      Promise.all(Array.from({ length: 50 }, () => small.post(path, params, key(`same for ${path}`)))),
      Promise.all(others.map((other) => attach(small, other, customer)))
    ])
    t.strictSame([...new Set(replies.map(({ status }) => status))], [200])
    t.equal(new Set(replies.map(({ text }) => text)).size, 1, 'equal bytes')
    t.equal(replies.filter(({ headers }) => !headers.has('idempotent-replayed')).length, 1)
    t.equal((await eventsOf(vault, String(replies[0]?.body.id))).length, events)
  }
})

t.test('tells calls apart that are decided together', async (t) => {
  const { vault, small } = await both()
  const account = accountIn(await firstAccount(vault.db), false)
  const [customer, other] = (await newCustomers(small, 2)) as [string, string]
  const ids = await newPaymentMethods(small, 8)
  const [first, free, mine, theirs, detached, second, nobodys, late] = ids as Eight
  await attach(small, mine, customer)
  await attach(small, theirs, other)
  await attach(small, detached, customer)
  await small.post(`/v1/payment_methods/${detached}/detach`)
  await attach(small, second, customer, key('used before'))
  const declining = await small.post('/v1/payment_methods', {
    type: 'card',
    card: { ...typedCard, number: '4000000000000002' }
  })

  const wanted: [outcome: AttachDecision['outcome'], call: AttachCall][] = [
    ['attached', callFor(first, customer)],
    ['attached', callFor(free, customer, account, 'new')],
    ['unchanged', callFor(mine, customer, account, 'unchanged')],
    ['attached_to_another', callFor(theirs, customer, account, 'another')],
    ['spent', callFor(detached, customer, account, 'spent')],
    ['no_such_payment_method', callFor('pm_none', customer, account, 'no card')],
    ['no_such_customer', callFor(nobodys, 'cus_none', account, 'nobody')],
    ['key_reused', callFor(second, customer, account, 'used before')],
    ['verify_first', callFor(String(declining.body.id), customer, account, 'verify')],
    ['attached', callFor(late, customer)]
  ]
  const sizes: number[] = []
  const watched = watching(attaching, (calls) => sizes.push(calls.length))
  const batcher = new Batcher(vault.db, { slots: 1, patienceMs: 0, size: 32, maxWaiting: 100 })
  const decisions = await Promise.all(wanted.map(([, call]) => batcher.run(watched, account, call)))
  t.strictSame(
    decisions.map(({ outcome }) => outcome),
    wanted.map(([outcome]) => outcome)
  )
  t.strictSame(sizes, [1, 9], 'one went at once, the others together')
  const kept = await vault.db.pool.query<{ key: string }>(
    `select key from payment_vault.idempotency_keys
     where key in ('new', 'unchanged', 'another', 'spent', 'no card', 'nobody', 'verify') order by key`
  )
  t.strictSame(
    kept.rows.map(({ key }) => key),
    ['another', 'new', 'spent', 'unchanged']
  )
  t.equal((await eventsOf(vault, free)).length, 1)
})

t.test('lets one of those win who want the same payment method at the same moment', async (t) => {
  const { vault, small } = await both()
  const customers = await newCustomers(small, 8)
  for (const id of await newPaymentMethods(small, 5)) {
    const [replies] = await Promise.all([
      Promise.all(customers.map((customer) => attach(small, id, customer))),
      newCustomers(small, 10)
    ])
    t.strictSame(replies.map(({ status }) => status).sort(), [200, ...Array<number>(7).fill(400)])
    t.equal((await eventsOf(vault, id)).length, 1)
  }
})

t.test('lets an error reach only the call that it belongs to', async (t) => {
  const { vault, small } = await both()
  const [customer] = (await newCustomers(small, 1)) as [string]
  const ids = await newPaymentMethods(small, 40)
  const poisoned = String(ids[17])
  await vault.db.pool.query(
    `create function payment_vault.poison() returns trigger language plpgsql as $$
       begin raise exception 'poison'; end $$;
     create trigger poison before update on payment_vault.payment_methods for each row
       when (new.id = '${poisoned}') execute function payment_vault.poison();
     create trigger poison before insert on payment_vault.customers for each row
       when (new.email = 'poison@example.com') execute function payment_vault.poison()`
  )
  const attaches = await Promise.all(
    ids.map((id, i) => attach(small, id, customer, key(`beside poison ${i}`)))
  )
  const customers = await Promise.all(
    ids.map((_id, i) => small.post('/v1/customers', { email: `${i === 17 ? 'poison' : i}@example.com` }))
  )
  for (const replies of [attaches, customers]) {
    t.strictSame(
      replies.map(({ status }) => status),
      ids.map((_id, i) => (i === 17 ? 500 : 200))
    )
    for (const [i, { body }] of replies.entries()) {
      if (i !== 17) t.equal((await eventsOf(vault, String(body.id))).length, 1)
    }
  }
  t.ok((await transactionsOf(vault, 'beside poison %')) > 5)
  t.strictSame(await eventsOf(vault, poisoned), [])
  await vault.db.pool.query(
    `drop trigger poison on payment_vault.payment_methods; drop trigger poison on payment_vault.customers`
  )
  const again = await attach(small, poisoned, customer, key('beside poison 17'))
  t.equal(again.status, 200, 'its key was left free')
  t.notOk(again.headers.has('idempotent-replayed'))
})

t.test('keeps nobody waiting for a row that only another call needs', async (t) => {
  const { vault, small } = await both()
  const [customer] = (await newCustomers(small, 1)) as [string]
  const ids = await newPaymentMethods(small, 30)
  const holder = await vault.db.pool.connect()
  try {
    await holder.query('begin')
    await holder.query('select 1 from payment_vault.payment_methods where id = $1 for update', [ids[3]])
    const answers = ids.map((id) => attach(small, id, customer))
    let ended = false
    void answers[3]?.then(() => (ended = true))
    const others = await Promise.all(answers.filter((_answer, i) => i !== 3))
    t.ok(others.every(({ status }) => status === 200))
    t.notOk(ended, 'it waits on')
    await holder.query('rollback')
    t.equal((await answers[3])?.status, 200)
  } finally {
    holder.release(true)
  }
})

t.test('loses no call when the connection dies, and tells nobody what is not so', async (t) => {
  const { vault, small } = await both()
  const [customer] = (await newCustomers(small, 1)) as [string]
  const ids = await newPaymentMethods(small, 60)
  const send = () => Promise.all(ids.map((id, i) => attach(small, id, customer, key(`cut ${i}`))))
  const holder = await vault.db.pool.connect()
  let replies: Reply[]
  try {
    await holder.query('begin; lock table payment_vault.events in share mode')
    const answers = send()
    await terminateWaiting(holder)
    await holder.query('rollback')
    replies = await answers
  } finally {
    holder.release(true)
  }
  const lost = replies.filter(({ status }) => status === 503)
  t.ok(lost.length > 0, `${lost.length} of 60 were lost`)
  t.ok(lost.every(({ headers }) => headers.get('stripe-should-retry') === 'true'))
  t.ok(replies.every(({ status }) => status === 200 || status === 503))
  const again = await send()
  for (const [i, { status, text, headers }] of again.entries()) {
    const first = replies[i]
    const right =
      status === 200 &&
      (first?.status === 200
        ? text === first.text && headers.get('idempotent-replayed') === 'true'
        : part(first?.body, 'error.type') === 'api_error')
    if (!right) t.fail(`${first?.text ?? ''} ${text}`)
    t.equal((await eventsOf(vault, String(ids[i]))).length, 1)
  }
})

t.test('answers all that it took before it closes', async (t) => {
  const { vault, small } = await both()
  const [customer] = (await newCustomers(small, 1)) as [string]
  const ids = await newPaymentMethods(small, 150)
  const { connectionString } = vault.db.pool.options
  const app = Fastify()
  let taken = 0
  app.addHook('onRequest', (_request, _reply, done) => {
    taken++
    done()
  })
  await app.register(paymentVault, { connectionString, fingerprintKey, ...shared, deliverWebhooks: false })
  const url = await app.listen({ port: 0, host: '127.0.0.1' })
  const closing = callerOf(t, url, vault.keys.test)
  const answers = Promise.all(
    ids.map((id, i) => attach(closing, id, customer, { ...key(`closing ${i}`), connection: 'close' }))
  )
  await until(() => taken === ids.length)
  await app.close()
  const replies = await answers
  t.strictSame([...new Set(replies.map(({ status }) => status))], [200])
})

t.test('sends one batch at a time, and a second beside one that takes long', async (t) => {
  const far = 1e9
  for (const [patience, expected] of [
    [far, [['a'], ['b', 'c']]],
    [0, [['a'], ['b'], ['c']]]
  ] as const) {
    const batches: string[][] = []
    const gate = newGate()
    const kind = watching<string, string>(
      { touches: () => [], send: async (_db, _group, calls) => (await gate.passed, calls) },
      (calls) => batches.push([...calls])
    )
    const batcher = new Batcher(undefined as never, {
      slots: 2,
      patienceMs: patience,
      size: 8,
      maxWaiting: 100
    })
    const sent = ['a', 'b', 'c'].map((call) => batcher.run(kind, 'account', call))
    t.equal(batches.length, patience === far ? 1 : 2)
    gate.open()
    t.strictSame(await Promise.all(sent), ['a', 'b', 'c'])
    t.strictSame(batches, expected)
  }
})

t.test('gives every account its turn', async (t) => {
  const batches: [group: string, calls: string[]][] = []
  const gate = newGate()
  const kind = watching<string, string>(
    { touches: () => [], send: async (_db, _group, calls) => (await gate.passed, calls) },
    (calls, group) => batches.push([group, [...calls]])
  )
  const batcher = new Batcher(undefined as never, { slots: 1, patienceMs: 0, size: 4, maxWaiting: 100 })
  const sent = [
    ...Array.from({ length: 21 }, (_, i) => batcher.run(kind, 'busy', `busy ${i}`)),
    batcher.run(kind, 'quiet', 'quiet 0'),
    batcher.run(kind, 'other', 'other 0'),
    batcher.run(kind, 'quiet', 'quiet 1')
  ]
  gate.open()
  const results = await Promise.all(sent)
  t.equal(results.length, 24)
  t.strictSame(results.slice(0, 2), ['busy 0', 'busy 1'])
  t.strictSame(
    batches.map(([group, calls]) => `${group} ${calls.length}`),
    ['busy 1', 'busy 4', 'quiet 2', 'other 1', 'busy 4', 'busy 4', 'busy 4', 'busy 4']
  )
})

t.test('sends no two calls together that touch the same, nor of different kinds', async (t) => {
  const batches: string[][] = []
  const gate = newGate()
  const make = () =>
    watching<string, string>(
      { touches: (call) => call.split(' '), send: async (_db, _group, calls) => (await gate.passed, calls) },
      (calls) => batches.push([...calls])
    )
  const [kind, another] = [make(), make()]
  const batcher = new Batcher(undefined as never, { slots: 1, patienceMs: 0, size: 3, maxWaiting: 100 })
  const sent = ['z', 'a k', 'b k', 'a l', 'c', 'd', 'e'].map((call) => batcher.run(kind, 'account', call))
  sent.push(batcher.run(another, 'account', 'f'))
  gate.open()
  t.strictSame(await Promise.all(sent), ['z', 'a k', 'b k', 'a l', 'c', 'd', 'e', 'f'])
  t.strictSame(batches, [['z'], ['a k', 'c', 'd'], ['b k', 'a l', 'e'], ['f']])
})

t.test('waits for a moment together, and longer alone, beside those that come after', async (t) => {
  const waits: [calls: string[], wait: Wait][] = []
  const stuck = newGate()
  const kind: Shareable<string, string> = {
    touches: () => [],
    send: async (_db, _group, calls, wait) => {
      waits.push([[...calls], wait])
      if (waits.length === 1) throw lockTimeout()
      if (calls.includes('held')) await stuck.passed
      return calls
    }
  }
  const batcher = new Batcher(undefined as never, { slots: 1, patienceMs: 0, size: 8, maxWaiting: 100 })
  const held = batcher.run(kind, 'account', 'held')
  const behind = ['a', 'b'].map((call) => batcher.run(kind, 'account', call))
  t.strictSame(await Promise.all(behind), ['a', 'b'])
  t.strictSame(waits, [
    [['held'], '100ms'],
    [['a', 'b'], '100ms'],
    [['held'], '5s']
  ])
  let drained = false
  const drain = batcher.drained().then(() => (drained = true))
  await new Promise((resolve) => setImmediate(resolve))
  t.notOk(drained)
  stuck.open()
  t.equal(await held, 'held')
  await drain
})

t.test('refuses what there is no room for, and has room again', async (t) => {
  const gate = newGate()
  const kind: Shareable<string, string> = {
    touches: () => [],
    send: async (_db, _group, calls) => (await gate.passed, calls)
  }
  const batcher = new Batcher(undefined as never, { slots: 1, patienceMs: 0, size: 2, maxWaiting: 3 })
  const app = Fastify()
  t.teardown(() => app.close())
  handleErrors(app)
  let asked = 0
  app.get('/:call', ({ params }) => {
    asked++
    return batcher.run(kind, 'account', (params as { call: string }).call)
  })
  const taken = ['a', 'b', 'c', 'd'].map((call) => batcher.run(kind, 'account', call))
  const refusal = app.inject('/e')
  await until(() => asked === 1)
  gate.open()
  const refused = await refusal
  t.equal(refused.statusCode, 429)
  t.equal(refused.headers['stripe-should-retry'], 'true')
  t.equal(part(refused.json(), 'error.code'), 'lock_timeout')
  t.strictSame(await Promise.all(taken), ['a', 'b', 'c', 'd'])
  t.equal((await app.inject('/e')).body, 'e')
})

t.test('sends nothing again when nobody knows whether it was done', async (t) => {
  let sent = 0
  const gone = new WireError(503, { type: 'api_error' })
  const kind: Shareable<string, string> = {
    touches: () => [],
    send: () => {
      sent++
      return Promise.reject(gone)
    }
  }
  const batcher = new Batcher(undefined as never, { slots: 1, patienceMs: 0, size: 8, maxWaiting: 100 })
  const ends = await Promise.allSettled(['a', 'b', 'c'].map((call) => batcher.run(kind, 'account', call)))
  t.ok(ends.every((end) => end.status === 'rejected' && end.reason === gone))
  t.equal(sent, 2)
})

t.test('gives each call a transaction of its own where that is wanted', async (t) => {
  const { vault } = await both()
  const apart = await startBeside(t, vault, { shareTransactions: false, pool: { max: 2 } })
  const replies = await Promise.all(
    Array.from({ length: 40 }, (_, i) => apart.post('/v1/customers', {}, key(`apart ${i}`)))
  )
  t.ok(replies.every(({ status }) => status === 200))
  t.equal(await transactionsOf(vault, 'apart %'), 40)
})

type Eight = [string, string, string, string, string, string, string, string]

const key = (value: string) => ({ 'idempotency-key': value })

const attach = (caller: Caller, id: string, customer: string, headers: Record<string, string> = {}) =>
  caller.post(`/v1/payment_methods/${id}/attach`, { customer }, headers)

async function newPaymentMethods(caller: Caller, count: number): Promise<string[]> {
  const made = Array.from({ length: count }, () =>
    caller.post('/v1/payment_methods', { type: 'card', card: typedCard })
  )
  return (await Promise.all(made)).map(({ body }) => String(body.id))
}

async function newCustomers(caller: Caller, count: number): Promise<string[]> {
  const made = Array.from({ length: count }, () => caller.post('/v1/customers'))
  return (await Promise.all(made)).map(({ body }) => String(body.id))
}

/** How many transactions wrote the keys that are like this. */
async function transactionsOf(vault: TestVault, like: string): Promise<number> {
  const found = await vault.db.pool.query<{ transactions: number }>(
    'select count(distinct xmin::text)::int as transactions from payment_vault.idempotency_keys where key like $1',
    [like]
  )
  return found.rows[0]?.transactions ?? 0
}

function callFor(paymentMethod: string, customer: string, account?: string, key?: string): AttachCall {
  const requestId = newRequestId()
  const endpoint = `/v1/payment_methods/${paymentMethod}/attach`
  const claim: Attempt | null =
    account === undefined || key === undefined
      ? null
      : { account, key, endpoint, parameters: Buffer.from('these'), requestId, version: '2022-11-15' }
  const event = newId('evt')
  return {
    ...{ paymentMethod, customer, verified: false, checks: undefined, event, requestId },
    ...{ key: claim?.key ?? null, claim }
  }
}

/** The same kind, with somebody who sees each batch. */
const watching = <Call, Result>(
  kind: Shareable<Call, Result>,
  see: (calls: readonly Call[], group: string) => unknown
): Shareable<Call, Result> => ({
  touches: (call) => kind.touches(call),
  send: (db, group, calls, wait) => {
    see(calls, group)
    return kind.send(db, group, calls, wait)
  }
})

function newGate(): { passed: Promise<void>; open: () => void } {
  let open = (): void => undefined
  const passed = new Promise<void>((resolve) => (open = resolve))
  return { passed, open }
}
