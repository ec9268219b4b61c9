import type { Database } from '../../../plugins/database/database'
import { sqlState } from '../../../plugins/database/errors/sql-errors'
import { type Queryable, statement, unnamedStatement } from '../../../plugins/database/statement'
import { invalidRequest } from '../../../plugins/errors/errors'
import type { Place } from '../../../plugins/database/listing'
import type { Condition, SearchQuery } from './search-query'
import { folded } from './search-text'
import type { CustomerRow } from './row'
import { customers } from './store'

/** Up to `limit` customers of a search behind a place, newest first. Throws the wire's error where it takes too long. */
export const searchCustomers = (
  db: Database,
  account: string,
  query: SearchQuery,
  page: SearchPage
): Promise<CustomerRow[]> =>
  patiently(db, (tx) => {
    const { text, values } = searchStatement(account, query, page)
    return tx.query<CustomerRow & Record<string, unknown>>(unnamedStatement(text), values)
  })

export interface SearchPage {
  /** Behind which customer, or from the newest on. */
  after: Place | undefined
  limit: number
}

// With an order and a limit, Postgres would rather walk the customers by `created` until enough have matched than take
// a few from the index and sort them: of one match in a million that is seconds instead of a tenth of a millisecond.
// So what matches is fetched in any order first, and only where that is much is it looked for by walking.
const fewest = 1000

export function searchStatement(account: string, query: SearchQuery, { after, limit }: SearchPage) {
  const values = new Values(account)
  // Left out where it bounds nothing: Postgres would begin at it, and not at a bound of `created` in the query.
  const behind =
    after && `and (created, id) < (${values.add(after.created, 'bigint')}, ${values.add(after.id, 'text')})`
  const matching = `account_id = $1 and not deleted ${behind ?? ''} and ${whereOf(query, values)}`
  const newestFirst = `order by created desc, id desc limit ${values.add(limit, 'bigint')}`
  const text = `
    with few as materialized (
      select ${customers.columns} from payment_vault.customers where ${matching} limit ${fewest + 1}
    )
    select * from (
      (select ${customers.columns} from few where (select count(*) from few) <= ${fewest} ${newestFirst})
      union all
      (select ${customers.columns} from payment_vault.customers
       where ${matching} and (select count(*) from few) > ${fewest} ${newestFirst})
    ) found
    ${newestFirst}`
  return { text, values: values.list }
}

// More are not told apart, here as on the wire.
const mostCounted = 10_000

/** How many customers a search finds in all; 10,000 stands for as many and more. */
export const countFound = (db: Database, account: string, query: SearchQuery): Promise<number> =>
  patiently(db, async (tx) => {
    const values = new Values(account)
    const [row] = await tx.query<{ count: number }>(
      unnamedStatement(
        `select count(*) as count from (
           select 1 from payment_vault.customers
           where account_id = $1 and not deleted and ${whereOf(query, values)}
           limit ${mostCounted}
         ) found`
      ),
      values.list
    )
    return row?.count ?? 0
  })

/** The values of a statement that is put together: text of the caller's gets into it in no other way. */
class Values {
  readonly list: unknown[]

  constructor(...first: unknown[]) {
    this.list = first
  }

  add(value: unknown, type: 'bigint' | 'text' | 'text[]' | 'jsonb'): string {
    return `$${this.list.push(value)}::${type}`
  }
}

const whereOf = ({ any, clauses }: SearchQuery, values: Values): string =>
  `(${clauses
    // "is not true": what a customer does not have at all, a negation finds as well.
    .map(({ negated, condition }) => `(${sqlOf(condition, values)})${negated ? ' is not true' : ''}`)
    .join(any ? ' or ' : ' and ')})`

// The expressions are those of the index customers_search, to the letter.
function sqlOf(condition: Condition, values: Values): string {
  switch (condition.kind) {
    case 'words': {
      const { field, words } = condition
      const all = `string_to_array(search->>'${field}', ' ') @> ${values.add(words, 'text[]')}`
      if (words.length === 1) return all
      // All of them are there: now whether they stand together and in this order.
      return `${all} and strpos(' ' || (search->>'${field}') || ' ', ${values.add(` ${words.join(' ')} `, 'text')}) > 0`
    }
    case 'substring':
      return `strpos(search->>'${condition.field}', ${values.add(spaced(condition.text), 'text')}) > 0`
    case 'metadata': {
      const pair = JSON.stringify(Object.fromEntries([[condition.key, folded(condition.value)]]))
      return `search->'metadata' @> ${values.add(pair, 'jsonb')}`
    }
    case 'created': {
      const operator = condition.comparison === ':' ? '=' : condition.comparison
      return `created ${operator} ${values.add(condition.seconds, 'bigint')}`
    }
    case 'absent':
      if (condition.field === 'created') return 'created is null'
      return condition.field === 'metadata'
        ? `search->'metadata'->>${values.add(condition.key, 'text')} is null`
        : `search->>'${condition.field}' is null`
  }
}

/** Folded, and with single spaces, as the text is that it is looked for in. */
const spaced = (text: string): string => folded(text).replace(/\s+/g, ' ')

const queryCanceled = '57014'

// A substring that nobody has is looked for in every customer of the account. Five seconds are enough for millions of
// them, and a search that hangs must not hold on to its connection.
const patience = statement('search_patience', `set local statement_timeout = '5s'`)

const patiently = <T>(db: Database, search: (tx: Queryable) => Promise<T>): Promise<T> =>
  db.transaction(async (tx) => {
    await tx.query(patience)
    return search(tx).catch((error: unknown) => {
      if (sqlState(error) !== queryCanceled) throw error
      throw invalidRequest(
        'This search takes too long. Add a clause that leaves fewer customers to look at, such as an exact match or a lower bound of `created`.',
        { param: 'query' }
      )
    })
  })
