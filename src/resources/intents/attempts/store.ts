import { type Queryable, statement } from '../../../../plugins/database/database'
import { listing, type Page } from '../../../../plugins/database/listing'
import type { LastError } from '../last-error'

/** One try to set a card up, as the database has it. */
export interface SetupAttemptRow {
  id: string
  created: number
  setup_intent_id: string
  status: 'requires_action' | 'succeeded' | 'failed' | 'abandoned'
  customer_id: string | null
  payment_method_id: string
  details: {
    /** The card's hash as it was then. */
    card: Record<string, unknown>
    flow_directions: string[] | null
    setup_error: LastError | null
    usage: string
  }
}

/** Writes an attempt, or how it went on. */
export async function putAttempt(tx: Queryable, account: string, row: SetupAttemptRow): Promise<void> {
  await tx.query(put, [
    account,
    row.id,
    row.created,
    row.setup_intent_id,
    row.status,
    row.customer_id,
    row.payment_method_id,
    JSON.stringify(row.details)
  ])
}

/** Where it waits for an authentication, it does so no more. */
export async function abandonAttempt(tx: Queryable, account: string, id: string): Promise<void> {
  await tx.query(abandon, [account, id])
}

export const findSetupAttempts = (
  db: Queryable,
  account: string,
  ids: readonly string[]
): Promise<SetupAttemptRow[]> => db.query(findAll, [account, ids])

export const findSetupAttempt = async (
  db: Queryable,
  account: string,
  id: string
): Promise<SetupAttemptRow | undefined> => (await findSetupAttempts(db, account, [id]))[0]

export const listSetupAttempts = (
  db: Queryable,
  account: string,
  { setup_intent, created }: { setup_intent: string; created: readonly [from: number, to: number] },
  page: Page
): Promise<SetupAttemptRow[]> => list(db, account, page, created, setup_intent)

const columns = 'id, created, setup_intent_id, status, customer_id, payment_method_id, details'

type Row = SetupAttemptRow & Record<string, unknown>

const put = statement(
  'put_setup_attempt',
  `insert into payment_vault.setup_attempts (account_id, ${columns})
   values ($1, $2, $3, $4, $5, $6, $7, $8)
   on conflict (account_id, id) do update set status = excluded.status, details = excluded.details`
)

const abandon = statement(
  'abandon_setup_attempt',
  `update payment_vault.setup_attempts set status = 'abandoned'
   where account_id = $1 and id = $2 and status = 'requires_action'`
)

const findAll = statement<Row>(
  'find_setup_attempts',
  `select ${columns} from payment_vault.setup_attempts where account_id = $1 and id = any($2)`
)

const list = listing<Row>(
  'list_setup_attempts',
  `select ${columns} from payment_vault.setup_attempts`,
  'and setup_intent_id = $7'
)
