import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'
import { type Database, statement } from './database'

/** The least that callers rely on, in milliseconds. */
const day = 24 * 3600 * 1000
// A batch takes a few milliseconds, in which a call with one of its keys would have to wait; then others have the disk.
const batch = 1000
const pause = 50

/**
 * Removes idempotency keys that are older than `keepFor` milliseconds, every `every` milliseconds (an hour) or so, as
 * long as the app runs. A key is good for as long as it is there: an old one that was not removed yet still replays.
 * What fails is only logged, and done the next time. Throws a RangeError for less than 24 hours.
 */
export function removeOldKeys(
  scope: FastifyInstance,
  db: Database,
  { keepFor, every = 3600 * 1000 }: { keepFor: number; every?: number }
): void {
  if (!(keepFor >= day)) throw new RangeError('Idempotency keys must be kept for 24 hours at least.')
  const closing = new AbortController()
  let sweeping: Promise<void> | undefined
  let timer: NodeJS.Timeout | undefined

  const sweep = async (): Promise<void> => {
    try {
      await removeKeysBefore(db, Math.floor((Date.now() - keepFor) / 1000), closing.signal)
    } catch (error) {
      if (!closing.signal.aborted) scope.log.warn({ err: error }, 'old idempotency keys were not removed')
    }
    wait()
  }
  // Processes that start together do not sweep together.
  const wait = (): void => {
    if (closing.signal.aborted) return
    const after = every * (0.75 + Math.random() / 2)
    timer = setTimeout(() => {
      sweeping = sweep()
    }, after).unref()
  }
  scope.addHook('onReady', (done) => {
    wait()
    done()
  })
  scope.addHook('onClose', async () => {
    closing.abort()
    clearTimeout(timer)
    await sweeping
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
  size = batch
): Promise<number> {
  let removed = 0
  // One statement for all accounts would have to look at every key there is.
  for (let account = ''; ;) {
    const [next] = await db.query(nextAccount, [account])
    if (!next) return removed
    account = next.account_id
    for (let more = true; more;) {
      if (signal?.aborted) return removed
      const keys = await db.query(removeBatch, [account, second, size])
      removed += keys.length
      more = keys.length === size
      if (more) await sleep(pause, undefined, { ref: false })
    }
  }
}

const nextAccount = statement<{ account_id: string }>(
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
