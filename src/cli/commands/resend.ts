import { resendEvent } from '../../webhooks/resend'
import type { Settings } from '../../server/settings'
import { StartError } from '../../storage/start-error'
import { type Say, withTables } from '../with-database'

/** Makes an event due again, for one endpoint or for all that subscribe to it. Throws StartError. */
export const resendCommand = (
  settings: Settings,
  say: Say,
  { id, endpoint }: { id: string; endpoint: string | undefined }
): Promise<string> =>
  withTables(settings, say, async ({ db }) => {
    const found = await resendEvent(db, id, endpoint)
    if (!found)
      throw new StartError(`There is no event ${id}: the vault keeps events for 30 days by default.`)
    if (found.receivers.length === 0) {
      throw new StartError(
        endpoint === undefined
          ? `No enabled endpoint subscribes to ${found.type}: webhooks list shows all endpoints.`
          : `There is no enabled endpoint ${endpoint} in the event's account and mode: webhooks list shows all endpoints.`
      )
    }
    // The user knows a listener by its URL, not by an id.
    const names = found.receivers.map((receiver) => (receiver.listens ? receiver.url : receiver.id))
    return `${id} (${found.type}) is due for ${names.join(', ')}.`
  })
