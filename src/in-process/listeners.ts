import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'
import type { Call, Vault } from '../resources/call'
import { accountOf } from '../protocol/view'
import { type EventRow, type EventType, writtenTypes } from '../resources/events/event'
import { eventToObject } from '../resources/events/object'
import type { VaultEvent } from './events'

/** An event type, or `*` for all. */
export type EventName = EventType | '*'

/** Handles an event. A closing app waits for a returned promise; the vault ignores other results. */
export type EventHandler<Name extends EventName = '*'> = (
  event: VaultEvent<Name extends EventType ? Name : EventType>
) => unknown

export interface Listeners {
  on<Name extends EventName>(name: Name, handler: EventHandler<Name>): () => void
  off<Name extends EventName>(name: Name, handler: EventHandler<Name>): void
}

interface Entry {
  name: EventName
  handler: EventHandler
}

/** How long a closing app waits for running handlers, in milliseconds. */
const closeTimeoutMs = 10_000

/**
 * Passes the events that this vault commits to the host's handlers, in the order of the commits and outside the request.
 * Logs a failing handler. A slow handler does not delay the others.
 */
export function listeners(scope: FastifyInstance, vault: Vault): Listeners {
  let entries: readonly Entry[] = []
  const running = new Set<Promise<unknown>>()
  const listening = ({ type }: EventRow) => entries.filter(({ name }) => name === '*' || name === type)

  const run = async ({ handler }: Entry, call: Announced, row: EventRow): Promise<void> => {
    try {
      // Each handler gets its own copy of the event, which it may change.
      await handler(eventFor(vault, call, row))
    } catch (error) {
      scope.log.error({ err: error, event: row.id, type: row.type }, 'a listener failed')
    }
  }
  const notify = async (call: Announced, row: EventRow): Promise<void> => {
    await nextTurn()
    await Promise.all(listening(row).map((entry) => run(entry, call, row)))
  }
  vault.committed.subscribe((call, row) => {
    if (listening(row).length === 0) return
    const notified = notify(call, row).finally(() => running.delete(notified))
    running.add(notified)
  })
  scope.addHook('onClose', async () => {
    const done = new AbortController()
    const late = sleep(closeTimeoutMs, true, { signal: done.signal }).catch(() => false)
    const all = Promise.all(running).then(() => false)
    if (await Promise.race([all, late])) scope.log.warn('listeners are still running at close')
    done.abort()
  })

  const without = (gone: (entry: Entry) => boolean) => {
    entries = entries.filter((entry) => !gone(entry))
  }
  return {
    on: (name, handler) => {
      if (!names.has(name)) throw new TypeError(`There is no event type '${name}'.`)
      if (typeof handler !== 'function') throw new TypeError(`The handler for '${name}' must be a function.`)
      const mine: Entry = { name, handler: handler as EventHandler }
      entries = [...entries, mine]
      return () => {
        without((entry) => entry === mine)
      }
    },
    off: (name, handler) => {
      without((entry) => entry.name === name && entry.handler === handler)
    }
  }
}

type Announced = Pick<Call, 'account' | 'livemode'>

const names: ReadonlySet<string> = new Set<EventName>(['*', ...writtenTypes])

function eventFor(vault: Vault, { account, livemode }: Announced, row: EventRow): VaultEvent {
  const view = { account, livemode, publishable: false, version: vault.defaultVersion, vault }
  // A round trip through JSON gives plain objects that share nothing with the row.
  const event = JSON.parse(JSON.stringify(eventToObject(view, row, 0))) as Partial<VaultEvent> & Unknown
  delete event.pending_webhooks
  return { id: row.id, object: 'event', account: accountOf(account), ...event } as VaultEvent
}

/** The key that a listener's event lacks: the number of pending deliveries is not yet known. */
interface Unknown {
  pending_webhooks?: number
}
