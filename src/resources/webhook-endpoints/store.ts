import { type Queryable, statement } from '../../../plugins/database/database'
import { listing, type Page } from '../../../plugins/database/listing'
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

export async function insertWebhookEndpoint(tx: Queryable, row: WebhookEndpointRow): Promise<void> {
  await tx.query(insertRow, valuesOf(row))
}

/** The values of `columns`. */
export const valuesOf = (row: WebhookEndpointRow): unknown[] => [
  row.account_id,
  row.id,
  row.created,
  row.url,
  row.api_version,
  row.description,
  row.enabled_events,
  row.status,
  JSON.stringify(row.metadata),
  row.secret_generation,
  row.previous_secret_until,
  row.listens_until
]

// What listens at a terminal is not to be seen by these.

export async function findWebhookEndpoint(
  db: Queryable,
  account: string,
  id: string
): Promise<WebhookEndpointRow | undefined> {
  const [row] = await db.query(findRow, [account, id])
  return row
}

/** The same, held until the transaction's end against every other change. */
export async function lockWebhookEndpoint(
  tx: Queryable,
  account: string,
  id: string
): Promise<WebhookEndpointRow | undefined> {
  const [row] = await tx.query(lockRow, [account, id])
  return row
}

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

/** Writes all that an update may change. */
export async function updateWebhookEndpoint(tx: Queryable, row: WebhookEndpointRow): Promise<void> {
  await tx.query(updateRow, [
    row.account_id,
    row.id,
    row.url,
    row.description,
    row.enabled_events,
    row.status,
    JSON.stringify(row.metadata)
  ])
}

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

/** The columns of WebhookEndpointRow. */
export const columns = `account_id, id, created, url, api_version, description, enabled_events, status, metadata,
  secret_generation, previous_secret_until, listens_until`

type Row = WebhookEndpointRow & Record<string, unknown>

/** One row of `valuesOf`. */
export const insert = `insert into payment_vault.webhook_endpoints (${columns})
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`

const insertRow = statement('insert_webhook_endpoint', insert)

const find = `select ${columns} from payment_vault.webhook_endpoints
  where account_id = $1 and id = $2 and listens_until is null`

const findRow = statement<Row>('find_webhook_endpoint', find)
const lockRow = statement<Row>('lock_webhook_endpoint', `${find} for no key update`)

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

const list = listing<Row>(
  'list_webhook_endpoints',
  `select ${columns} from payment_vault.webhook_endpoints`,
  'and listens_until is null'
)

const updateRow = statement(
  'update_webhook_endpoint',
  `update payment_vault.webhook_endpoints
   set url = $3, description = $4, enabled_events = $5, status = $6, metadata = $7
   where account_id = $1 and id = $2`
)

const rollRow = statement<Row>(
  'roll_webhook_secret',
  `update payment_vault.webhook_endpoints
   set secret_generation = secret_generation + 1, previous_secret_until = $3
   where account_id = $1 and id = $2 and listens_until is null
   returning ${columns}`
)

const deleteRow = statement<{ id: string }>(
  'delete_webhook_endpoint',
  `delete from payment_vault.webhook_endpoints
   where account_id = $1 and id = $2 and listens_until is null
   returning id`
)
