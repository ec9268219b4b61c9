import { type Queryable, statement } from '../../plugins/database'
import type { Page } from '../wire/lists'

/** A refund as the database and an event have it; the amount in the smallest unit. */
export interface RefundRow {
  id: string
  created: number
  status: 'succeeded'
  amount: number
  currency: string
  charge_id: string
  payment_intent_id: string
  reason: string | null
  metadata: Record<string, string>
}

export async function insertRefund(tx: Queryable, account: string, row: RefundRow): Promise<void> {
  await tx.query(insert, [
    account,
    row.id,
    row.created,
    row.status,
    row.amount,
    row.currency,
    row.charge_id,
    row.payment_intent_id,
    row.reason,
    JSON.stringify(row.metadata)
  ])
}

export const findRefund = async (
  db: Queryable,
  account: string,
  id: string
): Promise<RefundRow | undefined> => (await db.query(find, [account, id]))[0]

/** What a list of refunds may be narrowed by. */
export interface RefundFilter {
  charge?: string | undefined
  payment_intent?: string | undefined
  created: readonly [from: number, to: number]
}

export async function listRefunds(
  db: Queryable,
  account: string,
  { charge, payment_intent, created }: RefundFilter,
  { after, forward, limit }: Page
): Promise<RefundRow[]> {
  const values = [account, after.created, after.id, ...created, limit + 1, charge, payment_intent]
  return db.query(forward ? list : listBackwards, values)
}

const columns = 'id, created, status, amount, currency, charge_id, payment_intent_id, reason, metadata'

type Row = RefundRow & Record<string, unknown>

const insert = statement(
  'insert_refund',
  `insert into payment_vault.refunds (account_id, ${columns})
   values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`
)

const find = statement<Row>(
  'find_refund',
  `select ${columns} from payment_vault.refunds where account_id = $1 and id = $2`
)

const listed = (name: string, forward: boolean) =>
  statement<Row>(
    name,
    `select ${columns} from payment_vault.refunds
     where account_id = $1 and (created, id) ${forward ? '<' : '>'} ($2::bigint, $3::text)
       and created between $4 and $5
       and ($7::text is null or charge_id = $7) and ($8::text is null or payment_intent_id = $8)
     order by created ${forward ? 'desc' : 'asc'}, id ${forward ? 'desc' : 'asc'}
     limit $6`
  )

const list = listed('list_refunds', true)
const listBackwards = listed('list_refunds_backwards', false)
