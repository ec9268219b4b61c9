import type { Pool } from 'pg'

/** Ways to break the promise of one effect a key, each in a database that is thrown away. */
export const mutants: Record<string, (pool: Pool) => Promise<void>> = {
  'a key may be claimed twice': async (pool) => {
    await pool.query('alter table payment_vault.idempotency_keys drop constraint idempotency_keys_pkey')
  },
  'attach goes on where the key was claimed before': async (pool) => {
    const found = await pool.query<{ source: string }>(
      "select pg_get_functiondef(oid) as source from pg_proc where proname = 'attach'"
    )
    const source = found.rows[0]?.source ?? ''
    // The first of its kind is the one behind the claim.
    const broken = source.replace(/if not found then/i, 'if false then')
    if (found.rows.length !== 1 || broken === source) throw new Error('this mutant is none any more')
    await pool.query(broken)
  }
}
