import t from 'tap'
import type { CardProcessor } from '../../../src/processor/card-processor'
import type { ProcessorContext } from '../../../src/processor/context'
import type { PaymentProcessor } from '../../../src/processor/payment-processor'
import { testProcessor } from '../../../src/processor/test/processor'
import { noSuch, refused } from '../../helpers/document/bodies'
import {
  type Answered,
  chargeOf,
  dataOf,
  newCard,
  newCustomer,
  paid,
  pay,
  type Shown
} from '../../helpers/cards/payments'
import { eventsOf, everyRow } from '../../helpers/database/rows'
import { fingerprintKey, startVault, type TestVault } from '../../helpers/vault'

t.setTimeout(300_000)

const refund = async (vault: TestVault, params: object): Promise<Answered> =>
  (await vault.post('/v1/refunds', params)) as Answered

t.test('gives back what was taken, whole or in parts, and never more', async (t) => {
  const vault = await startVault(t)
  const intent = await paid(vault)
  const whole = await refund(vault, { payment_intent: intent.id })
  t.same(whole.body, {
    id: whole.body.id,
    object: 'refund',
    amount: 2000,
    balance_transaction: null,
    charge: intent.latest_charge,
    created: whole.body.created,
    currency: 'usd',
    destination_details: { card: { type: 'refund' }, type: 'card' },
    metadata: {},
    payment_intent: intent.id,
    reason: null,
    receipt_number: null,
    source_transfer_reversal: null,
    status: 'succeeded',
    transfer_reversal: null
  })
  t.match(whole.body.id, /^re_3[0-9A-Za-z]{23}$/)
  t.match(await chargeOf(vault, intent), { amount_refunded: 2000, refunded: true, status: 'succeeded' })
  t.match((await vault.get(`/v1/payment_intents/${intent.id}`)).body, {
    status: 'succeeded',
    amount_received: 2000
  })
  const types = async (id: unknown) => (await eventsOf(vault, String(id))).map(({ type }) => type).sort()
  t.same(await types(whole.body.id), ['refund.created'])
  t.same(await types(intent.latest_charge), ['charge.refunded', 'charge.succeeded'])
  refused(t, await refund(vault, { payment_intent: intent.id }), 400, {
    code: 'charge_already_refunded',
    message: `Charge ${intent.latest_charge} has already been refunded.`
  })

  const other = await paid(vault)
  const charge = other.latest_charge
  refused(t, await refund(vault, { charge, amount: 2001 }), 400, {
    message: 'Refund amount ($20.01) is greater than charge amount ($20.00)',
    param: 'amount'
  })
  const part = await refund(vault, {
    charge,
    amount: 1500,
    reason: 'requested_by_customer',
    metadata: { why: 'torn' },
    expand: ['charge', 'payment_intent']
  })
  t.match(part.body, {
    amount: 1500,
    reason: 'requested_by_customer',
    metadata: { why: 'torn' },
    charge: { id: charge, amount_refunded: 1500, refunded: false },
    payment_intent: { id: other.id }
  })
  refused(t, await refund(vault, { charge, amount: 501 }), 400, {
    message: 'Refund amount ($5.01) is greater than unrefunded amount on charge ($5.00)',
    param: 'amount'
  })
  t.match((await refund(vault, { charge, payment_intent: other.id })).body, { amount: 500 }, 'what is left')
  t.match(await chargeOf(vault, other), { amount_refunded: 2000, refunded: true })
})

t.test('gives back no more than was captured, in the words of the currency', async (t) => {
  const vault = await startVault(t)
  const reserved = await paid(vault, { amount: 5000, currency: 'jpy', capture_method: 'manual' })
  const nothing = {
    message: `This PaymentIntent (${reserved.id}) does not have a successful charge to refund.`
  }
  refused(t, await refund(vault, { payment_intent: reserved.id }), 400, nothing)
  await vault.post(`/v1/payment_intents/${reserved.id}/capture`, { amount_to_capture: 3000 })
  refused(t, await refund(vault, { payment_intent: reserved.id, amount: 3001 }), 400, {
    message: 'Refund amount (¥3,001) is greater than charge amount (¥3,000)',
    param: 'amount'
  })
  t.match((await refund(vault, { payment_intent: reserved.id })).body, { amount: 3000, currency: 'jpy' })
  t.match(await chargeOf(vault, reserved), { amount_captured: 3000, amount_refunded: 5000, refunded: true })
})

