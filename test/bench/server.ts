import Fastify from 'fastify'
import { Pool } from 'pg'
import { paymentVault } from '../../src/index'

// The server that is measured: the plugin, and beside it a route that does nothing but answer as long a body.
async function main(): Promise<void> {
  const pool = new Pool({ connectionString: process.env.BENCH_DATABASE_URL ?? '', max: 8 })
  const app = Fastify()
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string' },
    (_request, body, done) => {
      done(null, body)
    }
  )
  const body = JSON.stringify({ answer: 'x'.repeat(900) })
  app.post('/nothing/v1/payment_methods/:id/attach', async (_request, reply) => {
    void reply.header('content-type', 'application/json')
    return body
  })
  await app.register(paymentVault, {
    pool,
    fingerprintKey: process.env.BENCH_FINGERPRINT_KEY ?? '',
    preparedStatements: true
  })
  console.log(await app.listen({ port: 0, host: '127.0.0.1' }))
  process.once('SIGTERM', () => void app.close().then(() => pool.end()))
}

void main()
