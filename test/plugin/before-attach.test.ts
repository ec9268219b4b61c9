import { Writable } from 'node:stream'
import t, { type Test } from 'tap'
import {
  AttachRefused,
  type AttachInProgress,
  type BeforeAttach,
  type PaymentVaultOptions
} from '../../src/index'
import { startBeside } from '../helpers/server/beside'
import { refused } from '../helpers/document/bodies'
import { everyRow } from '../helpers/database/rows'
import { until } from '../helpers/until'
import { type Json, newPair, type Reply, startVault, type TestVault } from '../helpers/vault'

// The host's own rule inside the transaction of an attach: `beforeAttach`.

const table = 'create table public.host_cards (payment_method text primary key, customer text not null)'
const insert = 'insert into public.host_cards values ($1, $2)'
const failure = {
  status: 500,
  message: 'An error occurred inside the server. It has been logged; the request may be retried.',
  type: 'api_error'
}

t.test('is asked once for each attach that takes effect, and what it writes commits with it', async (t) => {
  const seen: AttachInProgress[] = []
  const host = await startHost(t, async (tx, attach) => {
    seen.push(attach)
    const { rowCount } = await tx.query(insert, [attach.paymentMethod.id, attach.customer])
    t.equal(rowCount, 1)
    const { rows } = await tx.query<{ state: string }>(
      `select state from payment_vault.payment_methods where id = '${attach.paymentMethod.id}'`
    )
    t.strictSame(rows, [{ state: 'attached' }], 'it sees the change')
  })
  const { vault } = host
  const { paymentMethod, customer } = await newPair(vault)
  const headers = { 'idempotency-key': 'k', 'stripe-version': '2024-06-20' }
  const path = `/v1/payment_methods/${paymentMethod}/attach`
  const first = await vault.post(path, { customer }, { headers })
  t.equal(first.status, 200, first.text)
  t.equal(first.headers.get('original-request'), first.headers.get('request-id'))
  const shown = await vault.get(`/v1/payment_methods/${paymentMethod}`)
  t.match(seen[0]?.account, /^acct_[0-9A-Za-z]+$/)
  t.strictSame(JSON.parse(JSON.stringify(seen)), [
    {
      account: seen[0]?.account,
      livemode: false,
      publishable: false,
      requestId: first.headers.get('request-id'),
      idempotencyKey: 'k',
      customer,
      paymentMethod: shown.body
    }
  ])
  t.strictSame(await host.cards(), [{ payment_method: paymentMethod, customer }])

  // None of these attaches anything.
  const replay = await vault.post(path, { customer }, { headers })
  t.equal(replay.text, first.text)
  t.equal(replay.headers.get('idempotent-replayed'), 'true')
  t.equal((await vault.post(path, { customer })).status, 200)
  t.equal((await vault.post(path, { customer: (await newPair(vault)).customer })).status, 400)
  t.equal((await vault.post('/v1/payment_methods/pm_none/attach', { customer })).status, 404)
  t.equal((await vault.post(path, { customer: 'cus_none' })).status, 400)
  t.equal(seen.length, 1)

  // All of these do.
  const { paymentMethod: another } = await newPair(vault)
  const made = [
    await vault.post(`/v1/payment_methods/${another}/attach`, { customer, expand: ['customer'] }),
    await vault.post('/v1/payment_methods/pm_card_visa/attach', { customer }),
    await vault.post('/v1/customers', { payment_method: 'pm_card_mastercard' })
  ]
  t.strictSame(
    seen.slice(1).map((attach) => attach.customer),
    [customer, customer, made[2]?.body.id]
  )
  t.strictSame(
    (await host.cards()).map(({ payment_method }) => payment_method).sort(),
    seen.map((attach) => attach.paymentMethod.id).sort()
  )
})

