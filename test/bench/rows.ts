import type { Pool } from 'pg'
import { blankCustomer } from '../../src/customers/blank'

/**
 * Unattached payment methods numbered from `first` on, and the 10,000 customers that they are spread over, as the
 * vault itself would have written them.
 */
export async function makeRows(pool: Pool, account: string, first: number, count: number): Promise<void> {
  await pool.query(customers, [account, JSON.stringify(blankCustomer().details)])
  await pool.query(paymentMethods, [account, first, first + count - 1])
}

const customers = `
  insert into payment_vault.customers (account_id, id, created, details, metadata, deleted)
  select $1, 'cus_bench' || lpad(n::text, 5, '0'), 1795000000, $2, '{}', false
  from generate_series(0, 9999) n
  on conflict do nothing`

const paymentMethods = `
  insert into payment_vault.payment_methods
    (account_id, id, created, type, state, token, verify, details, billing_details, allow_redisplay, metadata)
  select $1, 'pm_bench' || lpad(n::text, 18, '0'), 1795000000, 'card', 'unattached', 'visa_us_4242:cvc_check', false,
    '{"brand": "visa", "checks": {"address_line1_check": null, "address_postal_code_check": null, "cvc_check": "pass"},
      "country": "US", "display_brand": "visa", "exp_month": 8, "exp_year": 2033, "fingerprint": "BFfuNjwRcbec5eeh",
      "funding": "credit", "last4": "4242", "networks": {"available": ["visa"], "preferred": null},
      "regulated_status": "unregulated", "three_d_secure_usage": {"supported": true}}',
    '{}', 'unspecified', '{}'
  from generate_series($2::bigint, $3::bigint) n`
