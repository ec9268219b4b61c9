import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'
import type { Call, Vault } from '../resources/call'
import { accountOf } from '../protocol/view'
import { type EventRow, type EventType, writtenTypes } from '../resources/events/event'
import { eventToObject } from '../resources/events/object'
import type { VaultEvent } from './events'

/** The name of an event, or `*` for every one. */
export type EventName = EventType | '*'

/** What it gives back is waited for when the app closes, and otherwise looked at by nobody. */
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

/** How long an app that closes waits for handlers that run, in milliseconds. */
const patience = 10_000

/**
 * Hands what this vault committed to the host's own handlers, in the order of the commits and outside the request that
 * made it. A handler that fails is only logged; one that takes its time keeps none of the others waiting.
 */
export function listeners(scope: FastifyInstance, vault: Vault): Listeners {
  let entries: readonly Entry[] = []
  const running = new Set<Promise<unknown>>()
  const listening = ({ type }: EventRow) => entries.filter(({ name }) => name === '*' || name === type)

  const run = async ({ handler }: Entry, call: Announced, row: EventRow): Promise<void> => {
    try {
      // Each gets an event of its own, which it may change.
      await handler(heard(vault, call, row))
    } catch (error) {
      scope.log.error({ err: error, event: row.id, type: row.type }, 'a listener failed')
    }
  }
  const tell = async (call: Announced, row: EventRow): Promise<void> => {
    await nextTurn()
    await Promise.all(listening(row).map((entry) => run(entry, call, row)))
  }
  vault.committed.subscribe((call, row) => {
    if (listening(row).length === 0) return
    const told = tell(call, row).finally(() => running.delete(told))
    running.add(told)
  })
  scope.addHook('onClose', async () => {
    const done = new AbortController()
    const late = sleep(patience, true, { signal: done.signal }).catch(() => false)
    const all = Promise.all(running).then(() => false)
    if (await Promise.race([all, late])) scope.log.warn('listeners still run, and are left behind')
    done.abort()
  })

  const without = (gone: (entry: Entry) => boolean) => {
    entries = entries.filter((entry) => !gone(entry))
  }
  return {
    on: (name, handler) => {
      if (!names.has(name)) throw new TypeError(`No event is called '${name}'.`)
      if (typeof handler !== 'function') throw new TypeError(`What listens to '${name}' must be a function.`)
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

function heard(vault: Vault, { account, livemode }: Announced, row: EventRow): VaultEvent {
  const view = { account, livemode, publishable: false, version: vault.defaultVersion, vault }
  // Through JSON: plain objects that share nothing with the row.
  const event = JSON.parse(JSON.stringify(eventToObject(view, row, 0))) as Partial<VaultEvent> & Unknown
  delete event.pending_webhooks
  return { id: row.id, object: 'event', account: accountOf(account), ...event } as VaultEvent
}

/** How many deliveries wait is not known here. */
interface Unknown {
  pending_webhooks?: number
}