t.test('refuses in its own words, which are kept under the key, and undoes all', async (t) => {
  let asked = 0
  const host = await startHost(t, async (tx, { paymentMethod, customer }) => {
    asked++
    await tx.query(insert, [paymentMethod.id, customer])
    throw new AttachRefused({
      message: 'Three cards are enough.',
      status: 403,
      code: 'too_many',
      param: 'customer'
    })
  })
  const { vault } = host
  const heard: string[] = []
  vault.app.paymentVault.on('payment_method.attached', ({ id }) => heard.push(id))
  const { paymentMethod, customer } = await newPair(vault)
  const path = `/v1/payment_methods/${paymentMethod}/attach`
  const before = await everyRow(vault)
  const error = { message: 'Three cards are enough.', code: 'too_many', param: 'customer' }

  const plain = await vault.post(path, { customer })
  refused(t, plain, 403, error)
  t.equal(plain.headers.get('stripe-should-retry'), 'false')
  refused(t, await vault.post('/v1/customers', { payment_method: paymentMethod }), 403, error)
  t.equal(await everyRow(vault), before, 'no row, no event, no key')
  t.equal(asked, 2)

  const calls: [path: string, params: object][] = [
    [path, { customer }],
    [path, { customer, expand: ['customer'] }],
    ['/v1/customers', { payment_method: paymentMethod }]
  ]
  for (const [i, [path, params]] of calls.entries()) {
    const headers = { 'idempotency-key': `k${i}` }
    const first = await vault.post(path, params, { headers })
    refused(t, first, 403, error)
    t.equal(first.headers.get('original-request'), first.headers.get('request-id'))
    const replay = await vault.post(path, params, { headers })
    t.equal(replay.text, first.text)
    t.equal(replay.headers.get('idempotent-replayed'), 'true')
    t.equal(replay.headers.get('original-request'), first.headers.get('request-id'))
    t.equal(replay.headers.get('stripe-should-retry'), 'false')
    t.equal(asked, 3 + i, 'a replay asks nobody')
  }
  t.strictSame(await host.cards(), [])
  const { rows } = await vault.db.pool.query('select 1 from payment_vault.events where type like $1', [
    '%attached'
  ])
  t.equal(rows.length, 0)
  t.strictSame(heard, [])
  const usual = new AttachRefused({ message: 'No.' })
  t.equal(usual.status, 400)
})

t.test('fails whatever else it throws, and leaves the key free', async (t) => {
  const notFound = Object.assign(new Error('of the host: 9173'), { statusCode: 404 })
  const refusedBy: (() => unknown)[] = [
    () => notFound,
    () => Object.assign(new Error('connect ECONNREFUSED 127.0.0.1'), { code: 'ECONNREFUSED' }),
    () => 'a text'
  ]
  let next: BeforeAttach = () => undefined
  const log: Json[] = []
  const host = await startHost(t, (tx, attach) => next(tx, attach), {}, log)
  const { vault } = host
  const { paymentMethod, customer } = await newPair(vault)
  const path = `/v1/payment_methods/${paymentMethod}/attach`
  const headers = { 'idempotency-key': 'k' }
  const before = await everyRow(vault)
  for (const thrown of refusedBy) {
    next = async (tx) => {
      await tx.query(insert, [paymentMethod, customer])
      throw thrown()
    }
    failed(t, await vault.post(path, { customer }, { headers }))
    failed(t, await vault.post('/v1/customers', { payment_method: paymentMethod }, { headers }))
    t.equal(await everyRow(vault), before)
    t.strictSame(await host.cards(), [])
  }
  next = async (tx) => {
    for (const id of [paymentMethod, paymentMethod]) await tx.query(insert, [id, customer])
  }
  failed(t, await vault.post(path, { customer }, { headers }))
  t.equal(await everyRow(vault), before)
  t.equal(log.length, 7)
  t.match(log[6], { err: { stack: /`beforeAttach` failed[^]*duplicate key/ } })
  t.notMatch(JSON.stringify(log), new RegExp(paymentMethod), 'not the row that was refused')
  t.match(log[0], { msg: 'request failed', err: { stack: /`beforeAttach` failed[^]*of the host: 9173/ } })
  next = () => undefined
  t.equal((await vault.post(path, { customer }, { headers })).status, 200)
})

