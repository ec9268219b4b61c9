import { callOf, objectsIn } from '../call'
import { expandOf } from '../../protocol/expand'
import type { Scope } from '../../protocol/scope'
import { badCursor, badExpand } from '../../protocol/errors/descriptions'
import { answers, ExpandOnly, NoParams } from '../../protocol/schemas'
import { DeletedWebhookEndpoint, WebhookEndpoint, WebhookEndpointList } from './object'
import { createWebhookEndpoint } from './create'
import { deleteWebhookEndpoint } from './delete'
import { listOfWebhookEndpoints, retrieveWebhookEndpoint } from './read'
import {
  CreateWebhookEndpointBody,
  ListWebhookEndpointsQuery,
  UpdateWebhookEndpointBody,
  WebhookEndpointPath
} from './schema'
import { updateWebhookEndpoint } from './update'

const kind = 'webhook_endpoint'
const tags = ['WebhookEndpoints']
const params = WebhookEndpointPath

const noSuchEndpoint = '404 `resource_missing`: there is no such webhook endpoint, or no more.'
const badUrl = '400 `url_invalid`: `url` is none that events could or may be sent to.'
const noEvents = '400 without a code: `enabled_events` is empty, or names what is no type of event.'

export function webhookEndpointRoutes(scope: Scope): void {
  scope.post(
    '/v1/webhook_endpoints',
    {
      schema: {
        operationId: 'PostWebhookEndpoints',
        summary: 'Create a webhook endpoint',
        description:
          'Sends events to a URL from now on. The secret that they are signed with is in this answer and in no other.',
        tags,
        body: CreateWebhookEndpointBody,
        response: answers(
          WebhookEndpoint,
          badUrl,
          noEvents,
          '400 without a code: `connect` is true, `api_version` is none, or there are 16 endpoints already.',
          badExpand
        )
      }
    },
    async (request) => {
      expandOf(objectsIn(request), kind, request.body.expand)
      return createWebhookEndpoint(callOf(request), request.body)
    }
  )

  scope.get(
    '/v1/webhook_endpoints',
    {
      schema: {
        operationId: 'GetWebhookEndpoints',
        summary: 'List webhook endpoints',
        description: 'Webhook endpoints, newest first.',
        tags,
        querystring: ListWebhookEndpointsQuery,
        response: answers(WebhookEndpointList, badCursor, badExpand)
      }
    },
    async (request) => {
      expandOf(objectsIn(request), kind, request.query.expand, true)
      return listOfWebhookEndpoints(callOf(request), request.query)
    }
  )

  scope.get(
    '/v1/webhook_endpoints/:webhook_endpoint',
    {
      schema: {
        operationId: 'GetWebhookEndpointsWebhookEndpoint',
        summary: 'Retrieve a webhook endpoint',
        description: 'One webhook endpoint, without its secret.',
        tags,
        params,
        querystring: ExpandOnly,
        response: answers(WebhookEndpoint, noSuchEndpoint, badExpand)
      }
    },
    async (request) => {
      expandOf(objectsIn(request), kind, request.query.expand)
      return retrieveWebhookEndpoint(callOf(request), request.params.webhook_endpoint)
    }
  )

  scope.post(
    '/v1/webhook_endpoints/:webhook_endpoint',
    {
      schema: {
        operationId: 'PostWebhookEndpointsWebhookEndpoint',
        summary: 'Update a webhook endpoint',
        description: 'Changes what is given and leaves the rest.',
        tags,
        params,
        body: UpdateWebhookEndpointBody,
        response: answers(WebhookEndpoint, noSuchEndpoint, badUrl, noEvents, badExpand)
      }
    },
    async (request) => {
      expandOf(objectsIn(request), kind, request.body.expand)
      return updateWebhookEndpoint(callOf(request), request.params.webhook_endpoint, request.body)
    }
  )

  scope.delete(
    '/v1/webhook_endpoints/:webhook_endpoint',
    {
      schema: {
        operationId: 'DeleteWebhookEndpointsWebhookEndpoint',
        summary: 'Delete a webhook endpoint',
        description:
          'Deletes a webhook endpoint for good: nothing is sent to it any more, not even what waits.',
        tags,
        params,
        querystring: NoParams,
        response: answers(DeletedWebhookEndpoint, noSuchEndpoint)
      }
    },
    async (request) => deleteWebhookEndpoint(callOf(request), request.params.webhook_endpoint)
  )
}
