import { callOf, objectsIn } from '../call'
import { expandOf } from '../../protocol/expand'
import type { Scope } from '../../protocol/scope'
import { badCursor, badExpand } from '../../protocol/errors/descriptions'
import { answers, ExpandOnly } from '../../protocol/schemas'
import { Event, EventList } from './object'
import { listOfEvents, retrieveEvent } from './read'
import { EventPath, ListEventsQuery } from './schema'

const kind = 'event'
const tags = ['Events']

export function eventRoutes(scope: Scope): void {
  scope.get(
    '/v1/events',
    {
      schema: {
        operationId: 'GetEvents',
        summary: 'List events',
        description: 'Events, newest first, of the last 30 days or as long as this vault keeps them.',
        tags,
        querystring: ListEventsQuery,
        response: answers(
          EventList,
          '400 `parameters_exclusive`: `type` and `types` at once; without a code: more than 20 `types`.',
          badCursor,
          badExpand
        )
      }
    },
    async (request) => {
      expandOf(objectsIn(request), kind, request.query.expand, true)
      return listOfEvents(callOf(request), request.query)
    }
  )

  scope.get(
    '/v1/events/:id',
    {
      schema: {
        operationId: 'GetEventsId',
        summary: 'Retrieve an event',
        description: 'One event, its object in the version of this call.',
        tags,
        params: EventPath,
        querystring: ExpandOnly,
        response: answers(Event, '404 `resource_missing`: there is no such event, or no more.', badExpand)
      }
    },
    async (request) => {
      expandOf(objectsIn(request), kind, request.query.expand)
      return retrieveEvent(callOf(request), request.params.id)
    }
  )
}
