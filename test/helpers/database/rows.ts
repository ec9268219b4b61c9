import type { TestVault } from '../vault'

type Json = Record<string, unknown>

/** An event as it is stored. */
export interface EventRow {
  account_id: string
  type: string
  object: Json
  previous_attributes: Json | null
  request_id: string | null
  idempotency_key: string | null
}

/** The events of one object, by its id, in the order of their writing. */
export async function eventsOf(vault: Pick<TestVault, 'db'>, id: string): Promise<EventRow[]> {
  const found = await vault.db.pool.query<EventRow>(
    `select account_id, type, object, previous_attributes, request_id, idempotency_key
     from payment_vault.events where object->>'id' = $1 order by created, id`,
    [id]
  )
  return found.rows
}

/** Every table that calls change. */
export const tables = [
  'customers',
  'payment_methods',
  'events',
  'idempotency_keys',
  'setup_intents',
  'setup_attempts',
  'payment_intents',
  'charges',
  'refunds',
  'tokens',
  'operations',
  'claims',
  'webhook_endpoints',
  'webhook_deliveries'
] as const

/** All that calls can change, as text: equal before and after means that nothing was written. */
export async function everyRow(vault: Pick<TestVault, 'db'>): Promise<string> {
  const texts = tables.map(async (table) => {
    const found = await vault.db.pool.query<{ row: string }>(
      `select r::text as row from payment_vault.${table} r order by r::text`
    )
    return [table, ...found.rows.map(({ row }) => row)].join('\n')
  })
  return (await Promise.all(texts)).join('\n')
}

/** Puts a payment method into a state that no call of the tests leads to. */
export async function setState(vault: Pick<TestVault, 'db'>, id: string, state: string): Promise<void> {
  await vault.db.pool.query(
    'update payment_vault.payment_methods set state = $2, customer_id = null where id = $1',
    [id, state]
  )
}
