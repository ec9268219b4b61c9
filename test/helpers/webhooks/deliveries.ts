import type { Database } from '../../../plugins/database/database'
import { blankCustomer } from '../../../src/resources/customers/blank'
import {
  insertWebhookEndpoint,
  type WebhookEndpointRow
} from '../../../src/resources/webhook-endpoints/store'
import { newId } from '../../../src/protocol/values/ids'
import { now } from '../../../src/protocol/values/time'

export const account = 'acct_webhooks:test'

/** An endpoint that wants everything. */
export async function insertEndpoint(
  db: Database,
  url: string,
  row: Partial<WebhookEndpointRow> = {}
): Promise<WebhookEndpointRow> {
  const endpoint: WebhookEndpointRow = {
    account_id: account,
    id: newId('we'),
    created: now(),
    url,
    api_version: null,
    description: null,
    enabled_events: ['*'],
    status: 'enabled',
    metadata: {},
    secret_generation: 1,
    previous_secret_until: null,
    listens_until: null,
    ...row
  }
  await insertWebhookEndpoint(db, endpoint)
  return endpoint
}

/** The millisecond of the last event: no two have the same one, so that ids are in the order of writing. */
let last = 0

/** Writes as many events of new customers, with their deliveries, and gives back their ids. */
export async function writeEvents(
  db: Database,
  { count = 1, of = account, type = 'customer.created' } = {}
): Promise<string[]> {
  const ids = Array.from({ length: count }, () => newId('evt', (last = Math.max(last + 1, Date.now()))))
  await db.pool.query(
    `select payment_vault.write_event($1, id, $3, $4, $5, null, null, null) from unnest($2::text[]) id`,
    [of, ids, now(), type, blankCustomer()]
  )
  return ids
}

export interface DeliveryRow {
  event_id: string
  endpoint_id: string
  state: string
  attempts: number
  due: number
  response_status: number | null
  failure: string | null
}

/** What is known of all deliveries, or those to one endpoint, the oldest event first. */
export async function deliveriesOf(db: Database, endpoint?: string): Promise<DeliveryRow[]> {
  const found = await db.pool.query<DeliveryRow>(
    `select event_id, endpoint_id, state, attempts, due::float8 as due, response_status, failure
     from payment_vault.webhook_deliveries where $1::text is null or endpoint_id = $1
     order by event_id, endpoint_id`,
    [endpoint ?? null]
  )
  return found.rows
}

/** The state of all deliveries to an endpoint, each once. */
export const statesOf = async (db: Database, endpoint?: string): Promise<string[]> => [
  ...new Set(
    (await deliveriesOf(db, endpoint)).map(({ state, failure }) => [state, failure ?? ''].join(' ').trim())
  )
]
