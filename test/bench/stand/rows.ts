import type { Pool } from 'pg'
import { blankCustomer } from '../../../src/resources/customers/blank'
import { storedCard } from '../../../src/resources/payment-methods/stored-card'

/** How calls.lua makes the ids of these rows. */
export const benchIds = { paymentMethod: 'pm_bench%018d', customer: 'cus_bench%05d', customers: 10_000 }

/**
 * Unattached payment methods numbered from `first` on, and the 10,000 customers that they are spread over, as the
 * vault itself would have written them.
 */
export async function makeRows(pool: Pool, account: string, first: number, count: number): Promise<void> {
  await pool.query(customers, [account, JSON.stringify(blankCustomer().details), 'cus_bench', 9999])
  await pool.query(paymentMethods, [account, first, first + count - 1, details])
}

/** 1,000 customers with ten cards each: what a list is asked for. */
export async function makeListed(pool: Pool, account: string): Promise<void> {
  await pool.query(customers, [account, JSON.stringify(blankCustomer().details), 'cus_listed', 999])
  await pool.query(listed, [account, details])
}

/** A card's, as they are stored. */
export const details = JSON.stringify(
  storedCard({
    brand: 'visa',
    checks: { address_line1_check: null, address_postal_code_check: null, cvc_check: 'pass' },
    country: 'US',
    display_brand: 'visa',
    exp_month: 8,
    exp_year: 2033,
    fingerprint: 'BFfuNjwRcbec5eeh',
    funding: 'credit',
    last4: '4242',
    networks: { available: ['visa'], preferred: null },
    regulated_status: 'unregulated',
    three_d_secure_usage: { supported: true }
  })
)

const customers = `
  insert into payment_vault.customers (account_id, id, created, details, metadata, deleted)
  select $1, $3 || lpad(n::text, 5, '0'), 1795000000, $2, '{}', false
  from generate_series(0, $4::int) n
  on conflict do nothing`

const paymentMethods = `
  insert into payment_vault.payment_methods
    (account_id, id, created, type, state, token, verify, details, billing_details, allow_redisplay, metadata)
  select $1, 'pm_bench' || lpad(n::text, 18, '0'), 1795000000, 'card', 'unattached', 'visa_us_4242:cvc_check', false,
    $4, '{}', 'unspecified', '{}'
  from generate_series($2::bigint, $3::bigint) n`

const listed = `
  insert into payment_vault.payment_methods
    (account_id, id, created, type, state, customer_id, token, verify, details, billing_details, allow_redisplay,
     metadata)
  select $1, 'pm_listed' || lpad(n::text, 17, '0'), 1795000000 + n, 'card', 'attached',
    'cus_listed' || lpad((n % 1000)::text, 5, '0'), 'visa_us_4242:cvc_check', false, $2, '{}', 'unspecified', '{}'
  from generate_series(0, 9999) n`
