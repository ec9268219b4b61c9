import { secondsOf } from '../../protocol/lists/lists'
import type { Caller } from '../../protocol/resource/objects'
import { mostTypes, tooManyTypes, typeAndTypes } from './errors'
import { type EventRow, type EventType, writtenTypes } from './event'
import { eventToObject } from './object'
import { countPending, type EventFilter } from './read-store'
import type { ListEventsParams } from './schema'

/** Renders events in the call's version, with the number of deliveries that each still waits for. */
export async function withPending(call: Caller, rows: readonly EventRow[]) {
  const pending = await countPending(
    call.vault.db,
    call.account,
    rows.map(({ id }) => id)
  )
  return rows.map((row) => eventToObject(call, row, pending.get(row.id) ?? 0))
}

/** Returns what a list of events is narrowed by. Throws for types that cannot be asked for together. */
export const filterOf = (_call: Caller, params: ListEventsParams): EventFilter => ({
  types: typesOf(params),
  created: secondsOf(params.created),
  delivered: params.delivery_success
})

/** The types that were asked for, of those that are ever written; undefined for all of them. */
function typesOf({ type, types }: ListEventsParams): EventType[] | undefined {
  if (type !== undefined && types !== undefined) throw typeAndTypes()
  if (types !== undefined && types.length > mostTypes) throw tooManyTypes()
  const wanted = types ?? (type === undefined ? undefined : [type])
  return wanted && writtenTypes.filter((written) => wanted.some((each) => covers(each, written)))
}

/** `charge.*` stands for every type of charges, `*` for all. */
const covers = (wanted: string, type: EventType): boolean =>
  wanted === type || wanted === '*' || (wanted.endsWith('.*') && type.startsWith(wanted.slice(0, -1)))
