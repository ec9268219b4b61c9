import { resendEvent } from '../../webhooks/resend'
import type { Settings } from '../../server/settings'
import { StartError } from '../../storage/start-error'
import { withTables } from '../with-database'

/** Makes an event due once more, for the endpoint given or for all that want it. Throws StartError. */
export const resendCommand = (
  settings: Settings,
  say: (line: string) => void,
  { id, endpoint }: { id: string; endpoint: string | undefined }
): Promise<string> =>
  withTables(settings, say, async ({ db }) => {
    const found = await resendEvent(db, id, endpoint)
    if (!found) throw new StartError(`There is no event ${id}: it is kept for 30 days unless told otherwise.`)
    if (found.receivers.length === 0) {
      throw new StartError(
        endpoint === undefined
          ? `No enabled endpoint wants events of the type ${found.type}: webhooks list shows those there are.`
          : `There is no enabled endpoint ${endpoint} in the event's account and mode: webhooks list shows those there are.`
      )
    }
    // An endpoint that listens at a terminal is known by no id.
    const names = found.receivers.map((receiver) => (receiver.listens ? receiver.url : receiver.id))
    return `${id} (${found.type}) is due for ${names.join(', ')}.`
  })
