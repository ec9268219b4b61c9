import t, { type Test } from 'tap'
import type { PaymentProcessor } from '../../../src/processor/payment-processor'
import { testProcessor } from '../../../src/index'
import { newCustomer } from '../../helpers/cards/payments'
import { fingerprintKey, startVault, type TestVault, typedCard } from '../../helpers/vault'

// Whatever changes while the processor is asked: what it did is recorded.

const card = { type: 'card', card: typedCard }
const expand = ['customer']

/** Starts a vault whose processor runs `meanwhile` after the question of that name has had its effect. */
async function changing(t: Test, name: keyof PaymentProcessor, meanwhile: string) {
  const inner = testProcessor({ fingerprintKey })
  const ask = inner.payments[name] as (...args: unknown[]) => Promise<unknown>
  const payments = {
    ...inner.payments,
    [name]: async (...args: unknown[]) => {
      const outcome = await ask(...args)
      await vault.db.pool.query(meanwhile)
      return outcome
    }
  }
  const vault: TestVault = await startVault(t, { processor: { ...inner, payments } })
  return { vault, customer: await newCustomer(vault) }
}

async function nothingOpen(t: Test, { db }: TestVault) {
  t.strictSame((await db.pool.query('select id from payment_vault.operations')).rows, [], 'nothing is open')
}

/** Each makes what is expanded unreadable, or takes it away. */
const changes = {
  'the customer is deleted': 'update payment_vault.customers set deleted = true',
  'the customer is gone': 'delete from payment_vault.customers',
  'the customer can not be shown': `update payment_vault.customers set details = 'null'`
}

for (const [what, meanwhile] of Object.entries(changes)) {
  t.test(`a payment, though ${what} meanwhile`, async (t) => {
    const { vault, customer } = await changing(t, 'authorize', meanwhile)
    const paid = await vault.post('/v1/payment_intents', {
      ...{ amount: 2000, currency: 'usd', confirm: true, customer, payment_method_data: card, expand }
    })
    t.match({ status: paid.status, ...paid.body }, { status: 'succeeded', amount_received: 2000 })
    await nothingOpen(t, vault)
  })

  t.test(`a set-up, though ${what} meanwhile`, async (t) => {
    const { vault, customer } = await changing(t, 'setUp', meanwhile)
    const params = { confirm: true, customer, payment_method_data: card, expand }
    const set = await vault.post('/v1/setup_intents', params)
    t.match(set.body, { status: 'succeeded' })
    await nothingOpen(t, vault)
  })

  for (const verb of ['capture', 'cancel'] as const) {
    t.test(`a ${verb}, though ${what} meanwhile`, async (t) => {
      const { vault, customer } = await changing(t, verb, meanwhile)
      const made = await vault.post('/v1/payment_intents', {
        ...{ amount: 2000, currency: 'usd', confirm: true, customer, payment_method_data: card },
        capture_method: 'manual'
      })
      t.equal(made.body.status, 'requires_capture')
      const ended = await vault.post(`/v1/payment_intents/${String(made.body.id)}/${verb}`, { expand })
      t.match(ended.body, { status: verb === 'capture' ? 'succeeded' : 'canceled' })
      await nothingOpen(t, vault)
    })
  }

  t.test(`a refund, though ${what} meanwhile`, async (t) => {
    const { vault, customer } = await changing(t, 'refund', meanwhile)
    const made = await vault.post('/v1/payment_intents', {
      ...{ amount: 2000, currency: 'usd', confirm: true, customer, payment_method_data: card }
    })
    const refunded = await vault.post('/v1/refunds', {
      payment_intent: String(made.body.id),
      expand: ['payment_intent.customer']
    })
    t.match(refunded.body, { status: 'succeeded', amount: 2000 })
    await nothingOpen(t, vault)
  })
}
