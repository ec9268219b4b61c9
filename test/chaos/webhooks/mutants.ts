import type { Pool } from 'pg'
import type { Mutant } from '../harness/mutants'

/** Ways to break the promise that every event arrives. */
export const deliveryMutants: Mutant[] = [
  {
    name: 'a claimed delivery counts as delivered before it is sent',
    database: onUpdate("if new.attempts > old.attempts then new.state := 'delivered'; end if;")
  },
  {
    name: 'the claim of a dead process is never taken over',
    database: onUpdate('if new.attempts > old.attempts then new.due := new.due + 1000000000; end if;')
  },
  {
    name: 'a failed attempt counts as delivered',
    database: onUpdate("if new.response_status = 500 then new.state := 'delivered'; end if;")
  }
]

function onUpdate(rule: string): (pool: Pool) => Promise<void> {
  return async (pool) => {
    await pool.query(
      `create function payment_vault.mutate() returns trigger language plpgsql as
       $$ begin ${rule} return new; end $$`
    )
    await pool.query(
      `create trigger mutate before update on payment_vault.webhook_deliveries
       for each row execute function payment_vault.mutate()`
    )
  }
}
