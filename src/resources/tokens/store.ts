import { type Queryable, statement } from '../../../plugins/database/statement'
import { table } from '../../../plugins/database/table'
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

const tokens = table<TokenRow>('token', ['id', 'created', 'type', 'used', 'details', 'payment_method'])

export const findToken = tokens.find()
export const insertToken = tokens.insert()

/** Uses it up; false where it was before, or is being right now by a transaction that then commits. */
export const useToken = async (tx: Queryable, account: string, id: string): Promise<boolean> =>
  (await tx.query(use, [account, id])).length === 1

const use = statement<{ id: string }>(
  'use_token',
  `update payment_vault.tokens set used = true where account_id = $1 and id = $2 and not used returning id`
)
