import t, { type Test } from 'tap'
import { testProcessor } from '../../../src/index'
import { newCustomer } from '../../helpers/cards/payments'
import { strictProcessor } from '../../helpers/cards/strict-processor'
import { fingerprintKey, startVault, typedCard } from '../../helpers/vault'

const other = '5555555555554444'
const cardOf = (number: string) => ({ type: 'card', card: { ...typedCard, number } })
const headers = { 'idempotency-key': 'k' }

async function strictVault(t: Test) {
  const strict = strictProcessor(testProcessor({ fingerprintKey }))
  const vault = await startVault(t, { processor: strict.processor })
  return { vault, ...strict }
}

t.test('a key that has expired asks about the card of the new request', async (t) => {
  const { vault, mixed } = await strictVault(t)
  await vault.post('/v1/payment_methods', cardOf(typedCard.number), { headers })
  await vault.db.pool.query('delete from payment_vault.idempotency_keys')
  const second = await vault.post('/v1/payment_methods', cardOf(other), { headers })
  t.match(second.body, { card: { brand: 'mastercard', last4: '4444' } })
  t.strictSame(mixed, [])
})

t.test('a key that a 404 left free asks for the amount of the new request', async (t) => {
  const { vault, mixed } = await strictVault(t)
  const data = { payment_method_data: cardOf(typedCard.number), confirm: true, currency: 'usd' }
  const first = { ...data, amount: 1000, customer: 'cus_none' }
  t.equal((await vault.post('/v1/payment_intents', first, { headers })).status, 400)
  const fresh = { ...data, amount: 500000, payment_method_data: cardOf(other) }
  const second = await vault.post(
    '/v1/payment_intents',
    { ...fresh, expand: ['payment_method'] },
    { headers }
  )
  t.match(second.body, { amount_received: 500000, payment_method: { card: { last4: '4444' } } })
  t.strictSame(mixed, [])
  const { rows } = await vault.db.pool.query('select key from payment_vault.claims')
  t.strictSame(rows, [], 'and no claim stays behind')
})

t.test('a key that expired at another endpoint asks another question', async (t) => {
  const { vault, mixed } = await strictVault(t)
  await vault.post('/v1/tokens', { card: { ...typedCard, exp_month: '8', exp_year: '2033' } }, { headers })
  await vault.db.pool.query('delete from payment_vault.idempotency_keys')
  const second = await vault.post('/v1/payment_methods', cardOf(other), { headers })
  t.match(second.body, { card: { last4: '4444' } })
  t.strictSame(mixed, [])
})

t.test('a publishable caller gets no answer to the question of a secret key', async (t) => {
  const { vault, mixed, keys } = await strictVault(t)
  await vault.post('/v1/payment_methods', cardOf(typedCard.number), { headers })
  await vault.db.pool.query('delete from payment_vault.idempotency_keys')
  await vault.post('/v1/payment_methods', cardOf(typedCard.number), { headers, key: vault.keys.publishable })
  t.equal(keys.size, 2, 'it was asked under a key of its own')
  t.strictSame(mixed, [])
})

t.test('a lost answer is asked for again under the same key', async (t) => {
  const inner = testProcessor({ fingerprintKey })
  const asked: string[] = []
  const processor = {
    ...inner,
    tokenize: async (...[card, context]: Parameters<typeof inner.tokenize>) => {
      asked.push(context.idempotencyKey)
      if (asked.length === 1) throw new Error('the answer was lost')
      return inner.tokenize(card, context)
    }
  }
  const vault = await startVault(t, { processor })
  const lost = await vault.post('/v1/payment_methods', cardOf(typedCard.number), { headers })
  t.ok(lost.status >= 500)
  const again = await vault.post('/v1/payment_methods', cardOf(typedCard.number), { headers })
  t.equal(again.status, 200)
  t.equal(asked[0], asked[1])
})

t.test('money that moved is recorded, though the customer was deleted meanwhile', async (t) => {
  const inner = testProcessor({ fingerprintKey })
  let customer = ''
  const processor = {
    ...inner,
    payments: {
      ...inner.payments,
      authorize: async (...args: Parameters<typeof inner.payments.authorize>) => {
        const outcome = await inner.payments.authorize(...args)
        await vault.db.pool.query('update payment_vault.customers set deleted = true where id = $1', [
          customer
        ])
        return outcome
      }
    }
  }
  const vault = await startVault(t, { processor })
  customer = await newCustomer(vault)
  const paid = await vault.post('/v1/payment_intents', {
    ...{ amount: 2000, currency: 'usd', confirm: true, customer, setup_future_usage: 'off_session' },
    payment_method_data: cardOf(typedCard.number)
  })
  t.match({ status: paid.status, ...paid.body }, { status: 'succeeded', amount_received: 2000 })
  const shown = await vault.get(`/v1/payment_methods/${String(paid.body.payment_method)}`)
  t.equal(shown.body.customer, null, 'the card is not saved')
  const { rows } = await vault.db.pool.query('select id from payment_vault.operations')
  t.strictSame(rows, [])
})
