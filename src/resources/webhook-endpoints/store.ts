import { type Queryable, statement } from '../../../plugins/database/statement'
import type { Page } from '../../../plugins/database/listing'
import { table } from '../../../plugins/database/table'
import { secondsOf } from '../../protocol/lists/lists'

export type EndpointStatus = 'enabled' | 'disabled'

/** A webhook endpoint as the database has it. */
export interface WebhookEndpointRow {
  account_id: string
  id: string
  /** Seconds since 1970. */
  created: number
  url: string
  /** What events are sent in; null stands for the vault's default version. */
  api_version: string | null
  description: string | null
  /** Types of events, or `*` for all of them. */
  enabled_events: string[]
  status: EndpointStatus
  metadata: Record<string, string>
  secret_generation: number
  /** Seconds since 1970 until which the secret of the generation before signs too. */
  previous_secret_until: number | null
  /** For whoever listens at a terminal: seconds since 1970 until which they do. */
  listens_until: number | null
}

export const webhookEndpoints = table<WebhookEndpointRow>('webhook_endpoint', [
  'account_id',
  'id',
  'created',
  'url',
  'api_version',
  'description',
  'enabled_events',
  'status',
  'metadata',
  'secret_generation',
  'previous_secret_until',
  'listens_until'
])

// No call sees the endpoint of a listener at a terminal.
const seen = 'and listens_until is null'

export const findWebhookEndpoint = webhookEndpoints.find(seen)
export const lockWebhookEndpoint = webhookEndpoints.lock(seen)

const insert = webhookEndpoints.insert()
const update = webhookEndpoints.update('url', 'description', 'enabled_events', 'status', 'metadata')

export const insertWebhookEndpoint = (tx: Queryable, row: WebhookEndpointRow): Promise<void> =>
  insert(tx, row.account_id, row)

/** Writes what an update may change. */
export const updateWebhookEndpoint = (tx: Queryable, row: WebhookEndpointRow): Promise<void> =>
  update(tx, row.account_id, row)

/** How many there are, which the transaction keeps: nobody else who asks so makes another one meanwhile. */
export async function countWebhookEndpoints(tx: Queryable, account: string): Promise<number> {
  await tx.query(lockTable)
  const [row] = await tx.query(countRows, [account])
  return row?.count ?? 0
}

export const listWebhookEndpoints = (
  db: Queryable,
  account: string,
  page: Page
): Promise<WebhookEndpointRow[]> => list(db, account, page, secondsOf(undefined))

/**
 * Gives the endpoint a new secret. The one that it had signs too until that second since 1970, null for no longer;
 * one from before that never again. Undefined when there is no such endpoint.
 */
export async function rollSecret(
  db: Queryable,
  account: string,
  id: string,
  until: number | null
): Promise<WebhookEndpointRow | undefined> {
  const [row] = await db.query(rollRow, [account, id, until])
  return row
}

/** Whether there was one. What still waits for it is never sent. */
export async function deleteWebhookEndpoint(db: Queryable, account: string, id: string): Promise<boolean> {
  return (await db.query(deleteRow, [account, id])).length > 0
}

type Row = WebhookEndpointRow & Record<string, unknown>

// The table, not rows: an account without endpoints has none. They are made so seldom that nobody waits for it, and
// whoever reads them (every event does) is not held up.
const lockTable = statement(
  'lock_webhook_endpoints',
  'lock table payment_vault.webhook_endpoints in share row exclusive mode'
)

const countRows = statement<{ count: number }>(
  'count_webhook_endpoints',
  `select count(*) as count from payment_vault.webhook_endpoints where account_id = $1 and listens_until is null`
)

const list = webhookEndpoints.page('list_webhook_endpoints', seen)

const rollRow = statement<Row>(
  'roll_webhook_secret',
  `update payment_vault.webhook_endpoints
   set secret_generation = secret_generation + 1, previous_secret_until = $3
   where account_id = $1 and id = $2 and listens_until is null
   returning ${webhookEndpoints.columns}`
)

const deleteRow = statement<{ id: string }>(
  'delete_webhook_endpoint',
  `delete from payment_vault.webhook_endpoints
   where account_id = $1 and id = $2 and listens_until is null
   returning id`
)
