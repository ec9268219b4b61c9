import { existingFingerprintKey } from '../../server/secrets/secrets'
import { errorMessage } from '../../../plugins/errors/error-message'
import type { Settings } from '../../server/settings'
import { Deliverer } from '../../webhooks/deliverer'
import { keyFor } from '../../protocol/values/derived-secret'
import { pageVersion } from '../../protocol/versions'
import type { Log } from '../../webhooks/log'
import { untilAborted, onSignals } from '../signals'
import { type Say, withTables } from '../with-database'

/** Delivers webhooks until SIGINT or SIGTERM, then finishes running deliveries and returns 0. Throws StartError. */
export async function deliverCommand(settings: Settings, say: Say): Promise<number> {
  const interruption = onSignals()
  await withTables(settings, say, async ({ db, place }) => {
    const deliverer = new Deliverer({
      db,
      secretsKey: keyFor('secrets', await existingFingerprintKey(settings)),
      defaultVersion: pageVersion,
      log: logTo(say)
    })
    deliverer.start()
    say(`Delivering the webhooks of ${place}. Press Ctrl-C to stop.`)
    await untilAborted(interruption)
    await deliverer.stop()
  })
  return 0
}

/** Returns a logger that prints each warning with its details on one line, and drops debug messages. */
export const logTo = (say: Say): Log => ({
  warn: (details, message) => {
    const { err, ...others } = details as Record<string, unknown>
    const known = Object.entries(others).filter(([, value]) => value !== undefined)
    const facts = known.map(([name, value]) => `${name} ${String(value)}`)
    if (err !== undefined) facts.push(errorMessage(err))
    say(errorMessage(`${message}: ${facts.join(', ')}`))
  },
  debug: () => undefined
})
