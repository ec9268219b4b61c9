import t, { type Test } from 'tap'
import { removeKeysBefore } from '../../../plugins/idempotency/expiry'
import { testProcessor } from '../../../src/index'
import type { ProcessorContext } from '../../../src/processor/context'
import { firstAccount } from '../../../src/resources/accounts/keys'
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

t.test('a key that a real 404 left free asks about the card of the new request', async (t) => {
  const { vault, mixed, keys } = await strictVault(t)
  const params = { payment_method_data: cardOf(typedCard.number) }
  const none = await vault.post('/v1/payment_intents/pi_none/confirm', params, { headers })
  t.equal(none.status, 404)
  t.equal(keys.size, 1, 'after a question about the card')
  const second = await vault.post('/v1/payment_methods', cardOf(other), { headers })
  t.match(second.body, { card: { last4: '4444' } })
  t.strictSame(mixed, [])
})

t.test("a key that was rolled back with the host's transaction asks another question", async (t) => {
  const { vault, mixed, keys } = await strictVault(t)
  const account = await firstAccount(vault.db)
  const tx = await vault.db.pool.connect()
  const make = (number: string) =>
    vault.app.paymentVault.paymentMethods.create(cardOf(number) as never, {
      ...{ account, livemode: false, idempotencyKey: 'k', tx }
    })
  try {
    await tx.query('begin')
    t.match(await make(typedCard.number), { card: { last4: '4242' } })
    await tx.query('rollback')
    await tx.query('begin')
    t.match(await make(other), { card: { last4: '4444' } })
    await tx.query('commit')
  } finally {
    tx.release()
  }
  t.equal(keys.size, 2)
  t.strictSame(mixed, [])
})

t.test('a key that the sweep removed asks about the card of the new request', async (t) => {
  const { vault, mixed } = await strictVault(t)
  await vault.post('/v1/payment_methods', cardOf(typedCard.number), { headers })
  // A claim that a crash left behind goes as well.
  await vault.db.pool.query(
    `insert into payment_vault.claims select account_id, key, 'crashed', 1, 'secret', endpoint, parameters
     from payment_vault.idempotency_keys`
  )
  await removeKeysBefore(vault.db, Math.floor(Date.now() / 1000) + 60)
  const second = await vault.post('/v1/payment_methods', cardOf(other), { headers })
  t.match({ status: second.status, ...second.body }, { status: 200, card: { last4: '4444' } })
  t.strictSame(mixed, [])
})

t.test('the sweep leaves the younger claim of another kind of caller', async (t) => {
  const { vault } = await strictVault(t)
  await vault.db.pool.query(
    `insert into payment_vault.claims values
     ('a', 'k', 'old', 1, 'publishable', '', ''), ('a', 'k', 'young', 100, 'secret', '', '')`
  )
  await removeKeysBefore(vault.db, 50)
  t.strictSame((await vault.db.pool.query('select id from payment_vault.claims')).rows, [{ id: 'young' }])
})

t.test("a browser's claim does not block the merchant's key", async (t) => {
  const { vault } = await strictVault(t)
  const account = `${await firstAccount(vault.db)}:test`
  await vault.db.pool.query(
    `insert into payment_vault.claims values ($1, 'k', 'browser', 1, 'publishable', '/v1/tokens', '')`,
    [account]
  )
  const made = await vault.post('/v1/payment_methods', cardOf(other), { headers })
  t.match({ status: made.status, ...made.body }, { status: 200, card: { last4: '4444' } })
})

const payment = {
  amount: 1000,
  currency: 'usd',
  confirm: true,
  payment_method_data: cardOf(typedCard.number)
}
const crashes = [
  { question: 'tokenize', path: '/v1/payment_methods', params: cardOf(typedCard.number) },
  { question: 'authorize', path: '/v1/payment_intents', params: payment }
]

for (const { question, path, params } of crashes) {
  t.test(
    `a crash between the answer of ${question} and its record: the retry has the same key`,
    async (t) => {
      const inner = testProcessor({ fingerprintKey })
      const asked: string[] = []
      const crashing =
        <Args extends [unknown, ProcessorContext], T>(name: string, ask: (...args: Args) => Promise<T>) =>
        async (...args: Args): Promise<T> => {
          const answer = await ask(...args)
          if (name === question) {
            asked.push(args[1].idempotencyKey)
            // Nothing can be recorded from now on.
            if (asked.length === 1) await hide('idempotency_keys', 'hidden')
          }
          return answer
        }
      const processor = {
        ...inner,
        tokenize: crashing('tokenize', inner.tokenize),
        payments: { ...inner.payments, authorize: crashing('authorize', inner.payments.authorize) }
      }
      const vault = await startVault(t, { processor })
      const hide = (from: string, to: string) =>
        vault.db.pool.query(`alter table payment_vault.${from} rename to ${to}`)
      t.ok((await vault.post(path, params, { headers })).status >= 500, 'the answer is lost')
      await hide('hidden', 'idempotency_keys')
      // The time of the call that crashed is over.
      await vault.db.pool.query('update payment_vault.operations set busy_until = 0')
      const again = await vault.post(path, params, { headers })
      t.equal(again.status, 200)
      t.equal(asked.length, 2)
      t.equal(asked[0], asked[1])
      t.strictSame((await vault.db.pool.query('select key from payment_vault.claims')).rows, [])
    }
  )
}
