import type { Pool } from 'pg'

/** A statement whose answer is waited for so many milliseconds, or for as long as it takes with 0. */
export interface Timed {
  text: string
  /** An option of pg's that its types leave out. */
  query_timeout: number
}

export const timed = (text: string, milliseconds: number): Timed => ({ text, query_timeout: milliseconds })

/** Whether pg has given up on a statement (`query_timeout`): nobody knows whether it was done. */
export const isUnanswered = (error: unknown): error is Error =>
  error instanceof Error && error.message === 'Query read timeout'

/**
 * Destroys the connections of a pool that nobody uses. Where one was silent, packets may be swallowed on the way, and
 * then all that were open meanwhile are as dead; whoever calls next is not to find that out for each anew.
 */
export function dropIdle(pool: Pool): void {
  for (let left = pool.idleCount; left > 0; left--)
    pool.connect().then(
      (client) => {
        // It would wait for an answer to its goodbye. The socket is missing in the types.
        ;(client as unknown as { connection?: { stream: { destroy(): void } } }).connection?.stream.destroy()
        client.release(true)
      },
      () => undefined
    )
}
