import t from 'tap'
import { Database } from '../../../plugins/database/database'
import type { Queryable } from '../../../plugins/database/statement'
import type { Vault } from '../../../src/resources/call'
import { AttachRefused } from '../../../src/in-process/attach-refused'
import { finishAbandoned } from '../../../src/resources/intents/recover-operations'
import { continueSetupIntent } from '../../../src/resources/intents/setup/continue'
import { createSetupIntent } from '../../../src/resources/intents/setup/create'
import { newId } from '../../../src/protocol/values/ids'
import { flakyProcessor } from '../../helpers/cards/flaky-processor'
import { ownCall } from '../../helpers/own-call'
import { newCard, newCustomer, pay } from '../../helpers/cards/payments'
import { eventsOf } from '../../helpers/database/rows'
import { type Json, type Reply, startVault, type TestVault } from '../../helpers/vault'

t.setTimeout(300_000)

const shared = startVault(t)
const wantsAuthentication = '4000002760003184'

const setUp = (vault: TestVault, params: object = {}, headers: Record<string, string> = {}): Promise<Reply> =>
  vault.post('/v1/setup_intents', params, { headers })

/** Set up at once with a new card. */
const confirmed = async (vault: TestVault, params: object = {}, number?: string): Promise<Json> =>
  (await setUp(vault, { payment_method: await newCard(vault, number), confirm: true, ...params })).body

const path = ({ id }: Json, verb = '') => `/v1/setup_intents/${String(id)}${verb && `/${verb}`}`

const typesOf = async (vault: TestVault, id: unknown): Promise<string[]> =>
  (await eventsOf(vault, String(id))).map(({ type }) => type)

const statesOf = async (vault: TestVault, { id }: Json): Promise<unknown[]> => {
  const { body } = await vault.get('/v1/setup_attempts', { setup_intent: id as string })
  return (body.data as Json[]).map(({ status }) => status as unknown)
}

const ownerOf = async (vault: TestVault, paymentMethod: unknown): Promise<unknown> =>
  (await vault.get(`/v1/payment_methods/${String(paymentMethod)}`)).body.customer

const openOperations = async ({ db }: TestVault): Promise<number> =>
  (await db.pool.query('select 1 from payment_vault.operations')).rows.length

const sourceOf = ({ next_action }: Json): string =>
  (next_action as { use_stripe_sdk: { source: string } }).use_stripe_sdk.source

t.test('tells what has to be done when a card wants an authentication', async (t) => {
  const vault = await shared
  const customer = await newCustomer(vault)
  const waiting = await confirmed(vault, { customer }, wantsAuthentication)
  const source = sourceOf(waiting)
  t.match(source, /^src_1[0-9A-Za-z]{23}$/)
  const account = String((await eventsOf(vault, String(waiting.id)))[0]?.account_id).replace(':', '/')
  const page = `${vault.url}/authenticate/${account}/${String(waiting.id)}`
  const bySdk = {
    type: 'use_stripe_sdk',
    use_stripe_sdk: { source, stripe_js: `${page}/${source}`, type: 'three_d_secure_redirect' }
  }
  t.equal(JSON.stringify(waiting.next_action), JSON.stringify(bySdk), 'key for key, in order')
  t.equal(waiting.status, 'requires_action')
  t.equal(await ownerOf(vault, waiting.payment_method), null, 'it is not attached yet')

  const return_url = 'https://shop.example.com/back?order=7'
  const { body } = await vault.post(path(waiting, 'confirm'), { return_url })
  const { url } = (body.next_action as { redirect_to_url: { url: string } }).redirect_to_url
  t.ok(url.startsWith(`${page}/src_1`) && !url.endsWith(source), 'a new one each time')
  const byRedirect = { redirect_to_url: { return_url, url }, type: 'redirect_to_url' }
  t.equal(JSON.stringify(body.next_action), JSON.stringify(byRedirect), 'key for key, in order')
  t.same(await statesOf(vault, waiting), ['requires_action', 'abandoned'])
  const both = await vault.post(path(waiting, 'confirm'), { return_url, use_stripe_sdk: true })
  t.match(both.body.next_action, { type: 'use_stripe_sdk' }, 'the SDK that asks for it gets it')

  const other = await vault.post(path(waiting, 'confirm'), { payment_method: 'pm_card_visa' })
  t.match(other.body, { status: 'succeeded', next_action: null, customer }, 'another card needs none')
  const changed = await confirmed(vault, {}, wantsAuthentication)
  const updated = await vault.post(path(changed), { payment_method: 'pm_card_visa' })
  t.match(updated.body, { status: 'requires_confirmation', next_action: null })
  const left = await confirmed(vault, {}, wantsAuthentication)
  t.match((await vault.post(path(left, 'cancel'))).body, { status: 'canceled', next_action: null })
  t.same(await statesOf(vault, left), ['abandoned'])
})

