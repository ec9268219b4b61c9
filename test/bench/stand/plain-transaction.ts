import type { Pool, PoolClient } from 'pg'
import { toBody } from '../../../plugins/json/json'
import type { PaymentMethodRow } from '../../../src/resources/payment-methods/store'
import { paymentMethodToObject } from '../../../src/resources/payment-methods/object'
import { newId } from '../../../src/protocol/values/ids'

export interface PlainAttach {
  account: string
  paymentMethod: string
  customer: string
  key: string
  requestId: string
  parameters: Buffer
}

/**
 * An attach as one would write it without a function in the database: a transaction of statements, each of which is a
 * way there and back. It does what the vault's own does where nothing is refused, and no more than that.
 */
export async function attachPlainly(pool: Pool, call: PlainAttach): Promise<string> {
  const client = await pool.connect()
  try {
    await client.query('begin')
    const body = await attachWithin(client, call)
    await client.query('commit')
    return body
  } catch (error) {
    await client.query('rollback')
    throw error
  } finally {
    client.release()
  }
}

async function attachWithin(client: PoolClient, call: PlainAttach): Promise<string> {
  const { account, paymentMethod, customer, key, requestId, parameters } = call
  const run = (name: keyof typeof statements, values: unknown[]) =>
    client.query<Omit<PaymentMethodRow, 'created'> & { created: string }>({
      name,
      text: statements[name],
      values
    })
  const created = Math.floor(Date.now() / 1000)
  const endpoint = `/v1/payment_methods/${paymentMethod}/attach`

  const claim = await run('claim', [account, key, created, endpoint, parameters, requestId, '2022-11-15'])
  if (claim.rowCount !== 1) throw new Error('the key was used before')
  const known = await run('customer', [account, customer])
  if (known.rowCount !== 1) throw new Error('no such customer')
  const { rows } = await run('attach', [account, paymentMethod, customer])
  if (!rows[0]) throw new Error('not an unattached payment method')
  // node-postgres gives int8 as text.
  const row = { ...rows[0], created: Number(rows[0].created) }
  const event = [newId('evt'), created, 'payment_method.attached', JSON.stringify(row), null, requestId, key]
  await run('event', [account, ...event])
  const body = toBody(
    paymentMethodToObject({ version: '2022-11-15', livemode: false, publishable: false }, row)
  )
  await run('keep', [account, key, 200, body])
  return body
}

const statements = {
  claim: `insert into payment_vault.idempotency_keys
      (account_id, key, created, endpoint, parameters, request_id, version)
    values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing returning key`,
  customer: `select 1 from payment_vault.customers
    where account_id = $1 and id = $2 and not deleted for key share`,
  attach: `update payment_vault.payment_methods set state = 'attached', customer_id = $3
    where account_id = $1 and id = $2 and state = 'unattached' and not verify
    returning id, created, type, state, customer_id, details, billing_details, allow_redisplay, metadata`,
  event: 'select payment_vault.write_event($1, $2, $3, $4, $5, $6, $7, $8)',
  keep: 'update payment_vault.idempotency_keys set status = $3, body = $4 where account_id = $1 and key = $2'
}
