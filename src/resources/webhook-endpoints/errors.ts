import type { Queryable } from '../../../plugins/database/statement'
import { invalidRequest, stateForbids, type WireError } from '../../../plugins/errors/errors'
import type { Call } from '../call'
import { noSuch } from '../../protocol/errors/no-such'
import { findWebhookEndpoint } from './store'

/** In the path it is a 404; as a cursor, named by `param`, a 400. */
export const noSuchWebhookEndpoint = (
  db: Queryable,
  call: Call,
  id: string,
  param?: string
): Promise<WireError> =>
  noSuch(db, call, 'webhook endpoint', findWebhookEndpoint, id, {
    status: param === undefined ? 404 : 400,
    param: param ?? 'webhook_endpoint'
  })

/** `why` is a whole sentence. It never repeats the URL, which may hold a password. */
export const invalidUrl = (why: string): WireError =>
  invalidRequest(`Invalid URL: ${why}`, { code: 'url_invalid', param: 'url' })

export const tooMany = ({ livemode }: Pick<Call, 'livemode'>, most: number): WireError =>
  stateForbids(`You have reached the maximum of ${most} ${livemode ? 'live' : 'test'} webhook endpoints.`)

export const noEvents = (): WireError =>
  invalidRequest('Invalid array: name one event at least, or * for all of them.', { param: 'enabled_events' })
