import { setTimeout } from 'node:timers/promises'
import t from 'tap'
import { type Caller, startBeside } from '../helpers/server/beside'
import { part } from '../helpers/document/bodies'
import { eventsOf } from '../helpers/database/rows'
import { type Reply, startVault, type TestVault, typedCard } from '../helpers/vault'

const takenAlready = 'The payment method you provided has already been attached to a customer.'
const spent =
  'This PaymentMethod was previously used without being attached to a Customer or was detached from a Customer, and may not be used again.'

t.setTimeout(300_000)

/** One database for all; two apps with pools of their own for each default isolation. */
let one: Promise<TestVault> | undefined
const apps = new Map<string, Promise<[Caller, Caller]>>()

for (const isolation of ['read committed', 'repeatable read', 'serializable']) {
  t.test(`under ${isolation}`, async (t) => {
    const strict = isolation !== 'read committed'
    const rounds = strict ? 24 : 40

    await t.test('lets one of many customers win a payment method', async (t) => {
      const { vault, callers } = await twoApps(isolation)
      const rounds = strict ? 30 : 120
      const customers = await newCustomers(callers, 8)
      const raced = await eachRound(callers, rounds, async (paymentMethod) =>
        Promise.all(
          customers.map((customer, i) =>
            callers[i % 2 ? 1 : 0].post(`/v1/payment_methods/${paymentMethod}/attach`, { customer })
          )
        )
      )
      const owners = await ownersOf(vault)
      const events = await attachedEvents(vault)
      let fair = 0
      for (const [paymentMethod, replies] of raced) {
        const won = replies.filter(({ status }) => status === 200)
        const lost = replies.filter(
          ({ status, body }) => status === 400 && part(body, 'error.message') === takenAlready
        )
        const owner = won[0]?.body.customer as unknown
        const told = events.get(paymentMethod) ?? []
        const agreed = owners.get(paymentMethod) === owner && told.length === 1 && told[0] === owner
        if (won.length === 1 && lost.length === 7 && agreed) fair++
        else
          t.comment(
            paymentMethod,
            replies.map(({ status, text }) => `${status} ${text}`),
            told
          )
      }
      t.equal(fair, rounds)
    })

    await t.test('ends an attach and a detach in one of the orders that there are', async (t) => {
      const { vault, callers } = await twoApps(isolation)
      const [customer, other] = (await newCustomers(callers, 2)) as [string, string]
      const raced = await eachRound(callers, rounds, async (paymentMethod) => {
        const path = `/v1/payment_methods/${paymentMethod}`
        await callers[0].post(`${path}/attach`, { customer })
        return Promise.all([
          callers[0].post(`${path}/detach`),
          callers[1].post(`${path}/attach`, { customer }),
          callers[0].post(`${path}/attach`, { customer: other }),
          callers[1].post(`${path}/detach`)
        ])
      })
      const owners = await ownersOf(vault)
      for (const [paymentMethod, [detach, same, another, again]] of raced) {
        const detaches = [detach, again].map((reply) => reply?.status).sort()
        const after = [same, another].map((reply) => reply && (reply.status === 200 || message(reply)))
        const right =
          String(detaches) === '200,400' &&
          owners.get(paymentMethod) === null &&
          [true, spent].includes(after[0] as string) &&
          [takenAlready, spent].includes(after[1] as string)
        if (!right) t.fail(`${String(detaches)} ${String(after)} ${String(owners.get(paymentMethod))}`)
      }
      const told = await vault.db.pool.query<{ events: number }>(
        `select count(*)::int as events from payment_vault.events
         where object->>'id' = any($1) and type in ('payment_method.attached', 'payment_method.detached')
         group by object->>'id' having count(*) <> 2`,
        [raced.map(([paymentMethod]) => paymentMethod)]
      )
      t.strictSame(told.rows, [], 'each was attached once and detached once')
    })

    await t.test('never attaches to a customer that is deleted', async (t) => {
      const { vault, callers } = await twoApps(isolation)
      const customers = await newCustomers(callers, rounds)
      const raced = await eachRound(callers, rounds, async (paymentMethod, round) => {
        const customer = String(customers[round])
        // Whatever is sent first tends to be first: so the attaches set out a little later in every other round.
        const delay = (round % 6) * 2
        const attach = async (id: string) => {
          if (delay > 0) await setTimeout(delay)
          return callers[0].post(`/v1/payment_methods/${id}/attach`, { customer })
        }
        return Promise.all([
          attach(paymentMethod),
          callers[1].del(`/v1/customers/${customer}`),
          attach('pm_card_visa'),
          callers[1].post(`/v1/customers/${customer}`, {
            invoice_settings: { default_payment_method: paymentMethod }
          })
        ])
      })
      const statuses = new Set(raced.flatMap(([, replies]) => replies.map(({ status }) => status)))
      t.strictSame(
        [...statuses].filter((status) => ![200, 400, 404].includes(status)),
        []
      )
      t.ok(raced.every(([, replies]) => replies[1]?.status === 200))
      const orphans = await vault.db.pool.query(
        `select m.id from payment_vault.payment_methods m
         join payment_vault.customers c on c.account_id = m.account_id and c.id = m.customer_id
         where c.deleted`
      )
      t.strictSame(orphans.rows, [])
      const won = raced.filter(([, replies]) => replies[0]?.status === 200)
      for (const [paymentMethod] of won) {
        const types = (await eventsOf(vault, paymentMethod)).map(({ type }) => type).sort()
        if (types.length !== 2) t.strictSame(types, ['payment_method.attached', 'payment_method.detached'])
      }
      t.ok(
        won.length > 0 && won.length < raced.length,
        `the attach came first in ${won.length} of ${raced.length}`
      )
    })

    await t.test('never leaves a detached payment method as the default', async (t) => {
      const { vault, callers } = await twoApps(isolation)
      const customers = await newCustomers(callers, rounds)
      const raced = await eachRound(callers, rounds, async (paymentMethod, round) => {
        const customer = String(customers[round])
        await callers[0].post(`/v1/payment_methods/${paymentMethod}/attach`, { customer })
        return Promise.all([
          callers[0].post(`/v1/payment_methods/${paymentMethod}/detach`),
          callers[1].post(`/v1/customers/${customer}`, {
            invoice_settings: { default_payment_method: paymentMethod }
          })
        ])
      })
      t.ok(raced.every(([, [detach]]) => detach?.status === 200))
      const set = raced.filter(([, replies]) => replies[1]?.status === 200).length
      const refused = raced.filter(([, replies]) => replies[1]?.status === 400).length
      t.equal(set + refused, raced.length)
      const wrong = await vault.db.pool.query(
        'select id from payment_vault.customers where default_payment_method is not null'
      )
      t.strictSame(wrong.rows, [])
    })
  })
}

