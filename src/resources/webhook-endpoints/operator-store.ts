import { acrossAccounts, type Queryable } from '../../../plugins/database/statement'
import { type WebhookEndpointRow, webhookEndpoints } from './store'

// For an operator at a terminal, who sees every account.

/** By its id alone. */
export const findEndpointAnywhere = async (
  db: Queryable,
  id: string
): Promise<WebhookEndpointRow | undefined> => (await db.query(findRow, [id]))[0]

export const listEveryEndpoint = (db: Queryable): Promise<WebhookEndpointRow[]> => db.query(listRows)

const findRow = acrossAccounts<WebhookEndpointRow & Record<string, unknown>>(
  'find_endpoint_anywhere',
  `select ${webhookEndpoints.columns} from payment_vault.webhook_endpoints where id = $1 and listens_until is null`
)

const listRows = acrossAccounts<WebhookEndpointRow & Record<string, unknown>>(
  'list_every_endpoint',
  `select ${webhookEndpoints.columns} from payment_vault.webhook_endpoints where listens_until is null
   order by account_id, created, id`
)
