import type { Mutant } from '../harness/mutants'

/** Ways to break the promise that every call has an answer, and one that is documented. */
export const fuzzMutants: Mutant[] = [
  {
    name: 'the database refuses what the rules accept',
    database: async (pool) => {
      await pool.query(
        "alter table payment_vault.customers add check (email is null and coalesce(details->>'name', '') = '')"
      )
    }
  },
  {
    name: 'a payment method has an undocumented key',
    program: {
      file: 'src/resources/payment-methods/object.ts',
      from: "object: 'payment_method' as const,",
      to: "object: 'payment_method' as const, undocumented: true,"
    }
  },
  {
    name: 'every plus is replaced by itself',
    program: {
      file: 'plugins/params/brackets.ts',
      from: "part.split('+').join(' ')",
      to: "part.replaceAll('+', ' ')"
    }
  }
]