t.test('sends people to where the host says that the vault is reached', async (t) => {
  const vault = await startVault(t, { publicUrl: 'https://pay.example.com/vault/' })
  const stripe_js = /^https:\/\/pay\.example\.com\/vault\/authenticate\/acct_/
  const { next_action } = await confirmed(vault, {}, wantsAuthentication)
  t.match(next_action, { use_stripe_sdk: { stripe_js } })
  const paid = await pay(vault, { payment_method: await newCard(vault, wantsAuthentication), confirm: true })
  t.match(paid.body.next_action, { use_stripe_sdk: { stripe_js } })
})

t.test('goes on after an authentication, where one is waited for', async (t) => {
  const vault = await shared
  const goOn = async (intent: Json, outcome: 'succeeded' | 'failed', source = sourceOf(intent)) => {
    const answer = await continueSetupIntent(await ownCall(vault), String(intent.id), source, outcome)
    return JSON.parse(answer.body) as Json
  }
  const customer = await newCustomer(vault)
  const waiting = await confirmed(vault, { customer }, wantsAuthentication)
  const stray = await goOn(waiting, 'succeeded', 'src_another')
  t.equal(stray.status, 'requires_action', 'nothing follows from another one')
  t.match(await goOn(waiting, 'succeeded'), {
    status: 'succeeded',
    next_action: null,
    latest_attempt: waiting.latest_attempt as string
  })
  t.equal(await ownerOf(vault, waiting.payment_method), customer)
  t.same(await statesOf(vault, waiting), ['succeeded'], 'it is one attempt')
  t.equal((await goOn(waiting, 'failed')).status, 'succeeded', 'a second time changes nothing')

  const failing = await confirmed(vault, { customer }, wantsAuthentication)
  t.match(await goOn(failing, 'failed'), {
    last_setup_error: {
      code: 'setup_intent_authentication_failure',
      message: 'The latest attempt to set up the payment method has failed because authentication failed.',
      payment_method: { id: failing.payment_method as string },
      type: 'invalid_request_error'
    },
    next_action: null,
    payment_method: null,
    status: 'requires_payment_method'
  })
  t.same(await statesOf(vault, failing), ['failed'])
  t.same(await typesOf(vault, failing.id), [
    'setup_intent.created',
    'setup_intent.requires_action',
    'setup_intent.setup_failed'
  ])

  const poor = await goOn(await confirmed(vault, { customer }, '4000008260003178'), 'succeeded')
  t.match(poor.error, {
    decline_code: 'insufficient_funds',
    setup_intent: { status: 'requires_payment_method' }
  })

  const robbed = await confirmed(vault, { customer }, wantsAuthentication)
  const thief = await newCustomer(vault)
  await vault.post(`/v1/payment_methods/${String(robbed.payment_method)}/attach`, { customer: thief })
  t.match(await goOn(robbed, 'succeeded'), {
    last_setup_error: { message: new RegExp(String(robbed.payment_method)) },
    payment_method: null,
    status: 'requires_payment_method'
  })
  t.equal(await ownerOf(vault, robbed.payment_method), thief)
})

