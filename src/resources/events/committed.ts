import type { View } from '../../protocol/view'
import type { EventRow } from './event'

/** Receives an event right after its change commits, in the process that made the change. It must not throw. */
export type CommitListener = (call: Pick<View, 'account' | 'livemode'>, event: EventRow) => void

/**
 * Passes the events that this process committed to its own listeners. Events of other processes, and events committed
 * just before a crash, do not pass here: webhook deliveries cover those.
 */
export class CommittedEvents {
  readonly #listeners = new Set<CommitListener>()

  /** Adds a listener. Returns a function that removes it. */
  subscribe(listener: CommitListener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  announce(call: Pick<View, 'account' | 'livemode'>, event: EventRow): void {
    for (const listener of this.#listeners) listener(call, event)
  }
}
