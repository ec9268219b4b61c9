import Fastify, { type FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import type { Pool } from 'pg'
import type { Test } from 'tap'
import { Database } from '../../../plugins/database/database'
import { createKey } from '../../../src/resources/accounts/keys'
import { paymentVault, type PaymentVaultOptions } from '../../../src/index'
import { newDatabase } from '../../helpers/database/database'
import { judgeAnswers } from '../../helpers/document/document'
import { fingerprintKey } from '../../helpers/vault'
import type { Mounted } from './calls'
import { earlyRoutes, lateRoutes } from './host'
import type { Neighbour } from './neighbours'
import { sender } from './send'

export const prefix = '/billing'

/** A migrated database with a key, for any number of apps. */
export interface Surroundings {
  databaseUrl: string
  pool: Pool
  key: string
  /** With which the vault is mounted. */
  options: PaymentVaultOptions & { prefix: string }
}

export async function surroundings(t: Test): Promise<Surroundings> {
  const { pool, url: databaseUrl } = await newDatabase(t)
  const key = await newKey(pool, 'payment_vault')
  const options = { pool, fingerprintKey, prefix, migrate: 'check', deliverWebhooks: false } as const
  return { databaseUrl, pool, key, options }
}

export const newKey = (pool: Pool, schema: string): Promise<string> =>
  createKey(new Database(pool, { schema, prepared: false }), { livemode: false, kind: 'secret' })

/** The host with this neighbour, and with the vault unless there are no options for it. */
export async function startHost(
  t: Test,
  { server = {}, before, after, hurried }: Neighbour,
  { databaseUrl, key }: Surroundings,
  options?: PaymentVaultOptions & { prefix: string }
): Promise<Mounted> {
  const app = Fastify(server as object) as FastifyInstance
  await before?.(app, databaseUrl)
  earlyRoutes(app)
  // To wait for any plugin changes a host: what was said so far holds for the routes so far.
  const mounted = options ? app.register(paymentVault, options) : app.register(fp(async () => undefined))
  if (!hurried) await mounted
  lateRoutes(app)
  await after?.(app)
  return listening(t, app, key, 'http2' in server)
}

/** An app with nothing but what `register` brings, whose answers are judged by the document. */
export async function startApp(
  t: Test,
  key: string,
  register: (app: FastifyInstance) => unknown,
  at = prefix
): Promise<Mounted> {
  const app = Fastify()
  judgeAnswers(app, { hostRefuses: true })
  await register(app)
  return { ...(await listening(t, app, key)), prefix: at }
}

async function listening(t: Test, app: FastifyInstance, key: string, http2 = false): Promise<Mounted> {
  const url = await app.listen({ port: 0, host: '127.0.0.1' })
  t.teardown(() => app.close())
  return { url, prefix, key, send: sender(t, url, http2) }
}
