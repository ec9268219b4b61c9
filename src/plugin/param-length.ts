import type { FastifyInstance } from 'fastify'

/** Throws where the app's router would take none of our ids for one, and every call would end as an unknown URL. */
export function checkParamLength({ initialConfig }: FastifyInstance): void {
  const length = initialConfig.routerOptions?.maxParamLength ?? initialConfig.maxParamLength ?? enough
  if (length >= enough) return
  throw new Error(
    `fastify-payment-vault: ids do not fit into URLs of this app, as its \`maxParamLength\` is ${length}: make it 100 or more.`
  )
}

// Ours have 31 characters or fewer; a host's own ids of tenants, which are in some URLs, may well have 36.
const enough = 64
