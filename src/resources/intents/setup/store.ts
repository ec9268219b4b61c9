import { type Queryable, statement } from '../../../../plugins/database/database'
import { listing, type Page } from '../../../../plugins/database/listing'
import type { LastError } from '../last-error'
import type { NextAction } from '../next-action'

export type SetupIntentStatus =
  | 'requires_payment_method'
  | 'requires_confirmation'
  | 'requires_action'
  | 'processing'
  | 'succeeded'
  | 'canceled'

export type Usage = 'off_session' | 'on_session'

/** What a setup intent shows and is never looked up by, and what its next confirm needs to know. */
export interface SetupIntentDetails {
  /** What the processor knows the authentication by that its holder was asked for. */
  authentication: string | null
  automatic_payment_methods: { allow_redirects?: 'always' | 'never'; enabled: boolean } | null
  cancellation_reason: string | null
  description: string | null
  flow_directions: string[] | null
  last_setup_error: LastError | null
  next_action: NextAction | null
  usage: Usage
}

/** A setup intent as the database and an event have it. */
export interface SetupIntentRow {
  id: string
  created: number
  status: SetupIntentStatus
  customer_id: string | null
  payment_method_id: string | null
  latest_attempt_id: string | null
  details: SetupIntentDetails
  metadata: Record<string, string>
}

export const insertSetupIntent = async (
  tx: Queryable,
  account: string,
  row: SetupIntentRow
): Promise<void> => {
  await tx.query(insert, values(account, row))
}

export const updateSetupIntentRow = async (
  tx: Queryable,
  account: string,
  row: SetupIntentRow
): Promise<void> => {
  await tx.query(update, values(account, row))
}

export const findSetupIntent = async (
  db: Queryable,
  account: string,
  id: string
): Promise<SetupIntentRow | undefined> => (await db.query(find, [account, id]))[0]

/** The same, held until the transaction's end against every other change. */
export const lockSetupIntent = async (
  tx: Queryable,
  account: string,
  id: string
): Promise<SetupIntentRow | undefined> => (await tx.query(lock, [account, id]))[0]

export const findSetupIntents = (
  db: Queryable,
  account: string,
  ids: readonly string[]
): Promise<SetupIntentRow[]> => db.query(findAll, [account, ids])

/** What a list of setup intents may be narrowed by. */
export interface SetupIntentFilter {
  customer?: string | undefined
  payment_method?: string | undefined
  created: readonly [from: number, to: number]
}

export const listSetupIntents = (
  db: Queryable,
  account: string,
  { customer, payment_method: paymentMethod, created }: SetupIntentFilter,
  page: Page
): Promise<SetupIntentRow[]> => {
  // A payment method has few, so both go by that.
  if (paymentMethod !== undefined) {
    return ofPaymentMethod(db, account, page, created, paymentMethod, customer ?? null)
  }
  if (customer !== undefined) return ofCustomer(db, account, page, created, customer)
  return all(db, account, page, created)
}

const values = (account: string, row: SetupIntentRow): unknown[] => [
  account,
  row.id,
  row.created,
  row.status,
  row.customer_id,
  row.payment_method_id,
  row.latest_attempt_id,
  JSON.stringify(row.details),
  JSON.stringify(row.metadata)
]

const columns = 'id, created, status, customer_id, payment_method_id, latest_attempt_id, details, metadata'

type Row = SetupIntentRow & Record<string, unknown>

const insert = statement(
  'insert_setup_intent',
  `insert into payment_vault.setup_intents (account_id, ${columns})
   values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`
)

const update = statement(
  'update_setup_intent',
  `update payment_vault.setup_intents
   set created = $3, status = $4, customer_id = $5, payment_method_id = $6, latest_attempt_id = $7, details = $8,
     metadata = $9
   where account_id = $1 and id = $2`
)

const find = statement<Row>(
  'find_setup_intent',
  `select ${columns} from payment_vault.setup_intents where account_id = $1 and id = $2`
)

const lock = statement<Row>(
  'lock_setup_intent',
  `select ${columns} from payment_vault.setup_intents where account_id = $1 and id = $2 for no key update`
)

const findAll = statement<Row>(
  'find_setup_intents',
  `select ${columns} from payment_vault.setup_intents where account_id = $1 and id = any($2)`
)

const select = `select ${columns} from payment_vault.setup_intents`
const all = listing<Row>('list_setup_intents', select)
const ofCustomer = listing<Row>('list_setup_intents_of_customer', select, 'and customer_id = $7')
const ofPaymentMethod = listing<Row>(
  'list_setup_intents_of_payment_method',
  select,
  'and payment_method_id = $7 and ($8::text is null or customer_id = $8)'
)
