import { setTimeout as sleep } from 'node:timers/promises'
import { lockNotAvailable, sqlState } from '../../plugins/database/errors/sql-errors'

export interface RetryOnLockOptions {
  /** How long to retry. */
  timeoutMs: number
  /** Called once, before the first retry. */
  onWait?: (() => void) | undefined
}

/**
 * Runs `work`, and runs it again after a pause while it fails on its `lock_timeout`. Throws any other error
 * of `work`, and the last one when the time is up.
 */
export async function retryOnLock<T>(
  work: () => Promise<T>,
  { timeoutMs, onWait }: RetryOnLockOptions
): Promise<T> {
  const end = Date.now() + timeoutMs
  for (let tries = 1; ; tries++) {
    try {
      return await work()
    } catch (error) {
      if (sqlState(error) !== lockNotAvailable || Date.now() > end) throw error
    }
    if (tries === 1) onWait?.()
    // The pause lets the queries that queued behind `work` run.
    await sleep(1000 + Math.random() * 1000)
  }
}
