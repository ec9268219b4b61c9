import type { Database } from '../../../plugins/database/database'
import { findAccount, findFirstAccount } from '../../resources/accounts/store'
import { accountIn } from '../../protocol/view'
import { subscribableTypes } from '../../resources/events/types'
import { existingFingerprintKey } from '../../server/secrets/secrets'
import type { Settings } from '../../server/settings'
import { StartError } from '../../storage/start-error'
import { listenersSecret } from '../../resources/webhook-endpoints/secret'
import { newListener } from '../../resources/webhook-endpoints/listener-store'
import { Deliverer } from '../../webhooks/deliverer'
import type { DeliveryAttempt } from '../../webhooks/delivery-attempt'
import type { Log } from '../../webhooks/log'
import { keyFor } from '../../protocol/values/derived-secret'
import { pageVersion } from '../../protocol/versions'
import type { ListenOptions } from '../arguments'
import { logTo } from './deliver'
import { holdListenerLease } from '../listener-lease'
import { untilAborted, onSignals } from '../signals'
import { type Say, withTables } from '../with-database'

/**
 * Forwards the events of an account to a URL as they happen, each once, until SIGINT or SIGTERM. Prints the signing
 * secret, which never changes, and a line for each event. Throws StartError.
 */
export async function listenCommand(
  settings: Settings,
  say: Say,
  print: Say,
  { forwardTo, events, livemode, account }: ListenOptions
): Promise<number> {
  const unknown = events.find((type) => !(subscribableTypes as readonly string[]).includes(type))
  if (unknown !== undefined) throw new StartError(`There is no event type ${JSON.stringify(unknown)}.`)
  const interruption = onSignals()
  await withTables(settings, say, async ({ db }) => {
    const secretsKey = keyFor('secrets', await existingFingerprintKey(settings))
    const owner = accountIn(await ownerOf(db, account), livemode)
    const listener = newListener(owner, forwardTo, events)
    const deliverer = new Deliverer({
      db,
      secretsKey,
      defaultVersion: pageVersion,
      log: errorsTo(say),
      // No retries: the user sees each failure and can resend the event.
      retries: { test: [], live: [] },
      only: { account: owner, endpoint: listener.id },
      onAttempt: (attempt) => {
        print(lineOf(attempt))
      }
    })
    const endLease = await holdListenerLease(db, listener, logTo(say))
    deliverer.start()
    try {
      say(`Forwarding events to ${forwardTo}. Press Ctrl-C to stop. The signing secret:`)
      print(listenersSecret(secretsKey, owner))
      await untilAborted(interruption)
    } finally {
      await deliverer.stop()
      await endLease()
    }
  })
  return 0
}

/**
 * Returns the named account, or the first one. Throws StartError for an unknown account, unless the database has no
 * accounts: then a host authenticates callers, and any name may be valid.
 */
async function ownerOf(db: Database, named: string | undefined): Promise<string> {
  const first = await findFirstAccount(db)
  if (named !== undefined && first !== undefined && (await findAccount(db, named)) === undefined)
    throw new StartError(`There is no account ${named}: accounts list shows all accounts.`)
  const owner = named ?? first
  if (owner !== undefined) return owner
  throw new StartError('There is no account yet: start the server once, or set --account.')
}

/** Returns a logger for errors only: each event already prints its outcome on its own line. */
function errorsTo(say: Say): Log {
  const log = logTo(say)
  const warn: Log['warn'] = (details, message) => {
    if ('err' in details) log.warn(details, message)
  }
  return { ...log, warn }
}

function lineOf({ type, eventId, status, failure, milliseconds }: DeliveryAttempt): string {
  // Local time.
  const [time = ''] = new Date().toTimeString().split(' ', 1)
  return `${time}  ${type}  ${eventId}  ${status ?? failure ?? ''}  ${Math.round(milliseconds)} ms`
}
