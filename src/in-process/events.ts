import type { EventType } from '../resources/events/event'
import type { Objects } from './objects'

/**
 * An event as `GET /v1/events/:id` returns it in the vault's default API version. It lacks `pending_webhooks`, which is
 * not yet known, and has `account`, because a host receives the events of all accounts. Discriminated by `type`.
 */
export type VaultEvent<Name extends EventType = EventType> = { [Each in Name]: EventNamed<Each> }[Name]

interface EventNamed<Name extends EventType> extends Omit<
  Objects['event'],
  'pending_webhooks' | 'data' | 'type'
> {
  account: string
  data: {
    /** The object right after the change, or right before its deletion. */
    object: EventObject<Name>
    /** The previous values of the changed attributes. */
    previous_attributes?: Record<string, unknown>
  }
  type: Name
}

/** The object that an event of this type carries. */
export type EventObject<Name extends EventType> = Name extends `${infer Noun}.${string}`
  ? Noun extends keyof Objects
    ? Objects[Noun]
    : Record<string, unknown>
  : never
