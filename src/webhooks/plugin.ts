import type { FastifyInstance } from 'fastify'
import type { Vault } from '../resources/call'
import { Deliverer } from './deliverer'
import type { RetryDelays } from './schedule/schedule'

/** Delivers webhooks as long as the app runs: from when it is ready until it closes. */
export function deliverBeside(scope: FastifyInstance, vault: Vault, retries: RetryDelays | undefined): void {
  const { db, secretsKey, defaultVersion, committed } = vault
  const deliverer = new Deliverer({ db, secretsKey, defaultVersion, log: scope.log, retries })
  let deaf: (() => void) | undefined
  scope.addHook('onReady', (done) => {
    deliverer.start()
    deaf = committed.hear(({ account }) => {
      deliverer.wake(account)
    })
    done()
  })
  scope.addHook('onClose', async () => {
    deaf?.()
    await deliverer.stop()
  })
}
