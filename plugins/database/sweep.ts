import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'

// A batch takes a few milliseconds, in which a call that wants one of its rows would have to wait; then others have
// the disk.
const batch = 1000
const pause = 50

export interface Sweeping {
  /** Milliseconds from one sweep's end to the next one's start, more or less; an hour by default. */
  every?: number
  /** What the log says of a sweep that failed. */
  failed: string
  sweep: (signal: AbortSignal) => Promise<unknown>
}

/**
 * Sweeps every hour or so, as long as the app runs: from when it is ready until it closes, which waits for a sweep's
 * batch and no more. What fails is only logged, and done the next time.
 */
export function sweepRegularly(
  scope: FastifyInstance,
  { every = 3600 * 1000, failed, sweep }: Sweeping
): void {
  const closing = new AbortController()
  let sweeping: Promise<void> | undefined
  let timer: NodeJS.Timeout | undefined

  const once = async (): Promise<void> => {
    try {
      await sweep(closing.signal)
    } catch (error) {
      if (!closing.signal.aborted) scope.log.warn({ err: error }, failed)
    }
    wait()
  }
  // Processes that start together do not sweep together.
  const wait = (): void => {
    if (closing.signal.aborted) return
    const after = every * (0.75 + Math.random() / 2)
    timer = setTimeout(() => {
      sweeping = once()
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

export interface Removal {
  /** The first account after this one that has rows. */
  next: (account: string) => Promise<string | undefined>
  /** Removes up to `size` of an account's old rows, and gives back how many. */
  remove: (account: string, size: number) => Promise<number>
  signal?: AbortSignal | undefined
  size?: number | undefined
}

/** Removes old rows account by account in small batches with pauses, and gives back how many. */
export async function removeInBatches({ next, remove, signal, size = batch }: Removal): Promise<number> {
  let removed = 0
  // One statement for all accounts would have to look at every row there is.
  for (let account: string | undefined = ''; ;) {
    account = await next(account)
    if (account === undefined) return removed
    for (let more = true; more;) {
      if (signal?.aborted) return removed
      const count = await remove(account, size)
      removed += count
      more = count === size
      if (more) await sleep(pause, undefined, { ref: false })
    }
  }
}
