import type { FastifyInstance } from 'fastify'
import type { Database } from '../database/database'
import { acrossAccounts, type Queryable, statement } from '../database/statement'
import { removeInBatches, sweepRegularly } from '../database/sweep'

/**
 * Removes idempotency keys that are older than `keepFor` milliseconds, every `every` milliseconds (an hour) or so, as
 * long as the app runs. A key is good for as long as it is there: an old one that was not removed yet still replays.
 * What fails is only logged, and done the next time. Callers rely on 24 hours at least.
 */
export function removeOldKeys(
  scope: FastifyInstance,
  db: Database,
  { keepFor, ...often }: { keepFor: number; intervalMs?: number }
): void {
  sweepRegularly(scope, {
    ...often,
    failureMessage: 'old idempotency keys were not removed',
    sweep: (signal) => removeKeysBefore(db, Math.floor((Date.now() - keepFor) / 1000), signal)
  })
}

/**
 * Removes the keys that were claimed before that second since 1970, account by account in small transactions, and
 * gives back how many. It waits for nobody, so that any number of processes may do it at once.
 */
export async function removeKeysBefore(
  db: Database,
  second: number,
  signal?: AbortSignal,
  size?: number
): Promise<number> {
  // A claim goes no later than its key: the next call with the key must not find it.
  await removeInBatches({
    nextAccount: async (account) => (await db.query(nextAccountWithClaims, [account]))[0]?.account_id,
    remove: async (account, size) => (await db.query(removeClaims, [account, second, size])).length,
    signal,
    size
  })
  return removeInBatches({
    nextAccount: async (account) => (await db.query(nextAccount, [account]))[0]?.account_id,
    remove: async (account, size) => (await db.query(removeBatch, [account, second, size])).length,
    signal,
    size
  })
}

/** The second since 1970 in which the oldest key that an account still has was claimed; undefined without a key. */
export async function oldestKey(db: Queryable, account: string): Promise<number | undefined> {
  const [oldest] = await db.query(findOldestKey, [account])
  return oldest?.created
}

const nextAccount = acrossAccounts<{ account_id: string }>(
  'next_account_with_keys',
  `select account_id from payment_vault.idempotency_keys where account_id > $1
   order by account_id limit 1`
)

// An array, not "in": Postgres may run a locking subquery more than once, and remove more than a batch.
const removeBatch = statement<{ key: string }>(
  'remove_old_keys',
  `delete from payment_vault.idempotency_keys
   where account_id = $1 and key = any (array(
     select key from payment_vault.idempotency_keys
     where account_id = $1 and created < $2
     order by created limit $3
     for update skip locked))
   returning key`
)

const nextAccountWithClaims = acrossAccounts<{ account_id: string }>(
  'next_account_with_claims',
  `select account_id from payment_vault.claims where account_id > $1 order by account_id limit 1`
)

// A key has one claim for each kind of caller, and a younger one stays.
const removeClaims = statement<{ key: string }>(
  'remove_old_claims',
  `with old as materialized (
     select key, caller from payment_vault.claims
     where account_id = $1 and created < $2
     order by created limit $3
     for update skip locked)
   delete from payment_vault.claims c using old
   where c.account_id = $1 and c.key = old.key and c.caller = old.caller
   returning c.key`
)

const findOldestKey = statement<{ created: number }>(
  'find_oldest_key',
  `select created from payment_vault.idempotency_keys where account_id = $1 order by created limit 1`
)
