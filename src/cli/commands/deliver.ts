import { knownFingerprintKey } from '../../server/secrets/secrets'
import { sentenceOf } from '../../../plugins/errors/error-message'
import type { Settings } from '../../server/settings'
import { Deliverer } from '../../webhooks/deliverer'
import { keyFor } from '../../protocol/values/derived-secret'
import { pageVersion } from '../../protocol/versions'
import type { Log } from '../../webhooks/log'
import { interruptedBy, onSignals } from '../signals'
import { withTables } from '../with-database'

/** Delivers webhooks until SIGINT or SIGTERM; 0 once what was being sent has ended. Throws StartError. */
export async function deliverCommand(settings: Settings, say: (line: string) => void): Promise<number> {
  const interruption = onSignals()
  await withTables(settings, say, async ({ db, place }) => {
    const deliverer = new Deliverer({
      db,
      secretsKey: keyFor('secrets', await knownFingerprintKey(settings)),
      defaultVersion: pageVersion,
      log: logTo(say)
    })
    deliverer.start()
    say(`Delivering the webhooks of ${place}. Ctrl-C ends it.`)
    await interruptedBy(interruption)
    await deliverer.stop()
  })
  return 0
}

/** What goes wrong, a line each, with what the program knows of it. */
export const logTo = (say: (line: string) => void): Log => ({
  warn: (details, message) => {
    const { err, ...others } = details as Record<string, unknown>
    const known = Object.entries(others).filter(([, value]) => value !== undefined)
    const facts = known.map(([name, value]) => `${name} ${String(value)}`)
    if (err !== undefined) facts.push(sentenceOf(err))
    say(sentenceOf(`${message}: ${facts.join(', ')}`))
  },
  debug: () => undefined
})
