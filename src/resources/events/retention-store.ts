import type { Database } from '../../../plugins/database/database'
import { acrossAccounts, type Queryable, statement } from '../../../plugins/database/statement'

/** The first account after this one, in its mode, that has events. */
export async function nextAccountWithEvents(db: Queryable, account: string): Promise<string | undefined> {
  const [next] = await db.query(nextAccount, [account])
  return next?.account_id
}

/** Removes up to `size` of an account's events whose ids are below `id`, with their deliveries; how many events. */
export async function removeEvents(db: Database, account: string, id: string, size: number): Promise<number> {
  return db.transaction(async (tx) => {
    const removed = await tx.query(removeBatch, [account, id, size])
    if (removed.length > 0) await tx.query(removeDeliveries, [account, removed.map((event) => event.id)])
    return removed.length
  })
}

const nextAccount = acrossAccounts<{ account_id: string }>(
  'next_account_with_events',
  `select account_id from payment_vault.events where account_id > $1
   order by account_id limit 1`
)

// An array, not "in": Postgres may run a locking subquery more than once, and remove more than a batch.
const removeBatch = statement<{ id: string }>(
  'remove_old_events',
  `delete from payment_vault.events
   where account_id = $1 and id = any (array(
     select id from payment_vault.events
     where account_id = $1 and id < $2
     order by id limit $3
     for update skip locked))
   returning id`
)

const removeDeliveries = statement(
  'remove_deliveries_of_events',
  'delete from payment_vault.webhook_deliveries where account_id = $1 and event_id = any ($2)'
)
