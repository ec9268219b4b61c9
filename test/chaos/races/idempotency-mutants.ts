import { inFunctions, type Mutant } from '../harness/mutants'

/** Ways to break the promise of one effect a key. */
export const idempotencyMutants: Mutant[] = [
  {
    name: 'a key may be claimed twice',
    database: async (pool) => {
      await pool.query('alter table payment_vault.idempotency_keys drop constraint idempotency_keys_pkey')
    }
  },
  {
    name: 'attach continues if the key was claimed before',
    // The first of its kind is the one behind the claim.
    database: inFunctions(['attach'], /if not found then/i, 'if false then')
  }
]
