import { type Queryable, statement } from '../../../plugins/database/statement'
import type { Page } from '../../../plugins/database/listing'
import { table } from '../../../plugins/database/table'
import { firstId } from '../../protocol/values/ids'
import type { EventRow, EventType } from './event'

const events = table<EventRow>('event', [
  'id',
  'created',
  'type',
  'object',
  'previous_attributes',
  'request_id',
  'idempotency_key'
])

export const findEvent = events.find()

/** What a list of events may be narrowed by. */
export interface EventFilter {
  types?: readonly EventType[] | undefined
  /** First and last second. */
  created: readonly [from: number, to: number]
  /** Whether all its deliveries have arrived, or one of them waits or failed. */
  delivered?: boolean | undefined
}

/** A page of events, and one more if there are more. Their ids grow with time: it goes by them alone. */
export async function listEvents(
  db: Queryable,
  account: string,
  { types, created, delivered }: EventFilter,
  { after, forward, limit }: Page
): Promise<EventRow[]> {
  // Nothing is looked through for what can't be there.
  if (types?.length === 0 || created[0] > created[1]) return []
  const [from, to] = idsWithin(created)
  const values = [
    account,
    forward || from > after.id ? from : after.id,
    forward && to > after.id ? after.id : to,
    ...created,
    types ?? null,
    limit + 1
  ]
  const [forwards, backwards] = delivered === undefined ? all : delivered ? arrived : open
  return db.query(forward ? forwards : backwards, values)
}

/** How many deliveries each of these events waits for, by its id; events that wait for none are not in it. */
export async function countPending(
  db: Queryable,
  account: string,
  ids: readonly string[]
): Promise<Map<string, number>> {
  if (ids.length === 0) return new Map()
  const rows = await db.query(countPendingDeliveries, [account, ids])
  return new Map(rows.map(({ event_id, pending }) => [event_id, pending]))
}

// An id is made in the second that `created` tells, or right beside it where the clock just ticked or was set.
const slack = 1
/** The last millisecond that ids have characters for, in the year 2081. */
const lastMillisecond = 62 ** 7 - 1

/** What the ids of events of these seconds, and maybe some more, lie between. */
const idsWithin = ([from, to]: readonly [number, number]): [string, string] => [
  idAt(from - slack),
  idAt(to + 1 + slack)
]

const idAt = (second: number): string => firstId('evt', Math.min(second * 1000, lastMillisecond))

type Row = EventRow & Record<string, unknown>

const list = (name: string, where: string, forward: boolean) =>
  statement<Row>(
    name,
    `select ${events.columns} from payment_vault.events e
     where account_id = $1 and id > $2 and id < $3 and created between $4 and $5
       and ($6::text[] is null or type = any ($6)) ${where}
     order by id ${forward ? 'desc' : 'asc'}
     limit $7`
  )

// One statement each, so that each is planned for what it asks.
const bothWays = (name: string, where: string) =>
  [list(name, where, true), list(`${name}_backwards`, where, false)] as const

// What was meant for an endpoint that is gone is never sent, and who listens at a terminal is nobody's business.
const ofEndpoints = `select 1 from payment_vault.webhook_endpoints w
  where w.account_id = $1 and w.id = d.endpoint_id and w.listens_until is null`

const notArrived = `select 1 from payment_vault.webhook_deliveries d
  where d.account_id = $1 and d.event_id = e.id and d.state <> 'delivered' and exists (${ofEndpoints})`

const all = bothWays('list_events', '')
const arrived = bothWays('list_delivered_events', `and not exists (${notArrived})`)
const open = bothWays('list_undelivered_events', `and exists (${notArrived})`)

const countPendingDeliveries = statement<{ event_id: string; pending: number }>(
  'count_pending_deliveries',
  `select d.event_id, count(*) as pending from payment_vault.webhook_deliveries d
   where d.account_id = $1 and d.event_id = any ($2) and d.state = 'pending' and exists (${ofEndpoints})
   group by d.event_id`
)
