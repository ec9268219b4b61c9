import { type Queryable, statement } from '../../../../plugins/database/statement'
import type { Page } from '../../../../plugins/database/listing'
import { table } from '../../../../plugins/database/table'
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
    usage: 'off_session' | 'on_session'
  }
}

const attempts = table<SetupAttemptRow>('setup_attempt', [
  'id',
  'created',
  'setup_intent_id',
  'status',
  'customer_id',
  'payment_method_id',
  'details'
])

export const findSetupAttempts = attempts.findMany()

/** Writes an attempt, or how it went on. */
export const putAttempt = attempts.upsert('put_setup_attempt', 'status', 'details')

/** Where it waits for an authentication, it does so no more. */
export async function abandonAttempt(tx: Queryable, account: string, id: string): Promise<void> {
  await tx.query(abandon, [account, id])
}

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

const abandon = statement(
  'abandon_setup_attempt',
  `update payment_vault.setup_attempts set status = 'abandoned'
   where account_id = $1 and id = $2 and status = 'requires_action'`
)

const list = attempts.page('list_setup_attempts', 'and setup_intent_id = $7')
