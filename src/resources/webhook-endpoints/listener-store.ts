import { type Queryable, statement } from '../../../plugins/database/statement'
import { newId } from '../../protocol/values/ids'
import { now } from '../../protocol/values/time'
import { firstGeneration } from './secret'
import { type WebhookEndpointRow, webhookEndpoints } from './store'

/** Whoever listens at a terminal, as an endpoint that no call sees. No event types means all of them. */
export const newListener = (account: string, url: string, events: string[]): WebhookEndpointRow => ({
  account_id: account,
  id: newId('we'),
  created: now(),
  url,
  api_version: null,
  description: null,
  enabled_events: events.length > 0 ? events : ['*'],
  status: 'enabled',
  metadata: {},
  secret_generation: firstGeneration,
  previous_secret_until: null,
  // It is not there yet.
  listens_until: 0
})

/** Says that it is there until that second since 1970. Also again, and where it was taken for gone meanwhile. */
export const keepListening = (db: Queryable, row: WebhookEndpointRow, until: number): Promise<void> =>
  keep(db, row.account_id, { ...row, listens_until: until })

/** What waits for it is never sent. */
export async function removeListener(db: Queryable, account: string, id: string): Promise<void> {
  await db.query(remove, [account, id])
}

/** Removes those that left without a word. */
export async function removeGone(db: Queryable, account: string, nowSeconds: number): Promise<void> {
  await db.query(removeOthers, [account, nowSeconds])
}

const keep = webhookEndpoints.upsert('keep_listening', 'listens_until')

const remove = statement(
  'remove_listener',
  `delete from payment_vault.webhook_endpoints
   where account_id = $1 and id = $2 and listens_until is not null`
)

const removeOthers = statement(
  'remove_gone_listeners',
  'delete from payment_vault.webhook_endpoints where account_id = $1 and listens_until < $2'
)
