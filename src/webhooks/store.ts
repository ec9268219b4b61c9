import { acrossAccounts, type Queryable, statement } from '../../plugins/database/statement'
import type { EventRow } from '../resources/events/event'
import type { WebhookEndpointRow } from '../resources/webhook-endpoints/store'

/** The columns of an endpoint that a delivery needs. */
export type Receiver = Pick<
  WebhookEndpointRow,
  | 'account_id'
  | 'id'
  | 'url'
  | 'api_version'
  | 'status'
  | 'secret_generation'
  | 'previous_secret_until'
  | 'listens_until'
>

/** A claimed delivery. The attempt number identifies the claim: a later claim has a higher number. */
export interface Claim {
  event_id: string
  attempts: number
}

export interface EventToSend extends EventRow {
  pending: number
}

/** The outcome of an attempt, to be written to the delivery's row. */
export interface Outcome {
  account: string
  event: string
  endpoint: string
  attempt: number
  state: 'pending' | 'delivered' | 'failed'
  due: number
  status: number | null
  failure: string | null
}

interface DueRow {
  account_id: string
  endpoint_id: string
}

/** Returns the deliveries that have been due longest, of all accounts. Times are Unix times in milliseconds. */
export const findDue = (db: Queryable, now: number, limit: number): Promise<DueRow[]> =>
  db.query(dueRows, [now, limit])

/** Returns every account with a due delivery, even when one endpoint has a long queue. */
export async function findDueAccounts(db: Queryable, now: number): Promise<string[]> {
  return (await db.query(dueAccounts, [now])).map((row) => row.account_id)
}

/** Returns the account's endpoints with due deliveries, except the `busy` ones; with `only`, that endpoint alone. */
export const findReceivers = (
  db: Queryable,
  account: string,
  busy: readonly string[],
  now: number,
  only: string | undefined
): Promise<Receiver[]> => db.query(dueReceivers, [account, busy, now, only ?? null])

/** Claims up to `count` deliveries until `until`. Skips deliveries that another process is claiming, without waiting. */
export const claimDeliveries = (
  db: Queryable,
  account: string,
  endpoint: string,
  { now, until, count }: { now: number; until: number; count: number }
): Promise<Claim[]> => db.query(claimRows, [account, endpoint, now, until, count])

export const readEvents = (db: Queryable, account: string, ids: readonly string[]): Promise<EventToSend[]> =>
  db.query(eventRows, [account, ids])

/** Writes the outcomes of one account whose claims are still valid. */
export async function writeOutcomes(
  db: Queryable,
  account: string,
  outcomes: readonly Outcome[]
): Promise<void> {
  await db.query(outcomeRows, [
    account,
    outcomes.map(({ event }) => event),
    outcomes.map(({ endpoint }) => endpoint),
    outcomes.map(({ attempt }) => attempt),
    outcomes.map(({ state }) => state),
    outcomes.map(({ due }) => due),
    outcomes.map(({ status }) => status),
    outcomes.map(({ failure }) => failure)
  ])
}

/** Returns the endpoints that still exist: neither deleted nor a listener whose lease ended. */
export async function findExistingEndpoints(
  db: Queryable,
  account: string,
  endpoints: readonly string[],
  now: number
): Promise<string[]> {
  const rows = await db.query(existingRows, [account, endpoints, Math.floor(now / 1000)])
  return rows.map((row) => row.id)
}

/** Fails up to `limit` due deliveries of an endpoint that cannot receive them. Returns their number. */
export async function failDue(
  db: Queryable,
  account: string,
  endpoint: string,
  { failure, now, limit }: { failure: string; now: number; limit: number }
): Promise<number> {
  return (await db.query(failedRows, [account, endpoint, now, failure, limit])).length
}

/** Disables an endpoint, unless its URL has changed since the delivery. */
export async function disableEndpoint(
  db: Queryable,
  { account_id, id, url }: Pick<Receiver, 'account_id' | 'id' | 'url'>
): Promise<void> {
  await db.query(disableRow, [account_id, id, url])
}

