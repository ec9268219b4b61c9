import { type Queryable, statement } from '../../../plugins/database/database'
import { listing, type Page } from '../../../plugins/database/listing'

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

export const listRefunds = (
  db: Queryable,
  account: string,
  { charge, payment_intent: intent, created }: RefundFilter,
  page: Page
): Promise<RefundRow[]> => {
  // A charge has few, so both go by that.
  if (charge !== undefined) return ofCharge(db, account, page, created, charge, intent ?? null)
  if (intent !== undefined) return ofIntent(db, account, page, created, intent)
  return all(db, account, page, created)
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

const select = `select ${columns} from payment_vault.refunds`
const all = listing<Row>('list_refunds', select)
const ofIntent = listing<Row>('list_refunds_of_payment_intent', select, 'and payment_intent_id = $7')
const ofCharge = listing<Row>(
  'list_refunds_of_charge',
  select,
  'and charge_id = $7 and ($8::text is null or payment_intent_id = $8)'
)
