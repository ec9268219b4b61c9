import { invalidRequest } from '../../../plugins/errors/errors'
import type { Call } from '../call'
import type { Caller } from '../../protocol/resource/objects'
import { listOf, pageOf, secondsOf } from '../../protocol/lists/lists'
import { noSuchEvent } from './errors'
import { countPending, findEvent, listEvents } from './read-store'
import type { ListEventsParams } from './schema'
import { type EventRow, type EventType, writtenTypes } from './event'
import { eventToObject } from './object'

/** One event, in this call's version. */
export async function retrieveEvent(call: Call, id: string) {
  const { db } = call.vault
  const row = await findEvent(db, call.account, id)
  if (!row) throw await noSuchEvent(db, call, id)
  const [wire] = await withPending(call, [row])
  return wire
}

/** Events, newest first, in this call's version. */
export async function listOfEvents(call: Call, params: ListEventsParams) {
  const { db } = call.vault
  const filter = {
    types: typesOf(params),
    created: secondsOf(params.created),
    delivered: params.delivery_success
  }
  const page = await pageOf(params, async (id, param) => {
    const row = await findEvent(db, call.account, id)
    if (!row) throw await noSuchEvent(db, call, id, param)
    return row
  })
  const rows = await listEvents(db, call.account, filter, page)
  const shown = listOf('/v1/events', page, rows, (row) => row)
  return { ...shown, data: await withPending(call, shown.data) }
}

/** Renders events with the number of deliveries that each still waits for. */
export async function withPending(call: Caller, rows: readonly EventRow[]) {
  const pending = await countPending(
    call.vault.db,
    call.account,
    rows.map(({ id }) => id)
  )
  return rows.map((row) => eventToObject(call, row, pending.get(row.id) ?? 0))
}

const mostTypes = 20

/** The types that were asked for, of those that are ever written; undefined for all of them. */
function typesOf({ type, types }: ListEventsParams): EventType[] | undefined {
  if (type !== undefined && types !== undefined) {
    throw invalidRequest('You may only specify one of these parameters: type, types.', {
      code: 'parameters_exclusive'
    })
  }
  if (types !== undefined && types.length > mostTypes) {
    throw invalidRequest(`At most ${mostTypes} types may be asked for at once.`, { param: 'types' })
  }
  const wanted = types ?? (type === undefined ? undefined : [type])
  return wanted && writtenTypes.filter((written) => wanted.some((each) => covers(each, written)))
}

/** `charge.*` stands for every type of charges, `*` for all. */
const covers = (wanted: string, type: EventType): boolean =>
  wanted === type || wanted === '*' || (wanted.endsWith('.*') && type.startsWith(wanted.slice(0, -1)))
