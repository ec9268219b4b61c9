/** What the reference page shows of the payment method of its example, which a first account is given. */
export const attachedExample = {
  id: 'pm_1MqM05LkdIwHu7ixlDxxO6Mc',
  object: 'payment_method',
  billing_details: {
    address: {
      city: null,
      country: null,
      line1: null,
      line2: null,
      postal_code: null,
      state: null
    },
    email: null,
    name: null,
    phone: null
  },
  card: {
    brand: 'visa',
    checks: {
      address_line1_check: null,
      address_postal_code_check: null,
      cvc_check: 'pass'
    },
    country: 'US',
    exp_month: 8,
    exp_year: 2026,
    fingerprint: 'mToisGZ01V71BCos',
    funding: 'credit',
    generated_from: null,
    last4: '4242',
    networks: {
      available: ['visa'],
      preferred: null
    },
    three_d_secure_usage: {
      supported: true
    },
    wallet: null
  },
  created: 1679946402,
  customer: 'cus_NbZ8Ki3f322LNn',
  livemode: false,
  metadata: {},
  type: 'card'
}

// One after the other, as the examples of the routes are.
export const updatedExample = { ...attachedExample, metadata: { order_id: '6735' } }
export const detachedExample = { ...updatedExample, customer: null }
