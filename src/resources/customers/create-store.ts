import type { Shareable } from '../../../plugins/database/batcher'
import { statement } from '../../../plugins/database/statement'
import {
  type Attempt,
  claimOf,
  type First,
  firstOf,
  type FirstRow
} from '../../../plugins/idempotency/idempotency'
import { now } from '../../protocol/values/time'
import { searchTextOf } from './search-text'
import type { CustomerRow } from './row'

export interface NewCustomerCall {
  requestId: string
  attempt: Attempt | null
  /** The answer, which is kept under the key. */
  body: string
  row: CustomerRow
  /** The id of the event that tells of it. */
  event: string
}

/** Makes customers of one account, each with its key and its event. Where the key was used before nothing is made. */
export const creatingCustomer: Shareable<NewCustomerCall, { first: First; created: number }> = {
  touches: ({ attempt }) => (attempt ? [attempt.key] : []),

  send: async (db, account, calls, wait) => {
    const created = now()
    const asked = calls.map(({ requestId, attempt, body, row, event }) => ({
      ...{ request: requestId, row, search: searchTextOf(row), event },
      ...claimOf(attempt, body)
    }))
    const rows = await db.query(createCustomers, [account, created, JSON.stringify(asked), wait])
    return calls.map(({ requestId }) => ({ first: firstOf(rows, requestId), created }))
  }
}

const createCustomers = statement<FirstRow & Record<string, unknown>>(
  'create_customers',
  'select * from payment_vault.create_customers($1, $2, $3, $4)'
)
