import type { Pool } from 'pg'
import type { LoadCall } from './calls'

/** Calls that were not answered as the rules have it, nor refused because too much went on; or not in time. */
export const badlyAnswered = (calls: readonly LoadCall[], within: number): LoadCall[] =>
  calls.filter(({ heard, statuses }) => {
    if (!heard || heard.took > within) return true
    if (isBusy(heard)) return false
    return !statuses.includes(heard.status) || !hasShape(heard)
  })

/** 429 for what had to wait for too long or found no room, 503 for what the database could not do. */
export function isBusy({ status, text }: { status: number; text: string }): boolean {
  if (status !== 429 && status !== 503) return false
  const { error } = parsed(text)
  return status === 429 ? error?.code === 'lock_timeout' : error?.type === 'api_error'
}

function hasShape({ status, text }: { status: number; text: string }): boolean {
  const { object, error } = parsed(text)
  return status === 200 ? typeof object === 'string' : typeof error?.type === 'string'
}

interface Body {
  id?: string
  object?: string
  error?: { type?: string; code?: string }
}

function parsed(text: string): Body {
  try {
    return JSON.parse(text) as Body
  } catch {
    return {}
  }
}

/** What was acknowledged and is not there with its events; and what was never answered, and yet was done. */
export async function judgeDatabase(
  pool: Pool,
  calls: readonly LoadCall[]
): Promise<{ acknowledged: number; missing: LoadCall[]; unanswered: LoadCall[] }> {
  const { rows: events } = await pool.query<{ key: string; event: string }>(
    `select idempotency_key as key, type || ' ' || (object->>'id') as event from payment_vault.events
     where idempotency_key is not null`
  )
  const told = new Map<string, Set<string>>()
  for (const { key, event } of events) told.set(key, (told.get(key) ?? new Set()).add(event))
  const keys = new Set(
    (await pool.query<{ key: string }>('select key from payment_vault.idempotency_keys')).rows.map(
      ({ key }) => key
    )
  )
  const there = new Set<string>()
  for (const table of ['customers', 'payment_methods', 'setup_intents']) {
    const { rows } = await pool.query<{ id: string }>(`select id from payment_vault.${table}`)
    for (const { id } of rows) there.add(`${table} ${id}`)
  }
  const isThere = ({ key, made, events, heard }: LoadCall): boolean => {
    const { id = '' } = parsed(heard?.text ?? '')
    return (
      keys.has(key) &&
      (made === undefined || there.has(`${made} ${id}`)) &&
      events.every(([type, of]) => told.get(key)?.has(`${type} ${of ?? id}`))
    )
  }
  const posts = calls.filter(({ method }) => method === 'POST')
  const acknowledged = posts.filter(({ heard }) => heard?.status === 200)
  return {
    acknowledged: acknowledged.length,
    missing: acknowledged.filter((call) => !isThere(call)),
    unanswered: posts.filter(({ heard, key }) => !heard && (keys.has(key) || told.has(key)))
  }
}
