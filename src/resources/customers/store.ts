import { type Queryable, statement } from '../../../plugins/database/statement'
import type { Page } from '../../../plugins/database/listing'
import { table } from '../../../plugins/database/table'
import { type SearchText, searchTextOf } from './search-text'
import type { CustomerRow } from './row'

const names = ['id', 'created', 'email', 'default_payment_method', 'details', 'metadata', 'deleted'] as const

export const customers = table<CustomerRow>('customer', names)

/** Returns a deleted one too: `deleted` says so. */
export const findCustomer = customers.find()
export const findCustomers = customers.findMany()

/** Returns a customer that is not deleted, locked against every change but attaches until the transaction ends. */
export const lockCustomer = customers.lock('and not deleted')

/** Returns a customer that is not deleted, locked against attaches too. */
export async function lockCustomerWhole(
  tx: Queryable,
  account: string,
  id: string
): Promise<CustomerRow | undefined> {
  const [row] = await tx.query(lockCustomerRowWhole, [account, id])
  return row
}

// The text that searches look at is written with each row, and only they read it.
const written = table<CustomerRow & { search: SearchText }>('customer', [...names, 'search'])
const insert = written.insert()
const update = written.update()

export const insertCustomer = (tx: Queryable, account: string, row: CustomerRow): Promise<void> =>
  insert(tx, account, { ...row, search: searchTextOf(row) })

export const updateCustomerRow = (tx: Queryable, account: string, row: CustomerRow): Promise<void> =>
  update(tx, account, { ...row, search: searchTextOf(row) })

/** What a list of customers may be narrowed by: an exact e-mail address, first and last second of `created`. */
export interface CustomerFilter {
  email?: string | undefined
  created: readonly [from: number, to: number]
}

export const listCustomers = (
  db: Queryable,
  account: string,
  { email, created }: CustomerFilter,
  page: Page
): Promise<CustomerRow[]> =>
  email === undefined ? all(db, account, page, created) : byEmail(db, account, page, created, email)

const lockCustomerRowWhole = statement<CustomerRow & Record<string, unknown>>(
  'lock_customer_whole',
  `select ${customers.columns} from payment_vault.customers
   where account_id = $1 and id = $2 and not deleted
   for update`
)

const all = customers.page('list_customers', 'and not deleted')
const byEmail = customers.page('list_customers_by_email', 'and not deleted and email = $7')
