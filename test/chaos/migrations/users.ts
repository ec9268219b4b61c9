import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { Client, escapeIdentifier } from 'pg'
import { copyOf, idOf, listed, type Table } from './tables'

/** A short transaction, or a call. */
export interface Use {
  what: string
  milliseconds: number
  failed?: string
}

/** Whoever works with the vault while it is migrated. */
export interface Users {
  /** Ends all, and gives what was done. */
  stop: () => Promise<Use[]>
}

export interface Readers {
  url: string
  tables: readonly Table[]
  /** How many of them. */
  readers: number
  /** Milliseconds that a transaction stays open, at most. */
  hold: number
}

/** Transactions that read and then stay open, the first of them with every table. */
export async function startReaders({ url, tables, readers, hold }: Readers): Promise<Users> {
  const all = await connected(url, 1 + readers)
  const stopping = new AbortController()
  const pause = (milliseconds: number): Promise<void> =>
    sleep(milliseconds, undefined, { signal: stopping.signal }).catch(() => undefined)
  const stay = async (client: Client, some: readonly Table[], milliseconds: number): Promise<void> => {
    await client.query('begin')
    for (const { name } of some) await client.query(`select from ${name} limit 1`)
    await pause(milliseconds)
    await client.query('commit')
  }
  const [first, ...others] = all
  if (first) await first.query('begin')
  for (const { name } of tables) await first?.query(`select from ${name} limit 1`)
  const ended = pause(hold).then(() => first?.query('commit'))
  const work = others.map(async (client) => {
    while (!stopping.signal.aborted) {
      await stay(client, someOf(tables, 1), (0.1 + 0.9 * Math.random()) * hold)
      await pause(hold / 2)
    }
  })
  return {
    stop: async () => {
      stopping.abort()
      await Promise.all([ended, ...work])
      await Promise.all(all.map((client) => client.end()))
      return []
    }
  }
}

/** Connections that read and change rows, naming the columns that there are now. */
export async function startUsers(url: string, tables: readonly Table[], connections: number): Promise<Users> {
  const all = await connected(url, connections)
  return atWork(
    all.length,
    async (user) => {
      const client = all[user]
      if (!client) return ''
      const write = Math.random() < 0.4
      const some = someOf(tables, write ? 2 : 1)
      const work = write ? change(client, some, randomUUID()) : look(client, some)
      await work.catch(async (error: unknown) => {
        await client.query('rollback')
        throw error
      })
      return `${write ? 'write' : 'read'} ${some.map(({ name }) => name).join(', ')}`
    },
    () => Promise.all(all.map((client) => client.end()))
  )
}

/** So many, each of whom does one thing after the other, which says what it was or throws. */
export function atWork(
  users: number,
  work: (user: number, n: number) => Promise<string>,
  close: () => unknown
): Users {
  const uses: Use[] = []
  let stopped = false
  const all = Array.from({ length: users }, async (_, user) => {
    for (let n = 0; !stopped; n++) {
      const began = performance.now()
      const done = await work(user, n).then(
        (what) => ({ what }),
        (error: unknown) => ({ what: 'failed', failed: String(error) })
      )
      uses.push({ ...done, milliseconds: performance.now() - began })
      await sleep(Math.random() * 50)
    }
  })
  return {
    stop: async () => {
      stopped = true
      await Promise.all(all)
      await close()
      return uses
    }
  }
}

const connected = (url: string, count: number): Promise<Client[]> =>
  Promise.all(
    Array.from({ length: count }, async () => {
      const client = new Client({ connectionString: url })
      await client.connect()
      return client
    })
  )

async function look(client: Client, tables: readonly Table[]): Promise<void> {
  for (const table of tables)
    await client.query(`select ${listed(table.columns)} from ${table.name} where ${is(table, '$1')}`, [
      rowOf(table)
    ])
}

async function change(client: Client, tables: readonly Table[], id: string): Promise<void> {
  await client.query('begin')
  for (const table of tables) {
    const same = table.columns.map(escapeIdentifier).map((name) => `${name} = ${name}`)
    // The one row of a table that has one would be waited for, without any migration.
    const row = table.unique ? 'none' : rowOf(table)
    await client.query(`update ${table.name} set ${same.join(', ')} where ${is(table, '$1')}`, [row])
    if (!table.unique) await client.query(`${copyOf(table, '$1')} where ${is(table, '$2')}`, [id, row])
  }
  await client.query('commit')
}

const is = (table: Table, id: string): string =>
  [...(table.key.length > 1 ? [`${table.key[0] ?? ''} = 'row_0'`] : []), `${idOf(table)} = ${id}`].join(
    ' and '
  )

const rowOf = ({ rows }: Table): string => `row_${Math.floor(Math.random() * rows)}`

/** In the order of their names, as they are locked. */
function someOf(tables: readonly Table[], count: number): Table[] {
  const picked = new Set(Array.from({ length: count }, () => Math.floor(Math.random() * tables.length)))
  return [...picked].sort((a, b) => a - b).flatMap((i) => tables[i] ?? [])
}
