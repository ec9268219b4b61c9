import type { View } from '../../protocol/view'
import type { EventRow } from './event'

/** Hears of an event right after the commit of its change, in the process that made it. It must not throw. */
export type Hearer = (call: Pick<View, 'account' | 'livemode'>, event: EventRow) => void

/**
 * Tells this process of the events that it committed itself. What another process committed, or what was committed
 * just before this one died, is not told here: for those there are the deliveries.
 */
export class CommittedEvents {
  readonly #hearers = new Set<Hearer>()

  /** Gives back what ends it. */
  hear(hearer: Hearer): () => void {
    this.#hearers.add(hearer)
    return () => this.#hearers.delete(hearer)
  }

  announce(call: Pick<View, 'account' | 'livemode'>, event: EventRow): void {
    for (const hearer of this.#hearers) hearer(call, event)
  }
}
