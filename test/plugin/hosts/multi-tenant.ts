import { createHash, randomUUID } from 'node:crypto'
import Fastify, { type FastifyInstance, type FastifyRequest } from 'fastify'
import type { Pool } from 'pg'
import { paymentVault, type Principal } from '../../../src/index'

// One vault for many tenants. Who they are is in a table of the host's own: a tenant is an account of the vault, and a key
// is a tenant's in test mode or in live mode. What belongs to one account no other one can see, name or count.

const tables = `
  create table if not exists public.tenants (id text primary key, name text not null);
  create table if not exists public.tenant_keys (
    hash bytea primary key,
    tenant text not null references public.tenants,
    livemode boolean not null
  )`

export async function multiTenant(pool: Pool, fingerprintKey: string): Promise<FastifyInstance> {
  await pool.query(tables)
  const app = Fastify({ routerOptions: { maxParamLength: 5000 } })

  // The host's tenants come with its keys, and so does whoever calls the vault.
  const authenticate = async ({ headers }: FastifyRequest): Promise<Principal> => {
    const [, key = ''] = /^Bearer (\S+)$/.exec(headers.authorization ?? '') ?? []
    const { rows } = await pool.query<Principal>(
      'select tenant as account, livemode from public.tenant_keys where hash = $1',
      [hashed(key)]
    )
    if (!rows[0]) throw Object.assign(new Error('No tenant has this key.'), { statusCode: 401 })
    return rows[0]
  }
  await app.register(paymentVault, { pool, fingerprintKey, authenticate, prefix: '/billing' })

  app.post('/tenants', async (request, reply) => {
    const { name } = request.body as { name: string }
    const id = `tenant_${randomUUID()}`
    const keys = { test: `test_${randomUUID()}`, live: `live_${randomUUID()}` }
    await pool.query('insert into public.tenants values ($1, $2)', [id, name])
    await pool.query('insert into public.tenant_keys values ($1, $3, false), ($2, $3, true)', [
      hashed(keys.test),
      hashed(keys.live),
      id
    ])
    return reply.code(201).send({ id, keys })
  })

  // The host's own page about a tenant: it acts as the tenant's account, without a key and without HTTP.
  app.get('/tenants/:id', async (request) => {
    const { id } = request.params as { id: string }
    const { data } = await app.paymentVault.customers.list({ limit: 100 }, { account: id, livemode: false })
    return { id, customers: data.map(({ name }) => name) }
  })
  return app
}

const hashed = (key: string): Buffer => createHash('sha256').update(key).digest()