t.test('refuses what can not be refunded, and writes nothing', async (t) => {
  const vault = await startVault(t)
  const open = (await pay(vault)).body
  const failed = await pay(vault, { payment_method: 'pm_card_visa_chargeDeclined', confirm: true })
  const failedCharge = failed.body.error.charge
  const intent = await paid(vault)
  const before = await everyRow(vault)
  const nothing = (id: unknown) => ({
    message: `This PaymentIntent (${String(id)}) does not have a successful charge to refund.`
  })
  refused(t, await refund(vault, { payment_intent: open.id }), 400, nothing(open.id))
  const failedIntent = failed.body.error.payment_intent.id
  refused(t, await refund(vault, { charge: failedCharge }), 400, nothing(failedIntent))
  refused(t, await refund(vault, {}), 400, {
    code: 'parameter_missing',
    message: 'One of the following params should be provided for this request: payment_intent or charge.'
  })
  const none = { payment_intent: 'pi_none' }
  refused(t, await refund(vault, none), 400, noSuch('payment_intent', 'pi_none', 'payment_intent'))
  refused(t, await refund(vault, { charge: 'ch_none' }), 400, noSuch('charge', 'ch_none', 'charge'))
  const mixed = await refund(vault, { charge: failedCharge, payment_intent: intent.id })
  t.match(mixed.body.error, { param: 'charge' })
  t.match((await refund(vault, { payment_intent: intent.id, amount: 0 })).body.error, {
    code: 'parameter_invalid_integer',
    param: 'amount'
  })
  refused(t, await refund(vault, { payment_intent: intent.id, reverse_transfer: true }), 400, {
    message: "This vault does not support the parameter 'reverse_transfer'.",
    param: 'reverse_transfer'
  })
  refused(t, await vault.get('/v1/refunds/re_none'), 404, noSuch('refund', 're_none', 'id'))
  t.equal(await everyRow(vault), before)
})

t.test('lists and retrieves refunds', async (t) => {
  const vault = await startVault(t)
  const [one, two] = [await paid(vault), await paid(vault)]
  const made: Shown[] = []
  for (const intent of [one, one, two]) {
    made.unshift((await refund(vault, { payment_intent: intent.id, amount: 100 })).body)
  }
  const data = async (params: object) => dataOf(await vault.get('/v1/refunds', params))
  t.same(await data({}), made)
  t.same(await data({ charge: one.latest_charge }), made.slice(1))
  t.same(await data({ payment_intent: two.id }), made.slice(0, 1))
  t.same(await data({ starting_after: made[0]?.id, limit: 1 }), made.slice(1, 2))
  t.same((await vault.get(`/v1/refunds/${made[1]?.id ?? ''}`)).body, made[1])
  t.match((await vault.get(`/v1/refunds/${made[1]?.id ?? ''}`, { expand: ['charge'] })).body, {
    charge: { object: 'charge' }
  })
})

t.test('twenty refunds at once never give back more than was taken', async (t) => {
  const vault = await startVault(t)
  const intent = await paid(vault)
  const params = { payment_intent: intent.id, amount: 300 }
  let given = 0
  for (let round = 0; round < 10 && given < 1800; round++) {
    const replies = await Promise.all(Array.from({ length: 20 }, () => refund(vault, params)))
    for (const { status, body, headers } of replies) {
      if (status === 200) given += body.amount
      else if (status === 429) t.equal(headers.get('stripe-should-retry'), 'true')
      else t.equal(body.error.param, 'amount')
    }
  }
  t.equal(given, 1800, 'six of 300, and 200 are left')
  t.match(await chargeOf(vault, intent), { amount_refunded: 1800 })
})

t.test('two intents, one card that nobody saved: one is paid with it', async (t) => {
  const vault = await startVault(t)
  for (let round = 0; round < 5; round++) {
    const payment_method = await newCard(vault)
    const replies = await Promise.all([1, 2].map(() => pay(vault, { payment_method, confirm: true })))
    const statuses = replies.map(({ status }) => status).sort()
    t.equal(statuses[0], 200)
    t.ok(statuses[1] === 400 || statuses[1] === 429, `the other one is told: ${String(statuses[1])}`)
    const customer = await newCustomer(vault)
    const attach = await vault.post(`/v1/payment_methods/${payment_method}/attach`, { customer })
    t.equal(attach.status, 400, 'and it is used up')
  }
  t.equal(dataOf(await vault.get('/v1/charges')).length, 5)
})

