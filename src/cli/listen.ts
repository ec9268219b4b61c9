import { once } from 'node:events'
import { accountIn } from '../call'
import { openFirstAccount } from '../first-account'
import { knownFingerprintKey } from '../server/secrets'
import type { Settings } from '../settings'
import { subscribableTypes } from '../events/types'
import { StartError } from '../start-error'
import { signingSecrets } from '../webhook-endpoints/secret'
import { keepListening, newListener, removeListener } from '../webhook-endpoints/listener-store'
import { Deliverer, type DeliveryAttempt } from '../webhooks/deliverer'
import { keyFor } from '../wire/derived-secret'
import { now } from '../wire/time'
import { pageVersion } from '../wire/versions'
import type { Listening } from './arguments'
import { logTo } from './deliver'
import { onSignals } from './signals'
import { withTables } from './with-database'

/** For how long a terminal that was closed without a word is still taken to be there, in seconds. */
const patience = 60

/**
 * Passes the events of an account on to a URL as they happen, each once, until SIGINT or SIGTERM. Prints the signing
 * secret, which is the same each time, and a line for each event. Throws StartError.
 */
export async function listenCommand(
  settings: Settings,
  say: (line: string) => void,
  print: (line: string) => void,
  { forwardTo, events, livemode, account }: Listening
): Promise<number> {
  const strange = events.find((type) => !(subscribableTypes as readonly string[]).includes(type))
  if (strange !== undefined) throw new StartError(`There is no type of events ${JSON.stringify(strange)}.`)
  const interruption = onSignals()
  await withTables(settings, say, async ({ db }) => {
    const secretsKey = keyFor('secrets', await knownFingerprintKey(settings))
    const owner = accountIn(account ?? (await openFirstAccount(db)), livemode)
    const listener = newListener(owner, forwardTo, events, now() + patience)
    const keep = () => keepListening(db, { ...listener, listens_until: now() + patience })
    const deliverer = new Deliverer({
      db,
      secretsKey,
      defaultVersion: pageVersion,
      log: logTo(say),
      // Who watches sees what failed, and asks for it again.
      retries: { test: [], live: [] },
      only: { account: owner, endpoint: listener.id },
      onAttempt: (attempt) => {
        print(lineOf(attempt))
      }
    })
    await keep()
    const renewal = setInterval(
      () => {
        keep().catch((error: unknown) => {
          logTo(say).warn({ err: error }, 'The database was not reached')
        })
      },
      (patience * 1000) / 3
    )
    deliverer.start()
    try {
      say(`Passing events on to ${forwardTo}. Ctrl-C ends it. The signing secret:`)
      print(signingSecrets(secretsKey, listener, now())[0] ?? '')
      if (!interruption.aborted) await once(interruption, 'abort')
    } finally {
      clearInterval(renewal)
      await deliverer.stop()
      await removeListener(db, owner, listener.id)
    }
  })
  return 0
}

function lineOf({ type, eventId, status, failure, milliseconds }: DeliveryAttempt): string {
  const time = new Date().toISOString().slice(11, 19)
  return `${time}  ${type}  ${eventId}  ${status ?? failure ?? ''}  ${Math.round(milliseconds)} ms`
}
