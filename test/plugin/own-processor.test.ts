import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import t from 'tap'
import { type CardProcessor, CardRefused } from '../../src/index'
import { everyRow } from '../helpers/database/rows'
import { fingerprintKey, startVault, type TestVault, typedCard } from '../helpers/vault'
import { ownProcessor } from './hosts/own-processor'

type Payments = NonNullable<CardProcessor['payments']>

const context = { account: 'acct_1', livemode: false, idempotencyKey: 'key_1' }
const details = { number: '4242424242424242', exp_month: 8, exp_year: 2033 }

/** The example, new and empty. */
function made() {
  const processor = ownProcessor(fingerprintKey)
  const { payments } = processor
  if (!payments) throw new Error('the example takes no payments')
  return { processor, payments }
}

const newCard = async (vault: TestVault, number = typedCard.number): Promise<string> =>
  String((await vault.post('/v1/payment_methods', { type: 'card', card: { ...typedCard, number } })).body.id)

t.test('a card is saved, set up, charged, captured partly and given back', async (t) => {
  const vault = await startVault(t, { processor: made().processor })
  const customer = String((await vault.post('/v1/customers')).body.id)
  const payment_method = await newCard(vault)
  const attached = await vault.post(`/v1/payment_methods/${payment_method}/attach`, { customer })
  t.match(attached.body, { customer, card: { brand: 'visa', last4: '4242', fingerprint: /^[0-9a-f]{16}$/ } })

  const other = await newCard(vault)
  const setup = await vault.post('/v1/setup_intents', {
    customer,
    payment_method: other,
    confirm: true,
    payment_method_types: ['card']
  })
  t.match({ status: setup.status, ...setup.body }, { status: 'succeeded', payment_method: other })
  t.equal((await vault.get(`/v1/payment_methods/${other}`)).body.customer, customer, 'which attached it')

  const charged = { amount: 2000, currency: 'usd', customer, payment_method, confirm: true }
  const paid = await vault.post('/v1/payment_intents', { ...charged, off_session: true })
  t.match(paid.body, { status: 'succeeded', amount_received: 2000 })

  const held = await vault.post('/v1/payment_intents', { ...charged, capture_method: 'manual' })
  t.match(held.body, { status: 'requires_capture', amount_capturable: 2000 })
  const id = String(held.body.id)
  const captured = await vault.post(`/v1/payment_intents/${id}/capture`, { amount_to_capture: 1500 })
  t.match(captured.body, { status: 'succeeded', amount_received: 1500 })
  const refunded = await vault.post('/v1/refunds', { payment_intent: id, amount: 400 })
  t.match(refunded.body, { status: 'succeeded', amount: 400 })
  const rest = await vault.post('/v1/refunds', { payment_intent: id })
  t.match(rest.body, { status: 'succeeded', amount: 1100 })

  const unwanted = await vault.post('/v1/payment_intents', { ...charged, capture_method: 'manual' })
  const canceled = await vault.post(`/v1/payment_intents/${String(unwanted.body.id)}/cancel`)
  t.match(canceled.body, { status: 'canceled' })
})

t.test('a card that declines is refused at an attach and at a payment', async (t) => {
  const vault = await startVault(t, { processor: made().processor })
  const customer = String((await vault.post('/v1/customers')).body.id)
  const payment_method = await newCard(vault, '4000000000000002')
  const attached = await vault.post(`/v1/payment_methods/${payment_method}/attach`, { customer })
  t.match({ status: attached.status, ...attached.body }, { status: 402, error: { code: 'card_declined' } })
  const asked = { amount: 2000, currency: 'usd', payment_method, confirm: true }
  const paid = await vault.post('/v1/payment_intents', asked)
  t.match({ status: paid.status, ...paid.body }, { status: 402, error: { code: 'card_declined' } })
  const number = '5555555555554444'
  const wrong = await vault.post('/v1/payment_methods', { type: 'card', card: { ...typedCard, number } })
  t.match({ status: wrong.status, ...wrong.body }, { status: 402, error: { code: 'incorrect_number' } })
  t.notMatch(await everyRow(vault), /4000000000000002|5555555555554444/, 'and no number is kept')
})

