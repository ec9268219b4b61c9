import type { QueryResultRow } from 'pg'
import { type Queryable, statement } from './statement'

/** A position in a list that is sorted newest first, and by id within one second. */
export interface Place {
  /** Seconds since 1970. */
  created: number
  id: string
}

/** Where a page starts, its direction, and the most rows that it shows. */
export interface Page {
  after: Place
  forward: boolean
  limit: number
}

/**
 * Reads one page, plus one row when there are more. `created` is the inclusive range of seconds; `values`
 * bind from $7 on.
 */
export type Listing<Row> = (
  db: Queryable,
  account: string,
  page: Page,
  created: readonly [from: number, to: number],
  ...values: unknown[]
) => Promise<Row[]>

/**
 * Returns a list's reader with one statement for each direction. `select` is the text before `where`; `and`
 * adds conditions whose values bind from $7 on. Give each filter that has an index a listing of its own, so
 * that Postgres plans each statement for its index.
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
