import type { Database } from '../../plugins/database/database'
import { keepListening, removeGone, removeListener } from '../resources/webhook-endpoints/listener-store'
import type { WebhookEndpointRow } from '../resources/webhook-endpoints/store'
import type { Log } from '../webhooks/log'
import { now } from '../protocol/values/time'

/** The lease of a listener in seconds: a killed `listen` command stays registered for at most this long. */
const leaseSeconds = 60

/**
 * Registers a listener and renews its lease, so that events are written for it. Removes listeners whose lease has ended.
 * Returns a function that stops the renewal and removes the listener.
 */
export async function holdListenerLease(
  db: Database,
  listener: WebhookEndpointRow,
  log: Log
): Promise<() => Promise<void>> {
  const renew = () => keepListening(db, listener, now() + leaseSeconds)
  await removeGone(db, listener.account_id, now())
  await renew()
  let last = Promise.resolve()
  const renewal = setInterval(
    () => {
      last = renew().catch((error: unknown) => {
        log.warn({ err: error }, 'cannot renew the lease of the listener')
      })
    },
    (leaseSeconds * 1000) / 3
  )
  return async () => {
    clearInterval(renewal)
    // A running renewal could otherwise restore the removed listener.
    await last
    await removeListener(db, listener.account_id, listener.id)
  }
}
