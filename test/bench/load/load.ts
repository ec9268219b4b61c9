import type { Pool } from 'pg'
import { blankCustomer } from '../../../src/resources/customers/blank'
import { details } from '../stand/rows'
import type { VaultDatabase } from '../stand/stand'

/** Ids as long as the vault's own that grow with time: the number stands for the time. */
export const grownIds = { paymentMethod: 'pm_1%023d', customer: 'cus_%014d' }

/** Of 100 payment methods in a row ten belong to the first of these customers, and the others to the rest. */
export const customersOf = (paymentMethods: number): number => Math.ceil(paymentMethods / 100) * 20

const piece = 100_000

/**
 * Payment methods numbered from `first` to below `end`, with their customers, in the order of time: four of five are
 * attached, nearly all to a customer who came at the same time, some to an older one; the rest were detached or left.
 */
export async function loadVault(database: VaultDatabase, first: number, end: number): Promise<void> {
  const { pool, account } = database
  // Made afterwards, as after any load: kept up to date row by row it takes most of the time.
  const { rows } = await pool.query<{ made: string }>(
    "select pg_get_indexdef('payment_vault.customers_search'::regclass) as made"
  )
  await pool.query('drop index payment_vault.customers_search')
  const customer = JSON.stringify(blankCustomer().details)
  await inPieces(customersOf(first), customersOf(end), (from, to) =>
    pool.query(customers, [account, from, to, customer])
  )
  await inPieces(first, end, (from, to) => pool.query(paymentMethods, [account, from, to, details]))
  await pool.query(rows[0]?.made ?? '')
  await pool.query('vacuum analyze')
}

/** Unattached ones on top: those that are attached next. */
export async function loadUnattached(pool: Pool, account: string, first: number, end: number): Promise<void> {
  await pool.query(unattached, [account, first, end - 1, details])
}

/** Two at a time, one for each core, from the oldest on. */
async function inPieces(first: number, end: number, load: (from: number, to: number) => Promise<unknown>) {
  let next = first
  const worker = async (): Promise<void> => {
    while (next < end) {
      const from = next
      next = Math.min(next + piece, end)
      await load(from, next - 1)
    }
  }
  await Promise.all([worker(), worker()])
}

const customers = `
  insert into payment_vault.customers (account_id, id, created, email, details, metadata, deleted, search)
  select $1, 'cus_' || lpad(n::text, 14, '0'), 1700000000 + n / 10, 'person' || n || '@example.com',
    $4::jsonb || jsonb_build_object('name', name), '{}', false,
    jsonb_build_object('email', 'PERSON' || n || '@EXAMPLE.COM', 'name', upper(name))
  from generate_series($2::bigint, $3::bigint) n,
    lateral (select 'Given' || n % 5000 || ' Family' || n % 100000 as name) named`

const columns = `account_id, id, created, type, state, customer_id, token, verify, details, billing_details,
  allow_redisplay, metadata`

const paymentMethods = `
  insert into payment_vault.payment_methods (${columns})
  select $1, 'pm_1' || lpad(n::text, 23, '0'), 1700000000 + n / 50, 'card', state,
    case when state = 'attached' then 'cus_' || lpad((case
      when n % 100 < 10 then n / 100 * 20
      when n % 7 = 0 then n * 7919 % (n / 100 * 20 + 20)
      else n / 100 * 20 + 1 + n % 19 end)::text, 14, '0') end,
    'visa_us_4242:cvc_check', false, $4, '{"name": "Jenny Rosen", "email": "jenny@example.com"}', 'unspecified', '{}'
  from generate_series($2::bigint, $3::bigint) n,
    lateral (select case when n % 100 < 10 or n % 10 < 8 then 'attached' when n % 10 = 8 then 'detached'
      else 'unattached' end as state) stated`

const unattached = `
  insert into payment_vault.payment_methods (${columns})
  select $1, 'pm_1' || lpad(n::text, 23, '0'), 1700000000 + n / 50, 'card', 'unattached', null,
    'visa_us_4242:cvc_check', false, $4, '{"name": "Jenny Rosen", "email": "jenny@example.com"}', 'unspecified', '{}'
  from generate_series($2::bigint, $3::bigint) n`
