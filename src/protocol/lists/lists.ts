import type { Page, Place } from '../../../plugins/database/listing'
import { documents, either, refusal } from '../errors/refusal'

/** The four keys of every list on the wire, in the wire's order. */
export interface List<T> {
  object: 'list'
  data: T[]
  has_more: boolean
  url: string
}

export interface PageParams {
  limit?: number
  starting_after?: string
  ending_before?: string
}

export interface CreatedFilter {
  gt?: number
  gte?: number
  lt?: number
  lte?: number
}

// Ids are ASCII, so '~' stands behind every one of them, and '' before. The seconds are bigint in the database.
export const start: Place = { created: Number.MAX_SAFE_INTEGER, id: '~' }

const twoCursors = refusal({
  message: 'Received both starting_after and ending_before parameters. Please pass in only one.',
  why: 'two cursors at once'
})

/** What every list can be refused with. An unknown cursor is the "No such …" of the list's objects. */
export const badCursor = either(
  documents({ status: 400, codes: 'resource_missing', why: 'a cursor is no object of this list' }),
  twoCursors
)

/**
 * Turns cursors into a place. `find` looks a cursor's object up and throws the wire's error when there is none:
 * an unknown cursor is judged before two cursors at once. A limit out of range is clamped to 1..100.
 */
export async function pageOf(
  params: PageParams,
  find: (id: string, param: 'starting_after' | 'ending_before') => Promise<Place>
): Promise<Page> {
  const after =
    params.starting_after === undefined ? undefined : await find(params.starting_after, 'starting_after')
  const before =
    params.ending_before === undefined ? undefined : await find(params.ending_before, 'ending_before')
  if (after && before) throw twoCursors()
  return {
    after: after ?? before ?? start,
    forward: !before,
    limit: limitOf(params)
  }
}

export const limitOf = ({ limit = 10 }: Pick<PageParams, 'limit'>): number =>
  Math.min(Math.max(limit, 1), 100)

/** The wire's list of the rows that a page's query gave, which were one more than its limit if there are more. */
export function listOf<Row, T>(
  url: string,
  page: Page,
  rows: readonly Row[],
  wire: (row: Row) => T
): List<T> {
  const shown = rows.slice(0, page.limit)
  if (!page.forward) shown.reverse()
  return { object: 'list', data: shown.map(wire), has_more: rows.length > page.limit, url }
}

export const emptyList = (url: string): List<never> => ({ object: 'list', data: [], has_more: false, url })

/** First and last second that a `created` filter lets through. */
export function secondsOf(filter: number | CreatedFilter | undefined): [from: number, to: number] {
  if (typeof filter === 'number') return [filter, filter]
  const { gt, gte, lt, lte } = filter ?? {}
  const least = Math.max(gt === undefined ? 0 : gt + 1, gte ?? 0)
  const most = Math.min(lt === undefined ? Infinity : lt - 1, lte ?? Infinity)
  return [least, Math.min(most, Number.MAX_SAFE_INTEGER)]
}
