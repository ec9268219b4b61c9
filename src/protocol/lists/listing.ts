import type { QueryResultRow } from 'pg'
import { type Queryable, statement } from '../../../plugins/database/database'
import type { Page } from './lists'

/** Reads one page: its rows, and one more where there are more. `created` are the first and last second let through. */
export type Listing<Row> = (
  db: Queryable,
  account: string,
  page: Page,
  created: readonly [from: number, to: number],
  ...values: unknown[]
) => Promise<Row[]>

/**
 * The statements of a list, newest first and the same backwards. `select` is all that stands before `where`; `and` is
 * what else a row must be, with values from $7 on. A filter that has an index wants a listing of its own: each is
 * planned for the index it walks.
 */
export function listing<Row extends QueryResultRow>(name: string, select: string, and = ''): Listing<Row> {
  const way = (forward: boolean) =>
    statement<Row>(
      forward ? name : `${name}_backwards`,
      `${select}
       where account_id = $1 ${and}
         and (created, id) ${forward ? '<' : '>'} ($2::bigint, $3::text) and created between $4 and $5
       order by created ${forward ? 'desc' : 'asc'}, id ${forward ? 'desc' : 'asc'}
       limit $6`
    )
  const [forwards, backwards] = [way(true), way(false)]
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
