import type { QueryResultRow } from 'pg'
import { defaultSchema, type Queryable, statement } from './statement'
import { listing, type Listing } from './listing'

/** Returns a row by its id; undefined where the account has no such row. */
type Find<Row> = (db: Queryable, account: string, id: string) => Promise<Row | undefined>

/** Returns the account's rows with these ids, in any order. */
type FindMany<Row> = (db: Queryable, account: string, ids: readonly string[]) => Promise<Row[]>

/** Writes one of the account's rows. */
type Write<Row> = (db: Queryable, account: string, row: Row) => Promise<void>

type Key<Row> = keyof Row & string

/** Makes the plain statements of a table. A store makes only those that it needs, each under its own name. */
export interface Table<Row> {
  /** The columns of Row, for SQL that the store writes itself. */
  columns: string
  /** `find_order`; `and` adds conditions. */
  find: (...and: string[]) => Find<Row>
  /** `find_orders`. */
  findMany: () => FindMany<Row>
  /** `lock_order`: finds a row and locks it against changes until the transaction ends. */
  lock: (...and: string[]) => Find<Row>
  /** `insert_order`. */
  insert: () => Write<Row>
  /** `update_order`: writes the given columns, or all but the key when none are given. */
  update: (...columns: Key<Row>[]) => Write<Row>
  /** Inserts a row; where its id exists, updates only the given columns. */
  upsert: (name: string, ...columns: Key<Row>[]) => Write<Row>
  /** Lists newest first: see `listing`. */
  page: (name: string, and?: string) => Listing<Row>
}

/**
 * Returns the makers for a table whose primary key is (account_id, id). `name` is the singular of its name: the table
 * of `order` is `orders`. pg writes the values: an object as JSON, an array as a Postgres array, so no column may
 * hold a JSON array.
 */
export function table<Row extends { id: string; created: number }>(
  name: string,
  columns: readonly Key<Row>[]
): Table<Row> {
  type Read = Row & QueryResultRow
  const into = `${defaultSchema}.${name}s`
  const select = `select ${columns.join(', ')} from ${into}`
  const key = 'where account_id = $1 and id = $2'
  // Row may include the account. The value written is always `account`, which row-level security checks.
  const own = columns.filter((column) => column !== 'account_id')

  const find = (named: string, ...and: string[]): Find<Row> => {
    const one = statement<Read>(named, [select, key, ...and].join(' '))
    return async (db, account, id) => (await db.query(one, [account, id]))[0]
  }

  const write = (named: string, text: string, written: readonly Key<Row>[]): Write<Row> => {
    const one = statement(named, text)
    return async (db, account, row) => {
      await db.query(one, [account, ...written.map((column) => row[column])])
    }
  }

  const insert = `insert into ${into} (account_id, ${own.join(', ')})
    values ($1, ${own.map((_, at) => `$${at + 2}`).join(', ')})`

  return {
    columns: columns.join(', '),
    find: (...and) => find(`find_${name}`, ...and),
    findMany: () => {
      const many = statement<Read>(`find_${name}s`, `${select} where account_id = $1 and id = any($2)`)
      return (db, account, ids) => db.query(many, [account, ids])
    },
    lock: (...and) => find(`lock_${name}`, ...and, 'for no key update'),
    insert: () => write(`insert_${name}`, insert, own),
    update: (...chosen) => {
      const changed = chosen.length > 0 ? chosen : own.filter((column) => column !== 'id')
      const set = changed.map((column, at) => `${column} = $${at + 3}`).join(', ')
      return write(`update_${name}`, `update ${into} set ${set} ${key}`, ['id', ...changed])
    },
    upsert: (named, ...changed) => {
      const set = changed.map((column) => `${column} = excluded.${column}`).join(', ')
      return write(named, `${insert} on conflict (account_id, id) do update set ${set}`, own)
    },
    page: (named, and) => listing<Read>(named, select, and)
  }
}
