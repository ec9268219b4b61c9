import { setTimeout as sleep } from 'node:timers/promises'
import { lockNotAvailable, sqlState } from '../../plugins/database/errors/sql-errors'

export interface RetryOnLockOptions {
  /** Milliseconds after which it is not begun again. */
  timeoutMs: number
  /** Told once, when it has to be begun again. */
  onWait?: (() => void) | undefined
}

/**
 * Runs `work`, and again after a pause as long as it gives up on a lock that others hold (its `lock_timeout`). Throws
 * what `work` throws, and where patience ends, what it threw last.
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
    // All that had queued behind it is through by then.
    await sleep(1000 + Math.random() * 1000)
  }
}
