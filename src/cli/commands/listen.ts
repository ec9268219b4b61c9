import type { Database } from '../../../plugins/database/database'
import { findAccount, findFirstAccount } from '../../resources/accounts/store'
import { accountIn } from '../../protocol/view'
import { subscribableTypes } from '../../resources/events/types'
import { knownFingerprintKey } from '../../server/secrets/secrets'
import type { Settings } from '../../server/settings'
import { StartError } from '../../storage/start-error'
import { listenersSecret } from '../../resources/webhook-endpoints/secret'
import { newListener } from '../../resources/webhook-endpoints/listener-store'
import { Deliverer } from '../../webhooks/deliverer'
import type { DeliveryAttempt } from '../../webhooks/delivery-attempt'
import type { Log } from '../../webhooks/log'
import { keyFor } from '../../protocol/values/derived-secret'
import { pageVersion } from '../../protocol/versions'
import type { Listening } from '../arguments'
import { logTo } from './deliver'
import { keepThere } from '../listener-lease'
import { interruptedBy, onSignals } from '../signals'
import { withTables } from '../with-database'

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
    const owner = accountIn(await ownerOf(db, account), livemode)
    const listener = newListener(owner, forwardTo, events)
    const deliverer = new Deliverer({
      db,
      secretsKey,
      defaultVersion: pageVersion,
      log: troublesTo(say),
      // Who watches sees what failed, and asks for it again.
      retries: { test: [], live: [] },
      only: { account: owner, endpoint: listener.id },
      onAttempt: (attempt) => {
        print(lineOf(attempt))
      }
    })
    const leave = await keepThere(db, listener, logTo(say))
    deliverer.start()
    try {
      say(`Passing events on to ${forwardTo}. Ctrl-C ends it. The signing secret:`)
      print(listenersSecret(secretsKey, owner))
      await interruptedBy(interruption)
    } finally {
      await deliverer.stop()
      await leave()
    }
  })
  return 0
}

/** The account that is named, or the first one. Where a host decides who is calling, it may be any; else it is there. */
async function ownerOf(db: Database, named: string | undefined): Promise<string> {
  const first = await findFirstAccount(db)
  if (named !== undefined && first !== undefined && (await findAccount(db, named)) === undefined)
    throw new StartError(`There is no account ${named}: accounts list shows those there are.`)
  const owner = named ?? first
  if (owner !== undefined) return owner
  throw new StartError('There is no account yet: start the server once, or name one with --account.')
}

/** What became of an event stands in its own line. */
function troublesTo(say: (line: string) => void): Log {
  const log = logTo(say)
  const warn: Log['warn'] = (details, message) => {
    if ('err' in details) log.warn(details, message)
  }
  return { ...log, warn }
}

function lineOf({ type, eventId, status, failure, milliseconds }: DeliveryAttempt): string {
  // As the clock on the wall shows it.
  const [time = ''] = new Date().toTimeString().split(' ', 1)
  return `${time}  ${type}  ${eventId}  ${status ?? failure ?? ''}  ${Math.round(milliseconds)} ms`
}
