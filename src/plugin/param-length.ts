import type { FastifyInstance } from 'fastify'

/** Throws if the app's router would reject the vault's ids, which would make every call a 404. */
export function checkParamLength({ initialConfig }: FastifyInstance): void {
  const length = initialConfig.routerOptions?.maxParamLength ?? initialConfig.maxParamLength ?? enough
  if (length >= enough) return
  throw new Error(
    `fastify-payment-vault: the app's \`maxParamLength\` is ${length}, which is too short for ids: set it to 100 or more.`
  )
}

// The vault's ids have at most 31 characters. Some URLs contain a host's tenant ids, often UUIDs of 36 characters.
const enough = 64
