import type { Pool } from 'pg'

/** A statement with a limit on the wait for its answer. */
export interface TimedQuery {
  text: string
  /** Milliseconds; 0 for no limit. pg reads this option, but its types omit it. */
  query_timeout: number
}

export const withQueryTimeout = (text: string, timeoutMs: number): TimedQuery => ({
  text,
  query_timeout: timeoutMs
})

/** Returns whether pg gave up waiting for an answer (`query_timeout`). The outcome of the statement is unknown. */
export const isQueryTimeout = (error: unknown): error is Error =>
  error instanceof Error && error.message === 'Query read timeout'

/**
 * Destroys the idle connections of a pool. When one connection times out, the network may be dropping packets, and its
 * idle neighbours are then dead too. Without this, each of them would cost one caller another timeout.
 */
export function destroyIdleConnections(pool: Pool): void {
  for (let left = pool.idleCount; left > 0; left--)
    pool.connect().then(
      (client) => {
        // A normal end would wait for the server's answer. The types omit the socket.
        ;(client as unknown as { connection?: { stream: { destroy(): void } } }).connection?.stream.destroy()
        client.release(true)
      },
      () => undefined
    )
}
