import { inFunctions, type Mutant } from '../harness/mutants'

/** How often who dies. */
export interface Deaths {
  kills: number
  stops: number
}

/** Ways to lose something when a process or the database dies, and who has to die how often for that. */
export const crashMutants: (Mutant & { deaths: Deaths })[] = [
  {
    name: 'the database does not wait for its log',
    deaths: { kills: 0, stops: 1 },
    database: async (pool) => {
      await pool.query(
        `do $$ begin
           execute format('alter database %I set synchronous_commit = off', current_database());
         end $$`
      )
    }
  },
  {
    name: 'a key is stored after the change, not with it',
    deaths: { kills: 2, stops: 0 },
    program: {
      file: 'plugins/idempotency/idempotency.ts',
      from: 'return db.transaction(async (tx) => firstOrReplay(tx, attempt, async () => answerOf(await work(tx))))',
      to: `const kept = await keptAnswer(db, attempt)
           if (kept) return kept
           const answer = answerOf(await db.transaction(work))
           return db.transaction((tx) => firstOrReplay(tx, attempt, () => answer))`
    }
  },
  {
    name: 'an event is written after the change, not with it',
    deaths: { kills: 2, stops: 0 },
    program: {
      file: 'src/resources/events/store.ts',
      from: 'await tx.query(insertEvent, [',
      to: `const late = (...given: [never, never]) => tx.afterCommit(() => void call.vault.db.query(...given))
           late(insertEvent as never, <never>[`
    }
  },
  {
    name: 'a detach is written after its event, not with it',
    deaths: { kills: 2, stops: 0 },
    program: {
      file: 'src/resources/payment-methods/detach.ts',
      from: 'const detached = customer && (await detachPaymentMethodFrom(tx, account, found.id, customer.id))',
      to: `const detached = customer && { ...found, state: 'detached' as const, customer_id: null }
           tx.afterCommit(() => {
             if (customer) void detachPaymentMethodFrom(call.vault.db, account, found.id, customer.id)
           })`
    }
  },
  {
    name: 'a customer is created again under the same key',
    deaths: { kills: 1, stops: 0 },
    database: inFunctions(['create_customers'], /c\.key is null or c\.request = any \(v_claimed\)/g, 'true')
  },
  {
    name: 'a replay shows the present row',
    deaths: { kills: 1, stops: 0 },
    database: inFunctions(
      ['attach'],
      /select e\.object into object from payment_vault\.events e\s+where e\.account_id = p_account and e\.id = v_first\.event_id/,
      `select payment_vault.payment_method_object(m) into object from payment_vault.payment_methods m
       where m.account_id = p_account and m.id = v_id`
    )
  }
]