// Across all accounts: the account is not known yet. It takes no locks.
const dueRows = acrossAccounts<DueRow & Record<string, unknown>>(
  'find_due_deliveries',
  `select account_id, endpoint_id from payment_vault.webhook_deliveries
   where state = 'pending' and due <= $1
   order by due limit $2`
)

// One index look-up for each endpoint: a join would read every due row.
const dueAccounts = acrossAccounts<{ account_id: string }>(
  'find_due_accounts',
  `select distinct e.account_id from payment_vault.webhook_endpoints e
   where e.listens_until is null
     and (select min(d.due) from payment_vault.webhook_deliveries d
          where d.account_id = e.account_id and d.endpoint_id = e.id and d.state = 'pending') <= $1`
)

const dueReceivers = statement<Receiver & Record<string, unknown>>(
  'find_due_receivers',
  `select e.account_id, e.id, e.url, e.api_version, e.status, e.secret_generation, e.previous_secret_until,
     e.listens_until
   from payment_vault.webhook_endpoints e
   where e.account_id = $1 and e.id <> all ($2::text[])
     and case when $4::text is null then e.listens_until is null else e.id = $4::text end
     and (select min(d.due) from payment_vault.webhook_deliveries d
          where d.account_id = $1 and d.endpoint_id = e.id and d.state = 'pending') <= $3`
)

// Statements that find rows by key say `not in ('delivered', 'failed')`. With `= 'pending'` Postgres may choose the
// partial index of pending rows and read all of it.

// An array instead of `in`: Postgres may run a locking subquery more than once and claim too many rows.
const claimRows = statement<Claim & Record<string, unknown>>(
  'claim_deliveries',
  `update payment_vault.webhook_deliveries
   set attempts = attempts + 1, due = $4
   where account_id = $1 and endpoint_id = $2 and state not in ('delivered', 'failed') and due <= $3
     and event_id = any (array(
       select event_id from payment_vault.webhook_deliveries
       where account_id = $1 and endpoint_id = $2 and state = 'pending' and due <= $3
       order by due limit $5
       for update skip locked))
   returning event_id, attempts`
)

const eventRows = statement<EventToSend & Record<string, unknown>>(
  'read_events_to_send',
  `select e.id, e.created, e.type, e.object, e.previous_attributes, e.request_id, e.idempotency_key,
     (select count(*) filter (where d.state = 'pending') from payment_vault.webhook_deliveries d
      where d.account_id = $1 and d.event_id = e.id) as pending
   from payment_vault.events e
   where e.account_id = $1 and e.id = any ($2)`
)

const outcomeRows = statement(
  'write_delivery_outcomes',
  `update payment_vault.webhook_deliveries d
   set state = o.state, due = o.due, response_status = o.status, failure = o.failure
   from unnest($2::text[], $3::text[], $4::integer[], $5::text[], $6::bigint[], $7::integer[], $8::text[])
     as o (event_id, endpoint_id, attempt, state, due, status, failure)
   where d.account_id = $1 and d.event_id = any ($2::text[]) and d.event_id = o.event_id and d.endpoint_id = o.endpoint_id
     and d.attempts = o.attempt and d.state not in ('delivered', 'failed')`
)

const existingRows = statement<{ id: string }>(
  'find_endpoints_there',
  `select id from payment_vault.webhook_endpoints
   where account_id = $1 and id = any ($2) and (listens_until is null or listens_until > $3)`
)

const failedRows = statement<{ event_id: string }>(
  'fail_due_deliveries',
  `update payment_vault.webhook_deliveries
   set state = 'failed', failure = $4, response_status = null
   where account_id = $1 and endpoint_id = $2 and state not in ('delivered', 'failed') and due <= $3
     and event_id = any (array(
       select event_id from payment_vault.webhook_deliveries
       where account_id = $1 and endpoint_id = $2 and state = 'pending' and due <= $3
       order by due limit $5
       for update skip locked))
   returning event_id`
)

const disableRow = statement(
  'disable_webhook_endpoint',
  `update payment_vault.webhook_endpoints set status = 'disabled'
   where account_id = $1 and id = $2 and url = $3 and listens_until is null`
)