t.test('does once what is sent many times with one key', async (t) => {
  const { vault, callers } = await twoApps()
  const [customer] = (await newCustomers(callers, 1)) as [string]
  const [attached, detached, updated] = (await newPaymentMethods(callers, 3)) as [string, string, string]
  for (const id of [detached, updated])
    await callers[0].post(`/v1/payment_methods/${id}/attach`, { customer })
  const effects = async (): Promise<number> => {
    const counted = await vault.db.pool.query<{ n: number }>(
      `select ((select count(*) from payment_vault.customers)
        + (select count(*) from payment_vault.payment_methods)
        + (select count(*) from payment_vault.events))::int as n`
    )
    return counted.rows[0]?.n ?? 0
  }
  const calls: [path: string, params: object, written: number][] = [
    ['/v1/payment_methods', { type: 'card', card: typedCard }, 1],
    ['/v1/customers', { name: 'Ada' }, 2],
    ['/v1/customers', { payment_method: 'pm_card_visa' }, 4],
    [`/v1/customers/${customer}`, { name: 'Ada' }, 1],
    [`/v1/payment_methods/${attached}/attach`, { customer }, 1],
    ['/v1/payment_methods/pm_card_visa/attach', { customer }, 2],
    [`/v1/payment_methods/${detached}/detach`, {}, 1],
    [`/v1/payment_methods/${updated}`, { metadata: { a: '1' } }, 1],
    ['/v1/payment_methods/pm_card_visa_chargeDeclined/attach', { customer }, 0]
  ]
  for (const [path, params, written] of calls) {
    const before = await effects()
    const replies = await Promise.all(
      Array.from({ length: 64 }, (_, i) =>
        callers[i % 2 ? 1 : 0].post(path, params, { 'idempotency-key': path + String(written) })
      )
    )
    const [first, ...others] = [
      ...new Set(replies.filter(({ status }) => status !== 409).map(({ text }) => text))
    ]
    t.ok(first, path)
    t.strictSame(others, [], 'every answer is the same')
    t.ok(replies.every(({ status, body }) => status < 500 && (status !== 409 || isInUse(body))))
    t.equal((await effects()) - before, written)
    const firsts = replies.filter(({ headers }) => headers.get('idempotent-replayed') === null)
    t.equal(firsts.filter(({ status }) => status !== 409).length, 1, 'all but one say that they are replays')
  }
})

