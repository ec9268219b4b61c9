import { type Queryable, statement } from '../../../plugins/database/database'
import { listing, type Page } from '../../../plugins/database/listing'
import type { Address } from '../../protocol/values/address'
import { secondsOf } from '../../protocol/lists/lists'

/** Moves forward only; the database refuses any other value. */
export type PaymentMethodState = 'unattached' | 'attached' | 'detached' | 'consumed'

/** Only what was given: the wire's object shows null for the rest. */
export interface BillingDetails {
  address?: Partial<Address>
  email?: string
  name?: string
  phone?: string
  tax_id?: string
}

/** A payment method as the database, an event and a kept answer have it. */
export interface PaymentMethodRow {
  id: string
  created: number
  type: string
  state: PaymentMethodState
  customer_id: string | null
  details: Record<string, unknown>
  billing_details: BillingDetails
  allow_redisplay: string
  metadata: Record<string, string>
}

/** What only the vault itself needs to know of a new one. */
export interface PaymentMethodSecrets {
  token: string | null
  verify: boolean
}

export async function insertPaymentMethod(
  tx: Queryable,
  account: string,
  row: PaymentMethodRow,
  secrets: PaymentMethodSecrets
): Promise<void> {
  await tx.query(insertPaymentMethodRow, [
    account,
    row.id,
    row.created,
    row.type,
    row.state,
    row.customer_id,
    secrets.token,
    secrets.verify,
    JSON.stringify(row.details),
    JSON.stringify(row.billing_details),
    row.allow_redisplay,
    JSON.stringify(row.metadata)
  ])
}

export async function findPaymentMethod(
  db: Queryable,
  account: string,
  id: string
): Promise<PaymentMethodRow | undefined> {
  const [row] = await db.query(findPaymentMethodRow, [account, id])
  return row
}

/** The same, held until the transaction's end against every other change. */
export async function lockPaymentMethod(
  tx: Queryable,
  account: string,
  id: string
): Promise<PaymentMethodRow | undefined> {
  const [row] = await tx.query(lockPaymentMethodRow, [account, id])
  return row
}

export async function findPaymentMethods(
  db: Queryable,
  account: string,
  ids: readonly string[]
): Promise<PaymentMethodRow[]> {
  return db.query(findPaymentMethodRows, [account, ids])
}

/** What a list of a customer's payment methods may be narrowed by. */
export interface PaymentMethodFilter {
  type?: string | undefined
  allow_redisplay?: string | undefined
}

export const listPaymentMethods = (
  db: Queryable,
  account: string,
  customer: string,
  { type, allow_redisplay }: PaymentMethodFilter,
  page: Page
): Promise<PaymentMethodRow[]> =>
  list(db, account, page, secondsOf(undefined), customer, type, allow_redisplay)

export async function updatePaymentMethod(
  tx: Queryable,
  account: string,
  row: PaymentMethodRow
): Promise<void> {
  await tx.query(updatePaymentMethodRow, [
    account,
    row.id,
    JSON.stringify(row.details),
    JSON.stringify(row.billing_details),
    row.allow_redisplay,
    JSON.stringify(row.metadata)
  ])
}

/** Detaches it from this customer for good; undefined when it is no longer attached to them. */
export async function detachPaymentMethodFrom(
  tx: Queryable,
  account: string,
  id: string,
  customer: string
): Promise<PaymentMethodRow | undefined> {
  const [row] = await tx.query(detachPaymentMethodRow, [account, id, customer])
  return row
}

export async function detachAllPaymentMethods(
  tx: Queryable,
  account: string,
  customer: string
): Promise<PaymentMethodRow[]> {
  return tx.query(detachPaymentMethodRows, [account, customer])
}

// The columns of PaymentMethodRow: what payment_vault.payment_method_object gives, in the same names.
const columns = 'id, created, type, state, customer_id, details, billing_details, allow_redisplay, metadata'

type Row = PaymentMethodRow & Record<string, unknown>

const insertPaymentMethodRow = statement(
  'insert_payment_method',
  `insert into payment_vault.payment_methods
     (account_id, id, created, type, state, customer_id, token, verify, details, billing_details, allow_redisplay,
      metadata)
   values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`
)

const findPaymentMethodRow = statement<Row>(
  'find_payment_method',
  `select ${columns} from payment_vault.payment_methods where account_id = $1 and id = $2`
)

const lockPaymentMethodRow = statement<Row>(
  'lock_payment_method',
  `select ${columns} from payment_vault.payment_methods where account_id = $1 and id = $2 for no key update`
)

const findPaymentMethodRows = statement<Row>(
  'find_payment_methods',
  `select ${columns} from payment_vault.payment_methods where account_id = $1 and id = any($2)`
)

const list = listing<Row>(
  'list_payment_methods',
  `select ${columns} from payment_vault.payment_methods`,
  'and customer_id = $7 and ($8::text is null or type = $8) and ($9::text is null or allow_redisplay = $9)'
)

const updatePaymentMethodRow = statement(
  'update_payment_method',
  `update payment_vault.payment_methods
   set details = $3, billing_details = $4, allow_redisplay = $5, metadata = $6
   where account_id = $1 and id = $2`
)

const detachPaymentMethodRow = statement<Row>(
  'detach_payment_method',
  `update payment_vault.payment_methods set state = 'detached', customer_id = null
   where account_id = $1 and id = $2 and customer_id = $3 and state = 'attached'
   returning ${columns}`
)

const detachPaymentMethodRows = statement<Row>(
  'detach_payment_methods',
  `update payment_vault.payment_methods set state = 'detached', customer_id = null
   where account_id = $1 and customer_id = $2 and state = 'attached'
   returning ${columns}`
)
