import Fastify, { type FastifyInstance } from 'fastify'
import { paymentVault } from '../../../src/index'

// The smallest host there is: the vault by itself, for the API keys that `npx fastify-payment-vault keys create` makes.

export async function bare(connectionString: string, fingerprintKey: string): Promise<FastifyInstance> {
  const app = Fastify({ routerOptions: { maxParamLength: 5000 } })
  await app.register(paymentVault, { connectionString, fingerprintKey })
  return app
}
