import { type Queryable, statement } from '../../plugins/database'

/**
 * Makes an event due at once, as if it had never been sent: for that endpoint, or for every enabled one that wants its
 * type. Whoever delivers sends it within a second. Undefined where there is no such event.
 */
export async function resendEvent(
  db: Queryable,
  id: string,
  endpoint: string | undefined
): Promise<{ type: string; endpoints: string[] } | undefined> {
  const [event] = await db.query(findEvent, [id])
  if (!event) return undefined
  const { account_id: account, type } = event
  const rows = await db.query(makeDue, [account, id, type, endpoint ?? null, Date.now()])
  return { type, endpoints: rows.map((row) => row.endpoint_id) }
}

// Whose it is only the event tells: its id is all that an operator has.
const findEvent = statement<{ account_id: string; type: string }>(
  'find_event_anywhere',
  'select account_id, type from payment_vault.events where id = $1'
)

const makeDue = statement<{ endpoint_id: string }>(
  'make_delivery_due',
  `insert into payment_vault.webhook_deliveries (account_id, event_id, endpoint_id, state, attempts, due)
   select e.account_id, $2::text, e.id, 'pending', 0, $5::bigint
   from payment_vault.webhook_endpoints e
   where e.account_id = $1 and e.status = 'enabled' and e.listens_until is null
     and case when $4::text is null then $3::text = any (e.enabled_events) or '*' = any (e.enabled_events)
              else e.id = $4::text end
   on conflict (account_id, event_id, endpoint_id)
   do update set state = 'pending', attempts = 0, due = excluded.due, response_status = null, failure = null
   returning endpoint_id`
)
