import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'

// A batch takes a few milliseconds, in which a call that wants one of its rows would have to wait; then others have
// the disk.
const defaultBatchSize = 1000
const pauseMs = 50

interface SweepOptions {
  /** Milliseconds from one sweep's end to the next one's start, more or less; an hour by default. */
  intervalMs?: number
  /** What the log says of a sweep that failed. */
  failureMessage: string
  sweep: (signal: AbortSignal) => Promise<unknown>
}

/**
 * Sweeps every hour or so, as long as the app runs: from when it is ready until it closes, which waits for a sweep's
 * batch and no more. What fails is only logged, and done the next time.
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
  // Processes that start together do not sweep together.
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
  /** The first account after this one that has rows. */
  nextAccount: (account: string) => Promise<string | undefined>
  /** Removes up to `size` of an account's old rows, and gives back how many. */
  remove: (account: string, size: number) => Promise<number>
  signal?: AbortSignal | undefined
  size?: number | undefined
}

/** Removes old rows account by account in small batches with pauses, and gives back how many. */
export async function removeInBatches({
  nextAccount,
  remove,
  signal,
  size = defaultBatchSize
}: RemovalOptions): Promise<number> {
  let removed = 0
  // One statement for all accounts would have to look at every row there is.
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