t.test('confirm against confirm, cancel and attach; capture against cancel: one wins', async (t) => {
  const vault = await startVault(t)
  const path = (intent: Shown, verb: string) => `/v1/payment_intents/${intent.id}/${verb}`
  const others = (statuses: number[]) => statuses.filter((status) => ![200, 400, 429].includes(status))
  for (let round = 0; round < 5; round++) {
    const open = (await pay(vault, { payment_method: await newCard(vault) })).body
    const confirms = await Promise.all([1, 2, 3].map(() => vault.post(path(open, 'confirm'))))
    t.equal(confirms.filter(({ status }) => status === 200).length, 1)

    const contested = (await pay(vault, { payment_method: await newCard(vault) })).body
    const both = await Promise.all(['confirm', 'cancel'].map((verb) => vault.post(path(contested, verb))))
    t.equal(both.filter(({ status }) => status === 200).length, 1, 'confirm or cancel')
    t.same(others(both.map(({ status }) => status)), [])
    const { body: after } = await vault.get(`/v1/payment_intents/${contested.id}`)
    t.equal(after.status, both[0]?.status === 200 ? 'succeeded' : 'canceled')

    const reserved = await paid(vault, { capture_method: 'manual' })
    const ends = await Promise.all(['capture', 'cancel'].map((verb) => vault.post(path(reserved, verb))))
    t.equal(ends.filter(({ status }) => status === 200).length, 1, 'capture or cancel')
    t.same(others(ends.map(({ status }) => status)), [])
    t.match(await chargeOf(vault, reserved), { captured: ends[0]?.status === 200 })

    const payment_method = await newCard(vault)
    const customer = await newCustomer(vault)
    const wanted = (await pay(vault, { payment_method })).body
    const [confirm, attach] = await Promise.all([
      vault.post(path(wanted, 'confirm')),
      vault.post(`/v1/payment_methods/${payment_method}/attach`, { customer })
    ])
    t.equal([confirm, attach].filter(({ status }) => status === 200).length, 1, 'confirm or attach')
    t.same(others([confirm.status, attach.status]), [])
  }
})

/** The test cards' processor, whose next answer about money is lost: it did what it was asked, or did not. */
function losing(): { processor: CardProcessor; lose: (when: 'before' | 'after') => void; asked: string[] } {
  const real = testProcessor({ fingerprintKey })
  let when: 'before' | 'after' | undefined
  const asked: string[] = []
  const around =
    <A extends unknown[], R>(verb: string, ask: (...args: [...A, ProcessorContext]) => Promise<R>) =>
    async (...args: [...A, ProcessorContext]): Promise<R> => {
      const lost = when
      when = undefined
      asked.push(`${verb} ${(args.at(-1) as ProcessorContext).idempotencyKey}`)
      if (lost === 'before') throw new Error('no connection')
      const answer = await ask(...args)
      if (lost === 'after') throw new Error('the connection was lost')
      return answer
    }
  const { authorize, capture, cancel, refund } = real.payments
  const payments: PaymentProcessor = {
    ...real.payments,
    authorize: around('authorize', authorize),
    capture: around('capture', capture),
    cancel: around('cancel', cancel),
    refund: around('refund', refund)
  }
  return {
    processor: { ...real, payments },
    lose: (next) => {
      when = next
    },
    asked
  }
}

