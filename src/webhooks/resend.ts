import { acrossAccounts, type Queryable, statement } from '../../plugins/database/statement'

/** An endpoint that an event is sent to again. */
interface ResendTarget {
  id: string
  url: string
  /** Whether it is a `listen` command in a terminal. */
  listens: boolean
}

/**
 * Makes an event due immediately: for one endpoint, or for every endpoint and listener subscribed to its type. A
 * finished delivery starts again from its first attempt. A pending delivery has its next attempt now. The delivering
 * processes send it within a second. Returns undefined for an unknown event.
 */
export async function resendEvent(
  db: Queryable,
  id: string,
  endpoint: string | undefined
): Promise<{ type: string; receivers: ResendTarget[] } | undefined> {
  const [event] = await db.query(findEvent, [id])
  if (!event) return undefined
  const { account_id: account, type } = event
  const now = Date.now()
  const receivers = await (endpoint === undefined
    ? db.query(findWanting, [account, type, Math.floor(now / 1000)])
    : db.query(findNamed, [account, endpoint]))
  const ids = receivers.map((receiver) => receiver.id)
  await db.query(makeDue, [account, id, ids, now])
  return { type, receivers }
}

// An operator has only the event's id: the account comes from the event.
const findEvent = acrossAccounts<{ account_id: string; type: string }>(
  'find_event_anywhere',
  'select account_id, type from payment_vault.events where id = $1'
)

const find = `select id, url, listens_until is not null as listens from payment_vault.webhook_endpoints
  where account_id = $1 and status = 'enabled'`

const findWanting = statement<ResendTarget & Record<string, unknown>>(
  'find_who_wants_event',
  `${find} and payment_vault.endpoint_wants(status, enabled_events, listens_until, $2::text, $3::bigint)
   order by created, id`
)

const findNamed = statement<ResendTarget & Record<string, unknown>>(
  'find_endpoint_to_resend_to',
  `${find} and id = $2 and listens_until is null`
)

// The number of attempts identifies a claim, so it only grows while a process may hold the claim.
const makeDue = statement(
  'make_deliveries_due',
  `insert into payment_vault.webhook_deliveries as d (account_id, event_id, endpoint_id, state, attempts, due)
   select $1::text, $2::text, endpoint_id, 'pending', 0, $4::bigint from unnest($3::text[]) as e (endpoint_id)
   on conflict (account_id, event_id, endpoint_id)
   do update set state = 'pending', attempts = case when d.state = 'pending' then d.attempts else 0 end,
     due = excluded.due, response_status = null, failure = null`
)
