import type { Test } from 'tap'
import { Database } from '../../../plugins/database/database'
import { Deliverer, type DelivererOptions } from '../../../src/webhooks/deliverer'
import type { DeliveryAttempt } from '../../../src/webhooks/delivery-attempt'
import { keyFor } from '../../../src/protocol/values/derived-secret'
import { newDatabase } from '../database/database'
import { fingerprintKey } from '../vault'

export const secretsKey = keyFor('secrets', fingerprintKey)

/** A database with no vault on it: what is delivered there is written by hand. */
export async function newWebhooks(t: Test): Promise<Database> {
  const { pool } = await newDatabase(t)
  return new Database(pool, { schema: 'payment_vault', prepared: false })
}

export interface Running {
  deliverer: Deliverer
  attempts: DeliveryAttempt[]
  warned: string[]
}

/** Starts a deliverer that looks often; it stops with `t` at the latest. */
export function startDeliverer(t: Test, db: Database, options: Partial<DelivererOptions> = {}): Running {
  const attempts: DeliveryAttempt[] = []
  const warned: string[] = []
  const deliverer = new Deliverer({
    db,
    secretsKey,
    defaultVersion: '2022-11-15',
    log: { warn: (_details, message) => warned.push(message), debug: () => undefined },
    onAttempt: (attempt) => attempts.push(attempt),
    ...options,
    limits: { every: 50, grace: 0, ...options.limits }
  })
  deliverer.start()
  t.teardown(() => deliverer.stop())
  return { deliverer, attempts, warned }
}
