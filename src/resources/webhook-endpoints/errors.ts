import { invalidRequest, stateForbids, type WireError } from '../../../plugins/errors/errors'
import type { Call } from '../call'
import { noSuch } from '../../protocol/errors/no-such'
import { findWebhookEndpoint } from './store'

export const noSuchWebhookEndpoint = noSuch('webhook_endpoint', findWebhookEndpoint, {
  noun: 'webhook endpoint',
  param: 'webhook_endpoint',
  deletable: true
})

/** `why` is a whole sentence. It never repeats the URL, which may hold a password. */
export const invalidUrl = (why: string): WireError =>
  invalidRequest(`Invalid URL: ${why}`, { code: 'url_invalid', param: 'url' })

export const tooMany = ({ livemode }: Pick<Call, 'livemode'>, most: number): WireError =>
  stateForbids(`You have reached the maximum of ${most} ${livemode ? 'live' : 'test'} webhook endpoints.`)

export const noEvents = (): WireError =>
  invalidRequest('Invalid array: name one event at least, or * for all of them.', { param: 'enabled_events' })
