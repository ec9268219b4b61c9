import type { Pool } from 'pg'

/** Ways to break the promise that every event arrives, each in a database that is thrown away. */
export const deliveryMutants: Record<string, (pool: Pool) => Promise<void>> = {
  'what is claimed counts as delivered before it is sent': (pool) =>
    onUpdate(pool, "if new.attempts > old.attempts then new.state := 'delivered'; end if;"),
  'what a dead process had claimed is never taken over': (pool) =>
    onUpdate(pool, 'if new.attempts > old.attempts then new.due := new.due + 1000000000; end if;'),
  'what failed counts as delivered': (pool) =>
    onUpdate(pool, "if new.response_status = 500 then new.state := 'delivered'; end if;")
}

async function onUpdate(pool: Pool, rule: string): Promise<void> {
  await pool.query(
    `create function payment_vault.mutate() returns trigger language plpgsql as
     $$ begin ${rule} return new; end $$`
  )
  await pool.query(
    `create trigger mutate before update on payment_vault.webhook_deliveries
     for each row execute function payment_vault.mutate()`
  )
}
