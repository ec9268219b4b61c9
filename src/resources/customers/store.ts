import type { CustomerRow } from './row'
import { type Queryable, statement } from '../../../plugins/database/database'
import { listing, type Page } from '../../../plugins/database/listing'
import { searchTextOf } from './search-text'

export async function insertCustomer(tx: Queryable, account: string, row: CustomerRow): Promise<void> {
  await tx.query(insertCustomerRow, values(account, row))
}

/** Also a deleted one: `deleted` tells. */
export async function findCustomer(
  db: Queryable,
  account: string,
  id: string
): Promise<CustomerRow | undefined> {
  const [row] = await db.query(findCustomerRow, [account, id])
  return row
}

export async function findCustomers(
  db: Queryable,
  account: string,
  ids: readonly string[]
): Promise<CustomerRow[]> {
  return db.query(findCustomerRows, [account, ids])
}

/** A customer that is not deleted, held against every other change but attaches. */
export async function lockCustomer(
  tx: Queryable,
  account: string,
  id: string
): Promise<CustomerRow | undefined> {
  const [row] = await tx.query(lockCustomerRow, [account, id])
  return row
}

/** The same, held against attaches too. */
export async function lockCustomerWhole(
  tx: Queryable,
  account: string,
  id: string
): Promise<CustomerRow | undefined> {
  const [row] = await tx.query(lockCustomerRowWhole, [account, id])
  return row
}

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

export async function updateCustomerRow(tx: Queryable, account: string, row: CustomerRow): Promise<void> {
  await tx.query(updateCustomer, values(account, row))
}

const values = (account: string, row: CustomerRow): unknown[] => [
  account,
  row.id,
  row.created,
  row.email,
  row.default_payment_method,
  JSON.stringify(row.details),
  JSON.stringify(row.metadata),
  row.deleted,
  JSON.stringify(searchTextOf(row))
]

export const columns = 'id, created, email, default_payment_method, details, metadata, deleted'

type Row = CustomerRow & Record<string, unknown>

const insertCustomerRow = statement(
  'insert_customer',
  `insert into payment_vault.customers
     (account_id, id, created, email, default_payment_method, details, metadata, deleted, search)
   values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`
)

const findCustomerRow = statement<Row>(
  'find_customer',
  `select ${columns} from payment_vault.customers where account_id = $1 and id = $2`
)

const findCustomerRows = statement<Row>(
  'find_customers',
  `select ${columns} from payment_vault.customers where account_id = $1 and id = any($2)`
)

const lockCustomerRow = statement<Row>(
  'lock_customer',
  `select ${columns} from payment_vault.customers
   where account_id = $1 and id = $2 and not deleted
   for no key update`
)

const lockCustomerRowWhole = statement<Row>(
  'lock_customer_whole',
  `select ${columns} from payment_vault.customers
   where account_id = $1 and id = $2 and not deleted
   for update`
)

const updateCustomer = statement(
  'update_customer',
  `update payment_vault.customers
   set created = $3, email = $4, default_payment_method = $5, details = $6, metadata = $7, deleted = $8,
     search = $9
   where account_id = $1 and id = $2`
)

const select = `select ${columns} from payment_vault.customers`
const all = listing<Row>('list_customers', select, 'and not deleted')
const byEmail = listing<Row>('list_customers_by_email', select, 'and not deleted and email = $7')
