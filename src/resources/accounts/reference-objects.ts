import type { Queryable } from '../../../plugins/database/statement'
import { blankCustomer } from '../customers/blank'
import { insertCustomer } from '../customers/store'
import type { CustomerRow } from '../customers/row'
import { insertPaymentMethod, type PaymentMethodRow } from '../payment-methods/store'
import { type CardHash, storedCard } from '../payment-methods/stored-card'

export const referenceCustomer = 'cus_NbZ8Ki3f322LNn'
export const referencePaymentMethod = 'pm_1MqM05LkdIwHu7ixlDxxO6Mc'

/**
 * Writes the two objects that the reference page's snippets name, as they are before the page's call: so they
 * work as printed, and the answer is the page's sample. `account` is an account in its test mode, a new one.
 */
export async function insertReferenceObjects(tx: Queryable, account: string): Promise<void> {
  await insertCustomer(tx, account, customer)
  await insertPaymentMethod(tx, account, paymentMethod, { token: 'visa_us_4242:cvc_check', verify: false })
}

const customer: CustomerRow = { ...blankCustomer(), id: referenceCustomer, created: 1679946000 }

// Not made by the processor, which would give the card a fingerprint of its own and another year.
const card: CardHash = {
  brand: 'visa',
  country: 'US',
  display_brand: 'visa',
  exp_month: 8,
  exp_year: 2026,
  fingerprint: 'mToisGZ01V71BCos',
  funding: 'credit',
  last4: '4242',
  networks: { available: ['visa'], preferred: null },
  three_d_secure_usage: { supported: true },
  regulated_status: 'unregulated',
  checks: { address_line1_check: null, address_postal_code_check: null, cvc_check: 'pass' }
}

const paymentMethod: PaymentMethodRow = {
  id: referencePaymentMethod,
  created: 1679946402,
  type: 'card',
  state: 'unattached',
  customer_id: null,
  details: storedCard(card),
  billing_details: {},
  allow_redisplay: 'unspecified',
  metadata: {}
}
