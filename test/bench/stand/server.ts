import Fastify, { type FastifyInstance } from 'fastify'
import { Pool } from 'pg'
import { type Authenticate, keyAuthentication } from '../../../plugins/auth/api-keys'
import { Database } from '../../../plugins/database/database'
import { handleErrors } from '../../../plugins/reply/error-handler'
import { form } from '../../../plugins/params/form'
import { hashParameters } from '../../../plugins/idempotency/idempotency'
import { json, toBody } from '../../../plugins/json/json'
import { findKey } from '../../../src/resources/accounts/store'
import { accountIn } from '../../../src/protocol/view'
import { paymentVault } from '../../../src/index'
import { paymentMethodToObject } from '../../../src/resources/payment-methods/object'
import { newRequestId } from '../../../src/protocol/values/ids'
import { attachPlainly } from './plain-transaction'
import { details } from './rows'

const secret = 'a key for the bench, 32 characters'
const path = '/v1/payment_methods/:id/attach'

/** The server that is measured: the plugin, and beside it routes that do less, or the same in another way. */
async function main(): Promise<void> {
  const connectionString = process.env.BENCH_DATABASE_URL ?? ''
  const pool = new Pool({ connectionString, max: 8 })
  // Of its own, as many connections as suit it best.
  const plainPool = new Pool({ connectionString, max: 16 })
  const app = Fastify()
  await app.register(async (scope) => {
    nothing(scope)
  })
  await app.register(async (scope) => beside(scope, pool, plainPool))
  await app.register(paymentVault, {
    pool,
    fingerprintKey: secret,
    migrate: 'off',
    // All of a pool that nobody else uses, as the stand-alone server does.
    maxConnections: 8,
    preparedStatements: true,
    ...(process.env.BENCH_OPTIONS !== undefined && (JSON.parse(process.env.BENCH_OPTIONS) as object))
  })
  obeyClock()
  console.log(await app.listen({ port: 0, host: '127.0.0.1' }))
  process.once('SIGTERM', () => {
    void app
      .close()
      .then(() => Promise.all([pool.end(), plainPool.end()]))
      .finally(() => {
        process.disconnect()
      })
  })
  // Ctrl-C is for whoever started us. It may also be gone.
  process.on('SIGINT', () => undefined).once('disconnect', () => process.exit())
}

/** The length of an attach's answer, and nothing else: what Fastify itself can do on this machine. */
function nothing(scope: FastifyInstance): void {
  scope.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string' },
    (_request, body, done) => {
      done(null, body)
    }
  )
  scope.post(`/nothing${path}`, async (_request, reply) => {
    void reply.header('content-type', 'application/json')
    return answer
  })
}

type Request = { account: string }

/** Both with the vault's form parser and authentication. */
async function beside(scope: FastifyInstance, pool: Pool, plainPool: Pool): Promise<void> {
  const db = new Database(pool, { schema: 'payment_vault', prepared: true })
  const authenticate: Authenticate = keyAuthentication((hash) => findKey(db, hash), {
    cacheMs: 2000
  })
  handleErrors(scope)
  await form(scope, { json: false })
  scope.decorateRequest('account', '')
  scope.addHook('onRequest', async (request) => {
    const { account, livemode } = await authenticate(request)
    ;(request as unknown as Request).account = accountIn(account, livemode)
  })

  scope.post(`/select${path}`, async (_request, reply) => {
    await pool.query({ name: 'nothing', text: 'select 1' })
    void reply.header('content-type', json)
    return Buffer.from(answer)
  })

  scope.post<{ Params: { id: string }; Body: { customer: string } }>(
    `/plain${path}`,
    async (request, reply) => {
      const body = await attachPlainly(plainPool, {
        account: (request as unknown as Request).account,
        paymentMethod: request.params.id,
        customer: request.body.customer,
        key: String(request.headers['idempotency-key']),
        requestId: newRequestId(),
        parameters: hashParameters(request.body, Buffer.from(secret))
      })
      void reply.header('content-type', json)
      return Buffer.from(body)
    }
  )
}

/** A whole answer to an attach. */
const answer = toBody(
  paymentMethodToObject(
    { version: '2022-11-15', livemode: false, publishable: false },
    {
      ...{ id: 'pm_bench000000000000000000', created: 1795000000, type: 'card', state: 'attached' },
      ...{ customer_id: 'cus_bench00000', details: JSON.parse(details) as Record<string, unknown> },
      ...{ billing_details: {}, allow_redisplay: 'unspecified', metadata: {} }
    }
  )
)

/** Whoever started us may set our clock forward: ids and times are made by it. Timers go on as ever. */
function obeyClock(): void {
  const real = Date.now
  process.on('message', ({ ahead }: { ahead: number }) => {
    Date.now = () => real() + ahead
    process.send?.({})
  })
}

void main()
