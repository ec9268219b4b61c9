import { keyFor } from '../../protocol/values/derived-secret'

/** The first line of an export. */
export interface ExportHead {
  format: typeof exportFormat
  account: string
  /** The last migration that the schema had. */
  migration: string
  /** Follows from the fingerprint key, and tells nothing of it. */
  fingerprint_key_check: string
}

export const exportFormat = 'fastify-payment-vault account'

/** Fingerprints, client secrets and webhook secrets follow from this key: with another one they would be others. */
export const keyCheck = (fingerprintKey: string): string =>
  keyFor('export', fingerprintKey).toString('hex').slice(0, 16)

/** Every table that has rows of an account in a mode (`acct_…:test`), in the order in which they are written. */
export const accountTables = [
  'customers',
  'payment_methods',
  'tokens',
  'setup_intents',
  'setup_attempts',
  'payment_intents',
  'charges',
  'refunds',
  'operations',
  'claims',
  'webhook_endpoints',
  'events',
  'webhook_deliveries',
  'idempotency_keys'
] as const

/** What is the account's in both modes: the account itself, and its keys, of which there are only hashes. */
export const ownTables = { accounts: 'id', api_keys: 'account_id' } as const

export type ExportedTable = keyof typeof ownTables | (typeof accountTables)[number]

export const isExported = (name: string): name is ExportedTable =>
  name in ownTables || (accountTables as readonly string[]).includes(name)
