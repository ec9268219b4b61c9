import type { Pool } from 'pg'
import type { BrokenText } from './compiled'

/** A way to break a promise: in a database that is thrown away, or in a program that is compiled for it. */
export interface Mutant {
  name: string
  database?: (pool: Pool) => Promise<void>
  program?: BrokenText
}

/** Replaces text in functions of the vault's, each of which must have it. */
export const inFunctions =
  (names: readonly string[], from: RegExp, to: string) =>
  async (pool: Pool): Promise<void> => {
    const found = await pool.query<{ source: string }>(
      `select pg_get_functiondef(oid) as source from pg_proc
       where pronamespace = 'payment_vault'::regnamespace and proname = any($1)`,
      [names]
    )
    for (const { source } of found.rows) {
      const broken = source.replace(from, to)
      if (broken === source) throw new Error(`a function has no ${String(from)} any more`)
      await pool.query(broken)
    }
    if (found.rows.length !== names.length) throw new Error(`there is not one of each: ${names.join(', ')}`)
  }
