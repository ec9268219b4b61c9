import type { Call } from '../call'
import { listOf, pageOf } from '../../protocol/lists/lists'
import { noSuchWebhookEndpoint } from './errors'
import type { ListWebhookEndpointsParams } from './schema'
import { findWebhookEndpoint, listWebhookEndpoints } from './store'
import { webhookEndpointToObject } from './object'

/** One endpoint, without its secret. */
export async function retrieveWebhookEndpoint(call: Call, id: string) {
  const { db } = call.vault
  const row = await findWebhookEndpoint(db, call.account, id)
  if (!row) throw await noSuchWebhookEndpoint(db, call, id)
  return webhookEndpointToObject(call, row)
}

/** Endpoints, newest first. */
export async function listOfWebhookEndpoints(call: Call, params: ListWebhookEndpointsParams) {
  const { db } = call.vault
  const page = await pageOf(params, async (id, param) => {
    const row = await findWebhookEndpoint(db, call.account, id)
    if (!row) throw await noSuchWebhookEndpoint(db, call, id, param)
    return row
  })
  const rows = await listWebhookEndpoints(db, call.account, page)
  return listOf('/v1/webhook_endpoints', page, rows, (row) => webhookEndpointToObject(call, row))
}
