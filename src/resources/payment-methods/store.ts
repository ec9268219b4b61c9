import { type Queryable, statement } from '../../../plugins/database/statement'
import type { Page } from '../../../plugins/database/listing'
import { table } from '../../../plugins/database/table'
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
  allow_redisplay: 'always' | 'limited' | 'unspecified'
  metadata: Record<string, string>
}

/** What only the vault itself needs to know of a new one. */
export interface PaymentMethodSecrets {
  token: string | null
  verify: boolean
}

// The columns of PaymentMethodRow: what payment_vault.payment_method_object gives, in the same names.
const names = [
  'id',
  'created',
  'type',
  'state',
  'customer_id',
  'details',
  'billing_details',
  'allow_redisplay',
  'metadata'
] as const

export const paymentMethods = table<PaymentMethodRow>('payment_method', names)

export const findPaymentMethod = paymentMethods.find()
export const findPaymentMethods = paymentMethods.findMany()
export const lockPaymentMethod = paymentMethods.lock()

/** Writes what an update may change. */
export const updatePaymentMethod = paymentMethods.update(
  'details',
  'billing_details',
  'allow_redisplay',
  'metadata'
)

const insert = table<PaymentMethodRow & PaymentMethodSecrets>('payment_method', [
  ...names,
  'token',
  'verify'
]).insert()

export const insertPaymentMethod = (
  tx: Queryable,
  account: string,
  row: PaymentMethodRow,
  { token, verify }: PaymentMethodSecrets
): Promise<void> => insert(tx, account, { ...row, token, verify })

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

type Row = PaymentMethodRow & Record<string, unknown>

const list = paymentMethods.page(
  'list_payment_methods',
  'and customer_id = $7 and ($8::text is null or type = $8) and ($9::text is null or allow_redisplay = $9)'
)

const detachPaymentMethodRow = statement<Row>(
  'detach_payment_method',
  `update payment_vault.payment_methods set state = 'detached', customer_id = null
   where account_id = $1 and id = $2 and customer_id = $3 and state = 'attached'
   returning ${paymentMethods.columns}`
)

const detachPaymentMethodRows = statement<Row>(
  'detach_payment_methods',
  `update payment_vault.payment_methods set state = 'detached', customer_id = null
   where account_id = $1 and customer_id = $2 and state = 'attached'
   returning ${paymentMethods.columns}`
)
