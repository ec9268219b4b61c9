import { resource } from '../../protocol/resource/resource'
import { noSuchWebhookEndpoint } from './errors'
import {
  DeletedWebhookEndpoint,
  WebhookEndpoint,
  WebhookEndpointList,
  webhookEndpointToObject
} from './object'
import { findWebhookEndpoint } from './store'

/** A URL that events are sent to. */
export const webhookEndpoints = resource('webhook_endpoint', {
  description: 'Where events are sent to.',
  object: WebhookEndpoint,
  components: [DeletedWebhookEndpoint, WebhookEndpointList],
  toObject: webhookEndpointToObject,
  find: findWebhookEndpoint,
  noSuch: noSuchWebhookEndpoint,
  operations: {}
})