t.test('sees the database fail, and may go on from a savepoint', async (t) => {
  const codes: unknown[] = []
  let recover = false
  const host = await startHost(t, async (tx, { paymentMethod, customer }) => {
    await tx.query(insert, [paymentMethod.id, customer])
    await tx.query('savepoint mine')
    await tx.query(insert, [paymentMethod.id, customer]).catch((error: unknown) => {
      codes.push((error as Json).code)
    })
    if (recover) await tx.query('rollback to savepoint mine')
  })
  const { vault } = host
  const { paymentMethod, customer } = await newPair(vault)
  const before = await everyRow(vault)
  const path = `/v1/payment_methods/${paymentMethod}/attach`
  const headers = { 'idempotency-key': 'k' }
  const heard: string[] = []
  vault.app.paymentVault.on('payment_method.attached', ({ id }) => heard.push(id))
  failed(t, await vault.post(path, { customer }, { headers }), 'what was undone is not acknowledged')
  failed(t, await vault.post('/v1/customers', { payment_method: paymentMethod }))
  t.equal(await everyRow(vault), before)
  t.strictSame(heard, [])
  recover = true
  t.equal((await vault.post(path, { customer }, { headers })).status, 200)
  t.strictSame(codes, ['23505', '23505', '23505'])
  t.strictSame(await host.cards(), [{ payment_method: paymentMethod, customer }])
  await until(() => heard.length === 1)
})

t.test('runs again where the database gave the transaction up', async (t) => {
  const raise = (state: string) => `do $$ begin raise exception 'x' using errcode = '${state}'; end $$`
  let states: string[] = []
  const host = await startHost(t, async (tx, { paymentMethod, customer }) => {
    await tx.query(insert, [paymentMethod.id, customer])
    const state = states.shift()
    if (state !== undefined) await tx.query(raise(state))
  })
  const { vault } = host
  const heard: string[] = []
  vault.app.paymentVault.on('payment_method.attached', ({ id }) => heard.push(id))
  const { paymentMethod, customer } = await newPair(vault)
  states = ['40001', '40P01']
  t.equal((await vault.post(`/v1/payment_methods/${paymentMethod}/attach`, { customer })).status, 200)
  t.strictSame(states, [])
  t.strictSame(await host.cards(), [{ payment_method: paymentMethod, customer }])
  states = ['55P03']
  const locked = await vault.post('/v1/customers', { payment_method: (await newPair(vault)).paymentMethod })
  t.equal(locked.status, 429)
  t.equal((locked.body.error as Json).code, 'lock_timeout')
  await until(() => heard.length === 1)
})

t.test('neither begins nor ends the transaction, nor uses it afterwards', async (t) => {
  const said: string[] = []
  const kept: Parameters<BeforeAttach>[0][] = []
  const commands = [
    'commit',
    ' ;COMMIT;',
    '-- a note\n/* and\n another */ end',
    '/* one /* in another */ */ commit',
    'begin',
    'start transaction',
    'abort',
    'rollback',
    'rollback work',
    'rollback and chain',
    "prepare transaction 'x'"
  ]
  const host = await startHost(t, async (tx, { paymentMethod, customer }) => {
    kept.push(tx)
    for (const command of commands) {
      await tx.query(command).catch((error: unknown) => said.push((error as Error).message))
    }
    await tx.query('savepoint a')
    await tx.query('select 1; commit').catch((error: unknown) => said.push((error as Json).code as string))
    await tx.query('rollback to a')
    await tx.query('select $1 as "commit"', ['rollback'])
    await tx.query(insert, [paymentMethod.id, customer])
  })
  const { vault } = host
  const { paymentMethod, customer } = await newPair(vault)
  t.equal((await vault.post(`/v1/payment_methods/${paymentMethod}/attach`, { customer })).status, 200)
  const refusal = 'Only the vault may begin or end this transaction.'
  t.strictSame(said, [...commands.map(() => refusal), '42601'])
  t.equal((await host.cards()).length, 1)
  await t.rejects(Promise.resolve(kept[0]?.query('delete from public.host_cards')), {
    message: 'This transaction has ended.'
  })
})

