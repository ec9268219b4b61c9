import type { Pool } from 'pg'
import type { Authenticate } from '../plugins/authentication'
import type { CardProcessor } from './processor/card-processor'

/** Everything that the plugin takes; `prefix` is Fastify's own. */
export interface PaymentVaultOptions {
  /** The host's pool of connections. It is used, and never ended. */
  pool?: Pool | undefined
  /** A database's URL, for a pool of the plugin's own, which is ended with the app. */
  connectionString?: string | undefined
  /** The Postgres schema that the vault lives in; `payment_vault` by default. */
  schema?: string | undefined
  /**
   * What to do about migrations when the app starts: `auto` applies those that are missing, `check` refuses to start
   * without them, `off` does neither. `auto` by default.
   */
  migrate?: 'auto' | 'check' | 'off' | undefined
  /**
   * The secret that card fingerprints and the comparison of idempotent requests are keyed with: 16 bytes or more,
   * kept outside the database, the same for every process and for good.
   */
  fingerprintKey: string | Buffer
  /** What stands behind the vault and knows card numbers; the test cards' by default, which takes no other card. */
  processor?: CardProcessor | undefined
  /** Who is calling, by the host's own rules; by default the API keys in the database. */
  authenticate?: Authenticate | undefined
  /** The API version of a call without a `Stripe-Version` header; `2022-11-15` by default. */
  defaultVersion?: string | undefined
  /** Whether bodies may be JSON as well as forms, by the same schemas; true by default. */
  jsonBodies?: boolean | undefined
  /** Whether to answer `<prefix>/openapi.json` with the OpenAPI document, to anyone who asks; false by default. */
  openapi?: boolean | undefined
  /**
   * Prepares statements once by name, which is faster. Off by default: poolers that hand a session out by
   * transaction may not keep them.
   */
  preparedStatements?: boolean | undefined
  /**
   * Milliseconds for which an idempotency key is good at least, a day or more; a day and an hour by default. Soon
   * after, it is removed and free again.
   */
  keepIdempotencyKeysFor?: number | undefined
  /** Milliseconds for which an API key is remembered, and for which a revoked one may still work; 2000 by default. */
  rememberKeysFor?: number | undefined
}
