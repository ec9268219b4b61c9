import { once } from 'node:events'
import { knownFingerprintKey } from '../server/secrets'
import { sentenceOf } from '../server/sentence'
import type { Settings } from '../settings'
import { Deliverer } from '../webhooks/deliverer'
import { keyFor } from '../wire/derived-secret'
import { pageVersion } from '../wire/versions'
import { onSignals } from './signals'
import { withTables } from './with-database'

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
    if (!interruption.aborted) await once(interruption, 'abort')
    await deliverer.stop()
  })
  return 0
}

/** What goes wrong, a line each. */
export const logTo = (say: (line: string) => void) => ({
  warn: ({ err }: { err?: unknown }, message: string) => {
    say(err === undefined ? message : `${message}: ${sentenceOf(err)}`)
  },
  debug: () => undefined
})
