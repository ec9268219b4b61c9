import { resource } from '../../protocol/resource/resource'
import { noSuchEvent } from './errors'
import { Event, EventList, eventToObject } from './object'
import { withPending } from './read'
import { findEvent } from './read-store'

/** A change, written down together with it. */
export const events = resource('event', {
  description: 'What changed, and who changed it.',
  object: Event,
  components: [EventList],
  // Without its deliveries, which only a call looks up.
  toObject: (view, row) => eventToObject(view, row, 0),
  toObjects: withPending,
  find: findEvent,
  noSuch: noSuchEvent,
  operations: {}
})
