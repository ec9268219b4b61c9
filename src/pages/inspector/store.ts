import { type Queryable, statement } from '../../../plugins/database/statement'

/** An event with the state of its deliveries, and only the id of its object. */
interface RecentEvent {
  id: string
  type: string
  created: number
  about: string | null
  deliveries: {
    endpoint: string
    url: string | null
    state: string
    attempts: number
    status: number | null
  }[]
}

/** Returns the newest 50 events, newest first. */
export const recentEvents = (db: Queryable, account: string): Promise<RecentEvent[]> =>
  db.query(recentRows, [account])

const recentRows = statement<RecentEvent & Record<string, unknown>>(
  'inspect_recent_events',
  `select e.id, e.type, e.created, e.object->>'id' as about,
     coalesce((
       select jsonb_agg(jsonb_build_object('endpoint', d.endpoint_id, 'url', w.url, 'state', d.state,
         'attempts', d.attempts, 'status', d.response_status) order by d.endpoint_id)
       from payment_vault.webhook_deliveries d
       left join payment_vault.webhook_endpoints w on w.account_id = d.account_id and w.id = d.endpoint_id
       where d.account_id = $1 and d.event_id = e.id
     ), '[]') as deliveries
   from payment_vault.events e
   where e.account_id = $1
   order by e.id desc limit 50`
)
