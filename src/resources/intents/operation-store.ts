import { acrossAccounts, type Queryable, statement } from '../../../plugins/database/statement'
import type { Expand } from '../../protocol/expand'

export type OperationKindName = 'authorize' | 'cancel' | 'capture' | 'refund' | 'set_up'

/** A call as it is written down, so that its work can be ended without it. */
export interface RecordedCall {
  livemode: boolean
  publishable: boolean
  version: string
  request_id: string
  base_url: string
  /** The claim of the attempt's key, which ends with the operation. */
  claim?: string
  attempt: { key: string; endpoint: string; parameters: string } | null
}

/** A row of what the processor has been or is about to be asked. */
export interface Operation extends Record<string, unknown> {
  account_id: string
  id: string
  intent_id: string
  kind: OperationKindName
  customer_id: string | null
  /** Milliseconds since 1970. */
  busy_until: number
  intended: { call: RecordedCall; what: unknown; expand: Expand }
}

/** False where there is one already: of the same key, or on the same intent. */
export async function insertOperation(tx: Queryable, operation: Operation): Promise<boolean> {
  const { account_id, id, intent_id, kind, customer_id, busy_until, intended } = operation
  const rows = await tx.query(insert, [
    account_id,
    id,
    intent_id,
    kind,
    customer_id,
    busy_until,
    JSON.stringify(intended)
  ])
  return rows.length === 1
}

/** By its key, and held until the transaction's end. */
export const lockOperation = async (
  tx: Queryable,
  account: string,
  id: string
): Promise<Operation | undefined> => (await tx.query(lock, [account, id]))[0]

export const findOpenOperation = async (
  tx: Queryable,
  account: string,
  of: { intent: string } | { customer: string }
): Promise<Operation | undefined> => {
  const found =
    'intent' in of
      ? tx.query(findOfIntent, [account, of.intent])
      : tx.query(findOfCustomer, [account, of.customer])
  return (await found)[0]
}

/** The operation as this worker has it now; undefined where another one took it over, or it has ended. */
export const takeOverOperation = async (
  db: Queryable,
  operation: Operation,
  until: number
): Promise<Operation | undefined> => {
  const { account_id, id, busy_until } = operation
  const [taken] = await db.query(takeOver, [account_id, id, busy_until, until])
  return taken && { ...operation, busy_until: until }
}

/** Lets the next one take it over at once, unless somebody has. */
export const releaseOperation = async (
  db: Queryable,
  { account_id, id, busy_until }: Operation
): Promise<void> => {
  await db.query(release, [account_id, id, busy_until])
}

/** False where it had ended already. */
export const deleteOperation = async (tx: Queryable, { account_id, id }: Operation): Promise<boolean> =>
  (await tx.query(remove, [account_id, id])).length === 1

/** Those that nobody is at work on, of every account. */
export const findAbandoned = (db: Queryable, now: number, limit: number): Promise<Operation[]> =>
  db.query(findAbandonedOperations, [now, limit])

const columns = 'account_id, id, intent_id, kind, customer_id, busy_until, intended'

const insert = statement<{ id: string }>(
  'insert_operation',
  `insert into payment_vault.operations (${columns})
   values ($1, $2, $3, $4, $5, $6, $7)
   on conflict do nothing
   returning id`
)

const lock = statement<Operation>(
  'lock_operation',
  `select ${columns} from payment_vault.operations where account_id = $1 and id = $2 for update`
)

const findOfIntent = statement<Operation>(
  'find_operation_of_intent',
  `select ${columns} from payment_vault.operations where account_id = $1 and intent_id = $2`
)

const findOfCustomer = statement<Operation>(
  'find_operation_of_customer',
  `select ${columns} from payment_vault.operations where account_id = $1 and customer_id = $2 limit 1`
)

const takeOver = statement<{ id: string }>(
  'take_over_operation',
  `update payment_vault.operations set busy_until = $4
   where account_id = $1 and id = $2 and busy_until = $3
   returning id`
)

const release = statement(
  'release_operation',
  `update payment_vault.operations set busy_until = 0
   where account_id = $1 and id = $2 and busy_until = $3`
)

const remove = statement<{ id: string }>(
  'delete_operation',
  'delete from payment_vault.operations where account_id = $1 and id = $2 returning id'
)

const findAbandonedOperations = acrossAccounts<Operation>(
  'find_abandoned_operations',
  `select ${columns} from payment_vault.operations where busy_until < $1 order by busy_until limit $2`
)
