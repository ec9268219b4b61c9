import { escapeIdentifier, type Pool } from 'pg'

/** A table of the vault's, as whoever was there before a migration knows it. */
export interface Table {
  name: string
  columns: string[]
  key: string[]
  /** Another row may not be like it in all but its key. */
  unique: boolean
  rows: number
}

/** What there is, with a row in each table, and so many where they may be alike; those are made. */
export async function filledTables(pool: Pool, rows: number): Promise<Table[]> {
  const tables = (await tablesIn(pool)).map((table) => ({ ...table, rows: table.unique ? 1 : rows }))
  for (const table of tables) {
    const { rowCount } = await pool.query(`select from ${table.name} limit 1`)
    if (rowCount === 0) await fill(pool, table)
  }
  return tables
}

/** As they are, with no row that is known. */
export const tablesIn = async (pool: Pool): Promise<Table[]> =>
  (await pool.query<Omit<Table, 'rows'>>(findTables)).rows.map((table) => ({ ...table, rows: 0 }))

/** The column that tells its rows apart. */
export const idOf = ({ key }: Table): string => key[1] ?? key[0] ?? ''

export const listed = (columns: readonly string[]): string => columns.map(escapeIdentifier).join(', ')

/** The same row with another id, which is the parameter. */
export const copyOf = (table: Table, id: string): string =>
  `insert into ${table.name} (${listed(table.columns)})
   select ${table.columns.map((name) => (name === idOf(table) ? id : escapeIdentifier(name))).join(', ')}
   from ${table.name}`

const findTables = `select format('payment_vault.%I', c.relname) as name,
    (select array_agg(a.attname::text order by a.attnum) from pg_attribute a
     where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped) as columns,
    (select array_agg(a.attname::text order by array_position(i.indkey::int2[], a.attnum)) from pg_attribute a
     where a.attrelid = c.oid and a.attnum = any (i.indkey::int2[])) as key,
    exists (select from pg_index u where u.indrelid = c.oid and u.indisunique and not u.indisprimary) as unique
  from pg_class c join pg_index i on i.indrelid = c.oid and i.indisprimary
  where c.relnamespace = 'payment_vault'::regnamespace and c.relkind = 'r'
    and c.relname not in ('migrations', 'migration_lock')
  order by c.relname = 'accounts' desc, c.relname`

async function fill(pool: Pool, table: Table): Promise<void> {
  const needed = (await pool.query<{ name: string; type: string }>(findNeeded, [table.name])).rows
  const checks = (await pool.query<{ text: string }>(findChecks, [table.name])).rows
  const allowed = new Map(checks.flatMap(({ text }) => [...text.matchAll(oneOf)].map(([, a, b]) => [a, b])))
  const values = needed.map(({ name, type }) => allowed.get(name) ?? valueOf(type))
  const names = needed.map(({ name }) => name)
  const places = names.map((_, i) => `$${i + 1}`).join(', ')
  await pool.query(`insert into ${table.name} (${listed(names)}) values (${places})`, values)
  const ids = `'row_' || n`
  await pool.query(`${copyOf(table, ids)}, generate_series(1, $1::integer) n`, [table.rows - 1])
  await pool.query(`analyze ${table.name}`)
}

const findNeeded = `select attname as name, format_type(atttypid, null) as type from pg_attribute
  where attrelid = $1::regclass and attnum > 0 and not attisdropped and attnotnull and not atthasdef`

const findChecks = `select pg_get_constraintdef(oid) as text from pg_constraint
  where conrelid = $1::regclass and contype = 'c'`

const oneOf = /\((\w+) = ANY \(ARRAY\['(\w+)'/g

function valueOf(type: string): unknown {
  const value = values[type]
  if (value === undefined) throw new Error(`no row can be made: there is no value of the type ${type}`)
  return value
}

// Of the size that the vault's own have.
const values: Record<string, unknown> = {
  text: 'row_0',
  bigint: 1,
  integer: 1,
  boolean: false,
  bytea: Buffer.alloc(32),
  jsonb: JSON.stringify({ name: 'a b c '.repeat(40) }),
  'text[]': [],
  'timestamp with time zone': new Date()
}
