import fc from 'fast-check'
import t from 'tap'
import { type CardHash, cardOf, storedCard } from '../../../src/resources/payment-methods/stored-card'

const outcome = fc.constantFrom('pass', 'fail', 'unavailable', 'unchecked', null)
const brand = fc.constantFrom('visa', 'mastercard', 'cartes_bancaires', 'unknown')

const card = fc.record(
  {
    brand,
    checks: fc.record(
      {
        address_line1_check: outcome,
        address_postal_code_check: outcome,
        cvc_check: outcome
      },
      { noNullPrototype: true }
    ),
    country: fc.constantFrom('US', 'FR', null),
    display_brand: brand,
    exp_month: fc.integer({ min: 1, max: 12 }),
    exp_year: fc.integer({ min: 2026, max: 2076 }),
    fingerprint: fc.string({ minLength: 16, maxLength: 16 }),
    funding: fc.constantFrom('credit', 'debit', 'prepaid', 'unknown'),
    last4: fc.stringMatching(/^\d{4}$/),
    networks: fc.record(
      {
        available: fc.uniqueArray(brand, { minLength: 1, maxLength: 2 }),
        preferred: fc.constantFrom('visa', 'invalid_preference', null)
      },
      { noNullPrototype: true }
    ),
    regulated_status: fc.constantFrom('regulated', 'unregulated', null),
    three_d_secure_usage: fc.constantFrom({ supported: true }, { supported: false }, null)
  },
  { noNullPrototype: true }
) as fc.Arbitrary<CardHash>

t.test('a card comes out of the database as the processor told it', async (t) => {
  fc.assert(
    fc.property(card, (told) => {
      const stored = JSON.parse(JSON.stringify(storedCard(told))) as Record<string, unknown>
      t.strictSame(cardOf(stored), told)
    })
  )
})

t.test('nothing else of a processor’s object is stored, and little of an ordinary card', async (t) => {
  const told = {
    brand: 'visa',
    checks: { address_line1_check: null, address_postal_code_check: null, cvc_check: 'pass', cvc: '123' },
    country: 'US',
    display_brand: 'visa',
    exp_month: 8,
    exp_year: 2033,
    fingerprint: 'BFfuNjwRcbec5eeh',
    funding: 'credit',
    last4: '4242',
    networks: { available: ['visa'], preferred: null, number: '4242424242424242' },
    number: '4242424242424242',
    regulated_status: 'unregulated',
    three_d_secure_usage: { supported: true, number: '4242424242424242' }
  } as unknown as CardHash
  t.strictSame(storedCard(told), {
    brand: 'visa',
    checks: { cvc_check: 'pass' },
    country: 'US',
    exp_month: 8,
    exp_year: 2033,
    fingerprint: 'BFfuNjwRcbec5eeh',
    funding: 'credit',
    last4: '4242'
  })
})
