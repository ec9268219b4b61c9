import type { FastifyInstance } from 'fastify'
import type { Vault } from '../resources/call'
import { Deliverer } from './deliverer'
import type { RetryDelays } from './schedule/schedule'

/** Delivers webhooks in the app's process, from `onReady` until `onClose`. */
export function deliverWebhooks(
  scope: FastifyInstance,
  vault: Vault,
  retries: RetryDelays | undefined
): void {
  const { db, secretsKey, defaultVersion, committed } = vault
  const deliverer = new Deliverer({ db, secretsKey, defaultVersion, log: scope.log, retries })
  let unsubscribe: (() => void) | undefined
  scope.addHook('onReady', (done) => {
    deliverer.start()
    unsubscribe = committed.subscribe(({ account }) => {
      deliverer.wake(account)
    })
    done()
  })
  scope.addHook('onClose', async () => {
    unsubscribe?.()
    await deliverer.stop()
  })
}
