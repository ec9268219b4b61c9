import { type Queryable, statement } from '../../../plugins/database/database'
import type { NewPaymentMethod } from '../payment-methods/draft'

/** A token as the database has it. What it stands for is shown from the payment method that it becomes. */
export interface TokenRow {
  id: string
  /** Seconds since 1970. */
  created: number
  type: 'bank_account' | 'card'
  used: boolean
  details: {
    client_ip: string | null
    /** The id of the card or the bank account, which no other call takes. */
    source: string
    /** What was said of a bank account and its payment method has no place for. */
    bank_account?: { account_holder_type: string | null; account_type: string | null }
  }
  payment_method: NewPaymentMethod
}

export async function insertToken(tx: Queryable, account: string, row: TokenRow): Promise<void> {
  await tx.query(insert, [
    account,
    row.id,
    row.created,
    row.type,
    row.used,
    JSON.stringify(row.details),
    JSON.stringify(row.payment_method)
  ])
}

export const findToken = async (db: Queryable, account: string, id: string): Promise<TokenRow | undefined> =>
  (await db.query(find, [account, id]))[0]

/** Uses it up; false where it was before, or is being right now by a transaction that then commits. */
export const useToken = async (tx: Queryable, account: string, id: string): Promise<boolean> =>
  (await tx.query(use, [account, id])).length === 1

const insert = statement(
  'insert_token',
  `insert into payment_vault.tokens (account_id, id, created, type, used, details, payment_method)
   values ($1, $2, $3, $4, $5, $6, $7)`
)

const find = statement<TokenRow & Record<string, unknown>>(
  'find_token',
  `select id, created, type, used, details, payment_method from payment_vault.tokens
   where account_id = $1 and id = $2`
)

const use = statement<{ id: string }>(
  'use_token',
  `update payment_vault.tokens set used = true where account_id = $1 and id = $2 and not used returning id`
)