t.test("sets up all the same where the host's own rule refuses the attach", async (t) => {
  let refuses = true
  const vault = await startVault(t, {
    beforeAttach: () => {
      if (refuses) throw new AttachRefused({ message: 'No more cards for you.' })
    }
  })
  const customer = await newCustomer(vault)
  const intent = await confirmed(vault, { customer })
  t.equal(intent.status, 'succeeded')
  t.equal(await ownerOf(vault, intent.payment_method), null)
  t.same(await typesOf(vault, intent.payment_method), [], 'and no event tells of an attach')
  t.equal(await openOperations(vault), 0)
  refuses = false
  const attach = await vault.post(`/v1/payment_methods/${String(intent.payment_method)}/attach`, { customer })
  t.match(attach.body, { customer })
})

t.test('does once what is sent again at the very moment in which it ends', async (t) => {
  const vault = await startVault(t)
  /** Once its key has been looked up, and nothing was found, it stops until it is let go. */
  class Stopping extends Database {
    readonly stopped: Promise<void>
    #stop: () => void = () => undefined
    go: () => void = () => undefined
    readonly #went: Promise<void>

    constructor({ pool, schema }: Database) {
      super(pool, { schema, prepared: false })
      this.stopped = new Promise((resolve) => (this.#stop = resolve))
      this.#went = new Promise((resolve) => (this.go = resolve))
    }

    override async transaction<T>(work: (tx: Queryable) => Promise<T>): Promise<T> {
      this.#stop()
      await this.#went
      return super.transaction(work)
    }
  }
  for (const payment_method of ['pm_card_visa', 'pm_card_chargeCustomerFail']) {
    const call = await ownCall(vault)
    const [endpoint, parameters, key] = ['/v1/setup_intents', Buffer.from('the same'), newId('key')]
    const attempt = {
      account: call.account,
      key,
      endpoint,
      parameters,
      requestId: 'req_1',
      version: '2022-11-15'
    }
    const db = new Stopping(vault.db)
    const create = (more: Partial<Vault> = {}) =>
      createSetupIntent(
        { ...call, attempt, vault: { ...call.vault, ...more } },
        { payment_method, confirm: true },
        []
      )
    const second = create({ db })
    await db.stopped
    const first = await create()
    db.go()
    const { status, body, replayed } = await second
    t.same({ status, body }, { status: first.status, body: first.body })
    t.ok(replayed, 'it is the answer of the first')
    t.equal(await openOperations(vault), 0, 'nothing is left open')
  }
  const intents = (await vault.get('/v1/setup_intents')).body.data as Json[]
  t.equal(intents.length, 2, 'one for each key')
})

t.test('is completed by a retry, or by whoever comes next, when the processor fails', async (t) => {
  const processor = flakyProcessor()
  const vault = await startVault(t, { processor, processorTimeout: 100 })
  for (const fault of ['fails before', 'fails after', 'hangs', 'late'] as const) {
    const [customer, rival, payment_method] = [
      await newCustomer(vault),
      await newCustomer(vault),
      await newCard(vault)
    ]
    const params = { customer, payment_method, confirm: true }
    const headers = { 'idempotency-key': newId('key') }
    processor.faults.push(fault)
    const lost = await setUp(vault, params, headers)
    t.equal(lost.status, 503, fault)
    t.equal(lost.headers.get('stripe-should-retry'), 'true')
    t.match(lost.body.error, { type: 'api_error' })
    const held = await vault.post(`/v1/payment_methods/${payment_method}/attach`, { customer: rival })
    t.match(held.body.error, { code: 'lock_timeout' }, 'until it is known, nobody else can have the card')
    const retried = await setUp(vault, params, headers)
    t.match(retried.body, { status: 'succeeded', customer, payment_method })
    t.equal(retried.headers.get('idempotent-replayed'), null, 'it is the first answer')
    t.same(await statesOf(vault, retried.body), ['succeeded'])
    t.equal(await ownerOf(vault, payment_method), customer)
    t.same(await typesOf(vault, retried.body.id), ['setup_intent.created', 'setup_intent.succeeded'])
    t.equal(await openOperations(vault), 0)
  }

  /** An intent whose confirm reached the processor, which nobody heard of. */
  const lost = async (headers: Record<string, string> = {}) => {
    const customer = await newCustomer(vault)
    const { body } = await setUp(vault, { customer, payment_method: await newCard(vault) })
    processor.faults.push('fails after')
    t.equal((await vault.post(path(body, 'confirm'), {}, { headers })).status, 503)
    return { intent: body, customer, card: body.payment_method as unknown }
  }
  for (const verb of ['confirm', 'cancel']) {
    const { intent, customer, card } = await lost()
    t.match(
      (await vault.post(path(intent, verb))).body.error,
      { code: 'setup_intent_unexpected_state', setup_intent: { status: 'succeeded' } },
      `a ${verb} comes upon what was done`
    )
    t.equal(await ownerOf(vault, card), customer)
  }
  const left = await lost()
  t.match((await vault.del(`/v1/customers/${left.customer}`)).body, { deleted: true })
  t.same(await typesOf(vault, left.card), ['payment_method.attached', 'payment_method.detached'])

  const headers = { 'idempotency-key': newId('key') }
  const silent = await lost(headers)
  const { vault: inside } = await ownCall(vault, { processor })
  t.equal(await finishAbandoned(inside), 1, 'nobody has to come for it')
  t.match((await vault.get(path(silent.intent))).body, { status: 'succeeded' })
  const late = await vault.post(path(silent.intent, 'confirm'), {}, { headers })
  t.match(late.body, { status: 'succeeded' })
  t.equal(late.headers.get('idempotent-replayed'), 'true', 'and whoever does is answered')
  t.equal(await openOperations(vault), 0)
})

t.test('what a killed process was at is in use for 30 seconds, then ended once', async (t) => {
  const processor = flakyProcessor()
  const vault = await startVault(t, { processor })
  const { authorize } = processor.payments
  const left: number[] = []
  const references = new Set<string>()
  processor.payments.authorize = async (payment, context) => {
    const { rows } = await vault.db.pool.query<{ until: string }>(
      'select busy_until as until from payment_vault.operations'
    )
    left.push(Number(rows[0]?.until) - Date.now())
    references.add(context.idempotencyKey)
    return authorize(payment, context)
  }
  const until = (time: number) =>
    vault.db.pool.query('update payment_vault.operations set busy_until = $1', [time])
  const own = (await ownCall(vault, { processor, processorTimeout: 20_000 })).vault
  for (const ended of ['by the same key', 'by the sweep']) {
    left.length = 0
    references.clear()
    processor.money.clear()
    const params = { amount: 2000, currency: 'usd', payment_method: await newCard(vault), confirm: true }
    const again = () => vault.post('/v1/payment_intents', params, { headers: { 'idempotency-key': ended } })
    processor.faults.push('fails after')
    t.equal((await again()).status, 503)
    // A process that is killed lets go of nothing: it stays as it was while the processor was asked.
    await until(Date.now() + 30_000)
    t.equal((await again()).status, 409, ended)
    t.equal(await finishAbandoned(own), 0, 'nor does the sweep touch it')
    await until(Date.now() - 1)
    if (ended === 'by the sweep') t.equal(await finishAbandoned(own), 1)
    const answer = await again()
    t.match(answer, { status: 200, body: { status: 'succeeded', amount_received: 2000 } }, ended)
    t.equal((await again()).text, answer.text)
    t.equal(processor.money.size, 1, 'charged once')
    t.equal(references.size, 1, 'asked with the same reference')
    t.equal(left.length, 2)
    t.ok(left.every((milliseconds) => milliseconds > 20_000 && milliseconds <= 30_000))
  }
})