t.test('a key that comes again gets the first answer, and nothing is done twice', async (t) => {
  const { processor, payments } = made()
  const { token } = await processor.tokenize(details, context)
  t.equal((await processor.tokenize(details, context)).token, token)
  const pay = (idempotencyKey: string) =>
    payments.authorize(
      {
        ...{ token, amount: 2000, currency: 'usd', capture: 'manual', off_session: false },
        ...{ setup_future_usage: null, return_url: 'https://example.com' }
      },
      { ...context, idempotencyKey }
    )
  const [first, again] = await Promise.all([pay('key_2'), pay('key_2')])
  t.same(again, first, 'also while the first call runs')
  t.not((await pay('key_3')).reference, first.reference)

  const declined = { ...details, number: '4000000000000002' }
  const refused = await processor.tokenize(declined, { ...context, idempotencyKey: 'key_4' })
  await t.rejects(processor.verify(refused.token, context), { message: 'Your card was declined.' })
  const unknown = { reference: 'none', amount: 2000, currency: 'usd' }
  await t.rejects(payments.cancel(unknown, { ...context, idempotencyKey: 'key_5' }), {
    message: 'there is no such payment'
  })
  const known = { ...unknown, reference: first.reference }
  await t.resolves(
    payments.cancel(known, { ...context, idempotencyKey: 'key_5' }),
    'a failure is no answer: it may be asked again'
  )
})

t.test('what a processor repeats of a card in what it throws is told to nobody', async (t) => {
  let log = ''
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      log += chunk.toString()
      done()
    }
  })
  const { processor } = made()
  const { number, cvc } = { number: '4242424242424242', cvc: '9876' }
  const message = `no luck with ${number}, 4242 4242 4242 4242 and ${cvc}`
  const card = { ...typedCard, number, cvc }
  let thrown: unknown
  const throwIt = (): never => {
    // As a processor may that is not written in TypeScript.
    throw thrown as Error
  }
  const vault = await startVault(
    t,
    { processor: { ...processor, tokenize: () => Promise.resolve().then(throwIt) } },
    { logger: { level: 'trace', stream } }
  )
  const request = { body: `number=${number}&cvc=${cvc}` }
  for (const each of [
    Object.assign(new Error(message, { cause: new Error(message) }), { request, statusCode: 422 }),
    message,
    request,
    new CardRefused({ code: 'card_declined', message, decline_code: number })
  ]) {
    thrown = each
    const { status, text } = await vault.post('/v1/payment_methods', { type: 'card', card })
    t.equal(status, each instanceof CardRefused ? 402 : 500)
    t.match(text, each instanceof CardRefused ? /no luck with \*{4}/ : /It has been logged/)
    t.notMatch(text, /4242 ?4242|9876/)
  }
  t.match(log, /no luck with \*{12}4242/, 'which is told to the log in words')
  t.notMatch(log, /4242 ?4242|9876/)
  t.notMatch(await everyRow(vault), /4242 ?4242|9876/)
})

t.test('a processor that gives or takes the wrong thing does not compile', (t) => {
  const { processor: right, payments } = made()
  const { cancel, ...uncancelling } = payments
  // @ts-expect-error what was reserved must be set free again
  const stuck: Payments = uncancelling
  const { tokenize, ...numberless } = right
  // @ts-expect-error without it there is no card
  const cardless: CardProcessor = numberless
  const optimistic: Payments = {
    ...payments,
    // @ts-expect-error there is no such outcome
    authorize: async () => ({ status: 'succeeded', reference: 'x' })
  }
  const forgetful: Payments = {
    ...payments,
    // @ts-expect-error without its reference nothing could be captured
    authorize: async () => ({ status: 'authorized' })
  }
  const unfinished: Payments = {
    ...payments,
    // @ts-expect-error whoever has to authenticate must be known by a reference
    setUp: async () => ({ status: 'requires_action' })
  }
  const greedy: Payments = {
    ...payments,
    // @ts-expect-error the vault knows no installments
    authorize: (payment: { token: string; installments: number }, asked) =>
      payments.authorize({ ...payment } as never, asked)
  }
  const curious: Payments = {
    ...payments,
    // @ts-expect-error nor who the caller's own caller is
    refund: async (refund, asked: { idempotencyKey: string; ip: string }) =>
      payments.refund(refund, asked as never)
  }
  t.ok([cancel, tokenize, stuck, cardless, optimistic, forgetful, unfinished, greedy, curious])
  t.end()
})

t.test('the README of src/processor shows this example', async (t) => {
  const root = join(__dirname, '../..')
  const readme = await readFile(join(root, 'src/processor/README.md'), 'utf8')
  const file = await readFile(join(root, 'test/plugin/hosts/own-processor.ts'), 'utf8')
  const [, shown] = /<!-- own-processor -->\s*```ts\n(.*?)```/s.exec(readme) ?? []
  t.equal(shown, file.replace('../../../src/index', 'fastify-payment-vault'))
})
