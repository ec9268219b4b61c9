import type { TObject } from '@sinclair/typebox'
import type { Queryable } from '../../../plugins/database/statement'
import type { Page, Place } from '../../../plugins/database/listing'
import { type Expand, expandAll } from '../expand'
import { type CreatedFilter, listOf, pageOf, type PageParams, secondsOf } from '../lists/lists'
import type { Caller } from './objects'
import type { About, Draft, Given, OwnList, Sent } from './operation'

/** Reads a page of rows, and one more where there are more. */
type Rows<Filter, Row> = (db: Queryable, account: string, filter: Filter, page: Page) => Promise<Row[]>

/** What a list is narrowed by, unless it says otherwise: its parameters, with the seconds of `created`. */
type Usual<Input extends TObject> = Omit<Given<undefined, Input>, 'created'> & {
  created: readonly [from: number, to: number]
}

interface Narrowed<C, Params, Filter, Row> {
  /** Makes what `rows` narrows by, before a cursor is looked up. Throws for parameters that are not right. */
  filter: (call: C, given: Params) => Filter | Promise<Filter>
  /** Whether a row is one of the list's, and can be its cursor. */
  holds?: (row: Row, filter: Filter) => boolean
}

/**
 * Declares the GET of a list, newest first: `list(ListChargesQuery, listCharges, { … })`. It reads the cursors, the limit and
 * `created`, has `rows` read the page, and expands.
 */
export function list<Input extends TObject, Row extends Place>(
  query: Input,
  rows: Rows<Usual<Input>, Row>,
  about: About & { holds?: (row: Row) => boolean }
): Draft<Caller, Sent<undefined, Input>, OwnList, Row>
export function list<C extends Caller, Input extends TObject, Filter, Row extends Place>(
  query: Input,
  rows: Rows<Filter, Row>,
  about: About & Narrowed<C, Given<undefined, Input>, Filter, Row>
): Draft<C, Sent<undefined, Input>, OwnList, Row>
export function list(
  query: TObject,
  rows: Rows<never, Place>,
  {
    filter = usual,
    holds = () => true,
    ...about
  }: About & Partial<Narrowed<Caller, GivenToList, unknown, Place>>
): Draft<Caller, never, never, Place> {
  return {
    method: 'get',
    path: '',
    params: undefined,
    input: query,
    answer: 'list',
    about,
    handler: (own) => async (call: Caller, given: GivenToList) => {
      const { db } = call.vault
      const by = await filter(call, given)
      const page = await pageOf(given, async (id, param) => {
        const row = await own.find(db, call.account, id)
        if (!row || !holds(row, by)) throw await own.noSuch(db, call, id, param)
        return row
      })
      const shown = listOf(own.url, page, await rows(db, call.account, by as never, page), (row) => row)
      const objects = await own.toObjects(call, shown.data)
      return { ...shown, data: await expandAll(call, own.kind, given.expand, objects) }
    }
  }
}

interface GivenToList extends PageParams {
  created?: number | CreatedFilter
  expand: Expand
}

const usual = (_call: Caller, given: GivenToList) => ({ ...given, created: secondsOf(given.created) })
