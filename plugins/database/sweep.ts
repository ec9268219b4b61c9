import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'

// A batch locks its rows for a few milliseconds. The pause leaves the disk to other work.
const defaultBatchSize = 1000
const pauseMs = 50

interface SweepOptions {
  /** The mean time from the end of one sweep to the start of the next. Default: one hour. */
  intervalMs?: number
  /** The log message of a failed sweep. */
  failureMessage: string
  sweep: (signal: AbortSignal) => Promise<unknown>
}

/**
 * Runs `sweep` about every `intervalMs`, from when the app is ready until it closes. Closing waits for the
 * batch in progress. A failure is logged, and the next sweep tries again.
 */
export function sweepRegularly(
  scope: FastifyInstance,
  { intervalMs = 3600 * 1000, failureMessage, sweep }: SweepOptions
): void {
  const closing = new AbortController()
  let sweeping: Promise<void> | undefined
  let timer: NodeJS.Timeout | undefined

  const sweepOnce = async (): Promise<void> => {
    try {
      await sweep(closing.signal)
    } catch (error) {
      if (!closing.signal.aborted) scope.log.warn({ err: error }, failureMessage)
    }
    schedule()
  }
  // The random delay keeps processes that start together from sweeping together.
  const schedule = (): void => {
    if (closing.signal.aborted) return
    const delayMs = intervalMs * (0.75 + Math.random() / 2)
    timer = setTimeout(() => {
      sweeping = sweepOnce()
    }, delayMs).unref()
  }
  scope.addHook('onReady', (done) => {
    schedule()
    done()
  })
  scope.addHook('onClose', async () => {
    closing.abort()
    clearTimeout(timer)
    await sweeping
  })
}

interface RemovalOptions {
  /** Returns the first account after this one that has rows. */
  nextAccount: (account: string) => Promise<string | undefined>
  /** Removes up to `size` of the account's old rows and returns how many it removed. */
  remove: (account: string, size: number) => Promise<number>
  signal?: AbortSignal | undefined
  size?: number | undefined
}

/** Removes old rows in small batches with pauses, account by account. Returns how many rows it removed. */
export async function removeInBatches({
  nextAccount,
  remove,
  signal,
  size = defaultBatchSize
}: RemovalOptions): Promise<number> {
  let removed = 0
  // A single statement for all accounts would scan the whole table.
  for (let account: string | undefined = ''; ;) {
    account = await nextAccount(account)
    if (account === undefined) return removed
    for (let more = true; more;) {
      if (signal?.aborted) return removed
      const count = await remove(account, size)
      removed += count
      more = count === size
      if (more) await sleep(pauseMs, undefined, { ref: false })
    }
  }
}
