import { resources } from '../../resources/index'
import { keyFor } from '../../protocol/values/derived-secret'

/** The first line of an export. */
export interface ExportHead {
  format: typeof exportFormat
  account: string
  /** The last applied migration of the schema. */
  migration: string
  /** A value derived from the fingerprint key, which does not reveal the key. */
  fingerprint_key_check: string
}

export const exportFormat = 'fastify-payment-vault account'

/** Returns the check of a fingerprint key. Fingerprints, client secrets and webhook secrets depend on the key. */
export const keyCheck = (fingerprintKey: string): string =>
  keyFor('export', fingerprintKey).toString('hex').slice(0, 16)

/** The tables with rows of an account that belong to no resource. */
const otherTables = ['operations', 'claims', 'webhook_deliveries', 'idempotency_keys'] as const

/** The tables with rows of an account in one mode (`acct_…:test`), in export order. */
export const accountTables = [...Object.values(resources).map(({ plural }) => plural), ...otherTables]

/** The tables with rows of an account in both modes: the account and the hashes of its keys. */
export const ownTables = { accounts: 'id', api_keys: 'account_id' } as const

export type ExportedTable = keyof typeof ownTables | (typeof accountTables)[number]

export const isExported = (name: string): name is ExportedTable =>
  name in ownTables || (accountTables as readonly string[]).includes(name)