for (const max of [1, 2]) {
  t.test(
    `needs no more than ${max} connection${max > 1 ? 's' : ''}, whatever is asked at once`,
    async (t) => {
      const { vault, callers } = await twoApps()
      const small = await startBeside(t, vault, {
        pool: { max, connectionTimeoutMillis: 10_000 },
        rememberKeysFor: 0
      })
      const [customer, ...doomed] = await newCustomers(callers, 10)
      const free = await newPaymentMethods(callers, 40)
      const next = () => String(free.pop())
      const attachedOnes = await newPaymentMethods(callers, 10)
      for (const id of attachedOnes) await callers[0].post(`/v1/payment_methods/${id}/attach`, { customer })
      const taken = () => String(attachedOnes.pop())

      const kinds: (() => Promise<Reply>)[] = [
        () => small.post('/v1/payment_methods', { type: 'card', card: typedCard }, fresh()),
        () => small.post('/v1/payment_methods', { type: 'card', card: { token: 'tok_visa' } }),
        () => small.post('/v1/customers', { payment_method: next() }, fresh()),
        () => small.post('/v1/customers', { payment_method: 'pm_card_chargeDeclined' }, fresh()),
        () =>
          small.post(`/v1/customers/${String(customer)}`, { metadata: { a: '1' }, expand: ['tax'] }, fresh()),
        () =>
          small.post(`/v1/customers/${String(customer)}`, {
            invoice_settings: { default_payment_method: next() }
          }),
        () => small.post(`/v1/payment_methods/${next()}/attach`, { customer }, fresh()),
        () => small.post(`/v1/payment_methods/${next()}/attach`, { customer, expand: ['customer'] }, fresh()),
        () => small.post('/v1/payment_methods/pm_card_visa/attach', { customer }),
        () =>
          small.post(
            '/v1/payment_methods/pm_card_chargeDeclined/attach',
            { customer, expand: ['customer'] },
            fresh()
          ),
        () => small.post('/v1/payment_methods/pm_x/attach', { customer, expand: ['customer'] }, fresh()),
        () =>
          small.post(
            `/v1/payment_methods/${next()}/attach`,
            { customer: 'cus_x', expand: ['customer'] },
            fresh()
          ),
        () => small.post(`/v1/payment_methods/${taken()}/detach`, { expand: ['customer'] }, fresh()),
        () =>
          small.post(
            `/v1/payment_methods/${taken()}`,
            { metadata: { a: '1' }, expand: ['customer'] },
            fresh()
          ),
        () => small.post('/v1/payment_methods/pm_x/detach', {}, fresh()),
        () => small.del(`/v1/customers/${String(doomed.pop())}`),
        () => small.del('/v1/customers/cus_x'),
        () =>
          small.post(
            `/v1/payment_methods/${next()}/attach`,
            { customer },
            { 'idempotency-key': `one for all ${max}` }
          )
      ]
      const rounds = Array.from({ length: 4 }, () => kinds.map((kind) => kind())).flat()
      t.ok(rounds.length > 50)
      const replies = await Promise.all(rounds)
      const failed = replies.filter(({ status }) => status >= 500 || status === 429).map(({ text }) => text)
      t.strictSame(failed, [])
    }
  )
}

