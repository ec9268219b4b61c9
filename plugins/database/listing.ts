import type { QueryResultRow } from 'pg'
import { type Queryable, statement } from './statement'

/** A place in a list: newest first, and by id among those of one second. */
export interface Place {
  /** Seconds since 1970. */
  created: number
  id: string
}

/** Where a page starts, which way it goes, and how many rows it shows at most. */
export interface Page {
  after: Place
  forward: boolean
  limit: number
}

/**
 * Reads one page: its rows, and one more where there are more. `created` holds the first and the last second that are
 * let through; `values` are those of the statement from $7 on.
 */
export type Listing<Row> = (
  db: Queryable,
  account: string,
  page: Page,
  created: readonly [from: number, to: number],
  ...values: unknown[]
) => Promise<Row[]>

/**
 * Makes the statements of a list, newest first and the same backwards. `select` is the text before `where`; `and` adds
 * conditions, with values from $7 on. A filter that has an index needs a listing of its own, so that Postgres plans
 * each for the index that it walks.
 */
export function listing<Row extends QueryResultRow>(name: string, select: string, and = ''): Listing<Row> {
  const inDirection = (forward: boolean) =>
    statement<Row>(
      forward ? name : `${name}_backwards`,
      `${select}
       where account_id = $1 ${and}
         and (created, id) ${forward ? '<' : '>'} ($2::bigint, $3::text) and created between $4 and $5
       order by created ${forward ? 'desc' : 'asc'}, id ${forward ? 'desc' : 'asc'}
       limit $6`
    )
  const [forwards, backwards] = [inDirection(true), inDirection(false)]
  return (db, account, { after, forward, limit }, [from, to], ...values) =>
    db.query(forward ? forwards : backwards, [
      account,
      after.created,
      after.id,
      from,
      to,
      limit + 1,
      ...values
    ])
}