t.test('is given up when it hangs, and holds up nobody else', async (t) => {
  let hang: 'in Node' | 'in Postgres' | undefined
  let began: () => void = () => undefined
  const host = await startHost(
    t,
    async (tx) => {
      const how = hang
      hang = undefined
      if (how !== undefined) began()
      if (how === 'in Node') await new Promise(() => undefined)
      if (how === 'in Postgres') await tx.query('select pg_sleep(600)')
    },
    { beforeAttachTimeout: 1000 }
  )
  const { vault } = host
  for (const how of ['in Node', 'in Postgres'] as const) {
    const { paymentMethod, customer } = await newPair(vault)
    const path = `/v1/payment_methods/${paymentMethod}/attach`
    const begun = new Promise<void>((resolve) => (began = resolve))
    hang = how
    const headers = { 'idempotency-key': how }
    const ends: string[] = []
    const first = vault.post(path, { customer }, { headers }).finally(() => ends.push('the one that hangs'))
    await begun
    const waits = vault.post(path, { customer }).finally(() => ends.push('the same payment method'))
    const { paymentMethod: another } = await newPair(vault)
    const meanwhile = await vault.post(`/v1/payment_methods/${another}/attach`, { customer })
    ends.push('another one')
    t.equal(meanwhile.status, 200)
    failed(t, await first)
    t.equal((await waits).status, 200)
    t.equal(ends[0], 'another one', how)
    t.equal((await vault.post(path, { customer }, { headers })).status, 200, 'its key is free')
  }
})

t.test('answers with the first answer, whether there was a hook at the time or not', async (t) => {
  const vault = await startVault(t)
  let asked = 0
  const hooked = await startBeside(t, vault, {
    beforeAttach: () => {
      asked++
    }
  })
  const attach = async (
    by: 'vault' | 'hooked',
    path: string,
    customer: string,
    key: string
  ): Promise<Reply> => {
    const headers = { 'idempotency-key': key }
    return by === 'vault'
      ? vault.post(path, { customer }, { headers })
      : hooked.post(path, { customer }, headers)
  }
  for (const [first, then] of [
    ['vault', 'hooked'],
    ['hooked', 'vault']
  ] as const) {
    const { paymentMethod, customer } = await newPair(vault)
    const path = `/v1/payment_methods/${paymentMethod}/attach`
    asked = 0
    const answer = await attach(first, path, customer, first)
    const replay = await attach(then, path, customer, first)
    t.equal(answer.status, 200)
    t.equal(replay.text, answer.text)
    t.equal(replay.headers.get('idempotent-replayed'), 'true')
    t.equal(asked, first === 'hooked' ? 1 : 0)
  }
})

t.test('of calls with one key at once, one is asked about', async (t) => {
  let asked = 0
  const host = await startHost(t, async (tx, { paymentMethod, customer }) => {
    asked++
    await tx.query(insert, [paymentMethod.id, customer])
  })
  const { vault } = host
  const { paymentMethod, customer } = await newPair(vault)
  const headers = { 'idempotency-key': 'k' }
  const path = `/v1/payment_methods/${paymentMethod}/attach`
  const replies = await Promise.all(
    Array.from({ length: 8 }, () => vault.post(path, { customer }, { headers }))
  )
  t.strictSame(new Set(replies.map(({ status }) => status)), new Set([200]))
  t.equal(new Set(replies.map(({ text }) => text)).size, 1)
  t.equal(replies.filter(({ headers }) => headers.get('idempotent-replayed') !== 'true').length, 1)
  t.equal(asked, 1)
})

interface Host {
  vault: TestVault
  /** The host's own rows. */
  cards: () => Promise<{ payment_method: string; customer: string }[]>
}

/** A host with a table of its own beside the vault's, and a hook. */
async function startHost(
  t: Test,
  beforeAttach: BeforeAttach,
  options: Partial<PaymentVaultOptions> = {},
  log: Json[] = []
): Promise<Host> {
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      log.push(JSON.parse(chunk.toString()) as Json)
      done()
    }
  })
  const vault = await startVault(t, { ...options, beforeAttach }, { logger: { level: 'error', stream } })
  await vault.db.pool.query(table)
  const cards: Host['cards'] = async () => {
    const found = await vault.db.pool.query<{ payment_method: string; customer: string }>(
      'select * from public.host_cards'
    )
    return found.rows
  }
  return { vault, cards }
}

function failed(t: Test, reply: Reply, name = 'the 500 that tells nothing'): void {
  const { status, ...error } = failure
  t.equal(reply.status, status, name)
  t.strictSame(reply.body, { error }, name)
}
