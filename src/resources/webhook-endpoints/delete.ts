import type { Call } from '../call'
import { noSuchWebhookEndpoint } from './errors'
import { deleteWebhookEndpoint as remove } from './store'
import { deletedWebhookEndpointToObject } from './object'

/** Deletes an endpoint for good: nothing is sent to it any more, not even what waits. */
export async function deleteWebhookEndpoint(call: Call, id: string) {
  const { db } = call.vault
  if (!(await remove(db, call.account, id))) throw await noSuchWebhookEndpoint(db, call, id)
  return deletedWebhookEndpointToObject(id)
}