t.test(
  'a lost answer of the processor is asked for again, under the same key, and nothing is done twice',
  async (t) => {
    const { processor, lose, asked } = losing()
    const vault = await startVault(t, { processor })
    const reserve = () => paid(vault, { capture_method: 'manual' })
    const card = await newCard(vault)
    const verbs: Record<string, () => Promise<[path: string, params: object]>> = {
      create: async () => {
        const params = { amount: 2000, currency: 'usd', payment_method: await newCard(vault), confirm: true }
        return ['/v1/payment_intents', params]
      },
      confirm: async () => {
        const { body } = await pay(vault, { payment_method: await newCard(vault) })
        return [`/v1/payment_intents/${body.id}/confirm`, {}]
      },
      capture: async () => [
        `/v1/payment_intents/${(await reserve()).id}/capture`,
        { amount_to_capture: 500 }
      ],
      cancel: async () => [`/v1/payment_intents/${(await reserve()).id}/cancel`, {}],
      refund: async () => ['/v1/refunds', { payment_intent: (await paid(vault)).id, amount: 500 }]
    }
    for (const when of ['before', 'after'] as const) {
      for (const [verb, make] of Object.entries(verbs)) {
        const [path, params] = await make()
        const charges = dataOf(await vault.get('/v1/charges')).length
        const headers = { 'idempotency-key': `${verb} ${when}` }
        asked.length = 0
        lose(when)
        const lost = await vault.post(path, params, { headers })
        t.equal(lost.status, 503, `${verb}, lost ${when}`)
        t.equal(lost.headers.get('stripe-should-retry'), 'true')
        const found = await vault.post(path, params, { headers })
        t.equal(found.status, 200, found.text)
        t.equal(new Set(asked).size, 1, 'the same question')
        t.equal(asked.length, 2, 'asked twice')
        t.equal((await vault.post(path, params, { headers })).text, found.text)
        t.equal(asked.length, 2, 'and never again')
        const made = dataOf(await vault.get('/v1/charges')).length - charges
        t.equal(made, verb === 'create' || verb === 'confirm' ? 1 : 0)
      }
    }

    const { body: open } = await pay(vault, { payment_method: card })
    lose('after')
    t.equal((await vault.post(`/v1/payment_intents/${open.id}/confirm`)).status, 503)
    const customer = await newCustomer(vault)
    const attach = () => vault.post(`/v1/payment_methods/${card}/attach`, { customer })
    t.equal((await attach()).status, 429, 'meanwhile nobody else gets the card')
    const cancel = await vault.post(`/v1/payment_intents/${open.id}/cancel`)
    t.match(
      cancel.body.error,
      { payment_intent: { status: 'succeeded' } },
      'whoever comes next ends it first'
    )
    t.equal((await attach()).status, 400)

    const taken = await paid(vault)
    lose('after')
    t.equal((await refund(vault, { payment_intent: taken.id, amount: 500 })).status, 503)
    t.equal((await refund(vault, { payment_intent: taken.id, amount: 700 })).status, 200)
    t.match(await chargeOf(vault, taken), { amount_refunded: 1200 }, 'also another refund')
    const { body: again } = await pay(vault, { payment_method: await newCard(vault) })
    const reserved = await reserve()
    for (const [path, message] of [
      [`/v1/payment_intents/${again.id}/confirm`, /already succeeded/],
      [`/v1/payment_intents/${reserved.id}/capture`, /already been captured/]
    ] as const) {
      lose('after')
      t.equal((await vault.post(path)).status, 503)
      t.match((await vault.post(path)).body.error, { message }, 'or the same once more, without a key')
    }
  }
)

t.test('a processor that takes no payments', async (t) => {
  const processor: Partial<CardProcessor> = testProcessor({ fingerprintKey })
  delete processor.payments
  const vault = await startVault(t, { processor: processor as CardProcessor })
  const before = await everyRow(vault)
  refused(t, await pay(vault), 400, {
    message: 'This vault saves payment methods only: its processor takes no payments.'
  })
  t.equal(await everyRow(vault), before)
})

t.test(
  'a processor that wants an authentication though nobody is there is told no by the vault',
  async (t) => {
    const real = testProcessor({ fingerprintKey })
    const authorize: PaymentProcessor['authorize'] = async () => ({
      status: 'requires_action',
      reference: 'a'
    })
    const vault = await startVault(t, { processor: { ...real, payments: { ...real.payments, authorize } } })
    const card = await newCard(vault)
    const away = await pay(vault, { payment_method: card, confirm: true, off_session: 'recurring' })
    t.equal(away.status, 402)
    t.match(away.body.error, {
      code: 'authentication_required',
      payment_intent: { status: 'requires_payment_method', next_action: null }
    })
    t.equal((await pay(vault, { payment_method: card, confirm: true })).body.status, 'requires_action')
  }
)

t.test('the other mode, and so every other account, sees and changes none of it', async (t) => {
  const vault = await startVault(t)
  const intent = await paid(vault, { capture_method: 'manual' })
  const taken = await paid(vault)
  const { body: refunded } = await refund(vault, { payment_intent: taken.id, amount: 100 })
  const before = await everyRow(vault)
  const other = { key: vault.keys.live }
  const path = `/v1/payment_intents/${intent.id}`
  for (const verb of ['', '/confirm', '/capture', '/cancel']) {
    t.equal((await vault.post(`${path}${verb}`, {}, other)).status, 404, verb)
  }
  for (const found of [path, `/v1/charges/${intent.latest_charge}`, `/v1/refunds/${refunded.id}`]) {
    t.equal((await vault.get(found, {}, other)).status, 404, found)
  }
  for (const params of [{ payment_intent: taken.id }, { charge: taken.latest_charge }]) {
    t.equal((await vault.post('/v1/refunds', params, other)).status, 400)
  }
  for (const list of ['payment_intents', 'charges', 'refunds']) {
    t.same(dataOf(await vault.get(`/v1/${list}`, {}, other)), [], list)
  }
  t.equal(await everyRow(vault), before)
})
