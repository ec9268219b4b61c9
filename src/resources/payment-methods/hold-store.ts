import { type Queryable, statement } from '../../../plugins/database/statement'
import { type PaymentMethodRow, paymentMethods } from './store'

/** A payment method with what the processor knows it by, and the intent that has it for the moment. */
export interface HeldPaymentMethodRow extends PaymentMethodRow {
  token: string | null
  held_by: string | null
}

/** With its token, held until the transaction's end against every other change. */
export async function lockPaymentMethodForUse(
  tx: Queryable,
  account: string,
  id: string
): Promise<HeldPaymentMethodRow | undefined> {
  const [row] = await tx.query(lockForUse, [account, id])
  return row
}

/** Gives an unattached payment method to an intent, also beyond the transaction: nobody else can use it. */
export async function holdPaymentMethod(
  tx: Queryable,
  account: string,
  id: string,
  intent: string
): Promise<void> {
  await tx.query(hold, [account, id, intent])
}

/** Ends that. Others can use it once the transaction has committed. */
export async function releasePaymentMethod(
  tx: Queryable,
  account: string,
  id: string,
  intent: string
): Promise<void> {
  await tx.query(release, [account, id, intent])
}

/** Uses up one that was paid with and not saved; an attached one stays as it is. */
export async function consumePaymentMethod(tx: Queryable, account: string, id: string): Promise<void> {
  await tx.query(consume, [account, id])
}

/** What the processor knows it by from now on. */
export async function replaceToken(tx: Queryable, account: string, id: string, token: string): Promise<void> {
  await tx.query(replace, [account, id, token])
}

const lockForUse = statement<HeldPaymentMethodRow & Record<string, unknown>>(
  'lock_payment_method_for_use',
  `select ${paymentMethods.columns}, token, held_by from payment_vault.payment_methods
   where account_id = $1 and id = $2 for update`
)

const hold = statement(
  'hold_payment_method',
  `update payment_vault.payment_methods set held_by = $3
   where account_id = $1 and id = $2 and state = 'unattached'`
)

const release = statement(
  'release_payment_method',
  `update payment_vault.payment_methods set held_by = null
   where account_id = $1 and id = $2 and held_by = $3`
)

const consume = statement(
  'consume_payment_method',
  `update payment_vault.payment_methods set state = 'consumed'
   where account_id = $1 and id = $2 and state = 'unattached'`
)

const replace = statement(
  'replace_token',
  'update payment_vault.payment_methods set token = $3 where account_id = $1 and id = $2'
)
