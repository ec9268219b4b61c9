import { because, either } from '../../protocol/errors/refusal'
import { list } from '../../protocol/resource/list'
import { resource } from '../../protocol/resource/resource'
import { retrieve } from '../../protocol/resource/retrieve'
import { noSuchEvent, tooManyTypes, typeAndTypes } from './errors'
import { Event, eventToObject } from './object'
import { filterOf, withPending } from './read'
import { findEvent, listEvents } from './read-store'
import { EventPath, ListEventsQuery } from './schema'

/** A change, written down together with it. */
export const events = resource('event', {
  description: 'What changed, and who changed it.',
  object: Event,
  // Without its deliveries, which only a call looks up.
  toObject: (view, row) => eventToObject(view, row, 0),
  toObjects: withPending,
  find: findEvent,
  noSuch: noSuchEvent,
  operations: {
    list: list(ListEventsQuery, listEvents, {
      filter: filterOf,
      summary: 'List events',
      description: 'Events, newest first, of the last 30 days or as long as this vault keeps them.',
      errors: [either(typeAndTypes, because('more than 20 `types`', tooManyTypes))]
    }),
    retrieve: retrieve(EventPath, {
      summary: 'Retrieve an event',
      description: 'One event, its object in the version of this call.'
    })
  }
})
