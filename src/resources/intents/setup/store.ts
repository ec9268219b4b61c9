import type { Queryable } from '../../../../plugins/database/statement'
import type { Page } from '../../../../plugins/database/listing'
import { table } from '../../../../plugins/database/table'
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
  cancellation_reason: 'abandoned' | 'duplicate' | 'requested_by_customer' | null
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

const setupIntents = table<SetupIntentRow>('setup_intent', [
  'id',
  'created',
  'status',
  'customer_id',
  'payment_method_id',
  'latest_attempt_id',
  'details',
  'metadata'
])

export const findSetupIntent = setupIntents.find()
export const findSetupIntents = setupIntents.findMany()
export const lockSetupIntent = setupIntents.lock()
export const insertSetupIntent = setupIntents.insert()
export const updateSetupIntentRow = setupIntents.update()

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

const all = setupIntents.page('list_setup_intents')
const ofCustomer = setupIntents.page('list_setup_intents_of_customer', 'and customer_id = $7')
const ofPaymentMethod = setupIntents.page(
  'list_setup_intents_of_payment_method',
  'and payment_method_id = $7 and ($8::text is null or customer_id = $8)'
)
