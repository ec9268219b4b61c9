import type { Database } from '../../plugins/database/database'
import { keepListening, removeGone, removeListener } from '../resources/webhook-endpoints/listener-store'
import type { WebhookEndpointRow } from '../resources/webhook-endpoints/store'
import type { Log } from '../webhooks/log'
import { now } from '../protocol/values/time'

/** For how long a terminal that was closed without a word is still taken to be there, in seconds. */
const patience = 60

/** Lets events be written for a listener, in place of those that went without a word, until it is told to leave. */
export async function keepThere(
  db: Database,
  listener: WebhookEndpointRow,
  log: Log
): Promise<() => Promise<void>> {
  const keep = () => keepListening(db, listener, now() + patience)
  await removeGone(db, listener.account_id, now())
  await keep()
  let last = Promise.resolve()
  const renewal = setInterval(
    () => {
      last = keep().catch((error: unknown) => {
        log.warn({ err: error }, 'the database was not told that somebody listens')
      })
    },
    (patience * 1000) / 3
  )
  return async () => {
    clearInterval(renewal)
    // Or it would come back.
    await last
    await removeListener(db, listener.account_id, listener.id)
  }
}