t.test('waits for a row that another transaction holds, and not for ever', async (t) => {
  const { vault, callers } = await twoApps()
  const [customer] = (await newCustomers(callers, 1)) as [string]
  const [held, keyed] = (await newPaymentMethods(callers, 2)) as [string, string]
  const holder = await vault.db.pool.connect()
  try {
    await holder.query('begin')
    await holder.query('select 1 from payment_vault.payment_methods where id = $1 for update', [held])
    await holder.query(
      `insert into payment_vault.idempotency_keys
         (account_id, key, created, endpoint, parameters, request_id, version)
       select account_id, k, 0, '/v1/nowhere', '', 'req_0', '2022-11-15'
       from payment_vault.payment_methods, unnest(array['held', 'held too']) k where id = $1`,
      [held]
    )
    const attaches = (id: string, key?: string) =>
      callers[0].post(
        `/v1/payment_methods/${id}/attach`,
        { customer },
        key === undefined ? {} : { 'idempotency-key': key }
      )
    const [row, rowWithKey, key, ofOnce] = await Promise.all([
      attaches(held),
      attaches(held, 'free'),
      attaches(keyed, 'held'),
      callers[1].post('/v1/customers', {}, { 'idempotency-key': 'held too' })
    ])
    for (const reply of [row, rowWithKey]) {
      t.match(reply, {
        status: 429,
        body: { error: { code: 'lock_timeout', type: 'invalid_request_error' } }
      })
      t.equal(reply.headers.get('stripe-should-retry'), 'true')
    }
    for (const reply of [key, ofOnce]) {
      t.equal(reply.status, 409)
      t.ok(isInUse(reply.body), reply.text)
    }
    await holder.query('rollback')
    for (const [id, with_] of [
      [held, 'free'],
      [keyed, 'held']
    ] as const) {
      const reply = await attaches(id, with_)
      t.equal(reply.status, 200, 'neither refusal was kept')
      t.equal(reply.headers.get('idempotent-replayed'), null)
    }
  } finally {
    holder.release(true)
  }
})

const isInUse = (body: unknown): boolean => part(body, 'error.code') === 'idempotency_key_in_use'

const message = ({ body }: Reply): string => String(part(body, 'error.message'))

let keys = 0
const fresh = () => ({ 'idempotency-key': `key ${++keys}` })

/** Two apps with pools of their own whose connections have this default isolation. */
async function twoApps(
  isolation = 'read committed'
): Promise<{ vault: TestVault; callers: [Caller, Caller] }> {
  const vault = await (one ??= startVault(t))
  const pool = { options: `-c default_transaction_isolation=${isolation.replace(' ', '\\ ')}` }
  const start = async (): Promise<[Caller, Caller]> => [
    await startBeside(t, vault, { pool }),
    await startBeside(t, vault, { pool })
  ]
  const callers = apps.get(isolation) ?? start()
  apps.set(isolation, callers)
  return { vault, callers: await callers }
}

/** As many rounds as told, each with a new payment method, four of them at a time. */
async function eachRound(
  callers: [Caller, Caller],
  rounds: number,
  round: (paymentMethod: string, round: number) => Promise<Reply[]>
): Promise<[paymentMethod: string, replies: Reply[]][]> {
  const waiting = await newPaymentMethods(callers, rounds)
  const done: [string, Reply[]][] = []
  const lane = async () => {
    for (let id = waiting.pop(); id !== undefined; id = waiting.pop())
      done.push([id, await round(id, waiting.length)])
  }
  await Promise.all(Array.from({ length: 4 }, lane))
  return done
}

async function newPaymentMethods([a, b]: [Caller, Caller], count: number): Promise<string[]> {
  const made = Array.from({ length: count }, (_, i) =>
    (i % 2 ? a : b).post('/v1/payment_methods', { type: 'card', card: typedCard })
  )
  return (await Promise.all(made)).map(({ body }) => String(body.id))
}

async function newCustomers([a, b]: [Caller, Caller], count: number): Promise<string[]> {
  const made = Array.from({ length: count }, (_, i) => (i % 2 ? a : b).post('/v1/customers'))
  return (await Promise.all(made)).map(({ body }) => String(body.id))
}

async function ownersOf(vault: TestVault): Promise<Map<string, string | null>> {
  const found = await vault.db.pool.query<{ id: string; customer_id: string | null }>(
    'select id, customer_id from payment_vault.payment_methods'
  )
  return new Map(found.rows.map((row) => [row.id, row.customer_id]))
}

/** To whom each payment method was attached, by the events. */
async function attachedEvents(vault: TestVault): Promise<Map<string, string[]>> {
  const found = await vault.db.pool.query<{ id: string; customers: string[] }>(
    `select object->>'id' as id, array_agg(object->>'customer_id') as customers
     from payment_vault.events where type = 'payment_method.attached' group by 1`
  )
  return new Map(found.rows.map((row) => [row.id, row.customers]))
}
