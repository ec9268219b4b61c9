import type { KeyForPages } from '../pages/key-for-pages'
import type { Pool } from 'pg'
import type { Authenticate } from '../../plugins/auth/api-keys'
import type { GuessLimit } from '../../plugins/auth/guess-limit'
import type { RateLimit } from '../../plugins/auth/rate-limit'
import type { BeforeAttach } from '../in-process/before-attach'
import type { CardProcessor } from '../processor/card-processor'
import type { RetryDelays } from '../webhooks/schedule/schedule'

/** The options of the plugin. Fastify adds `prefix`. */
export interface PaymentVaultOptions {
  /** The host's `pg` pool. The plugin never ends it. */
  pool?: Pool | undefined
  /** A database URL. The plugin opens its own pool and ends it when the app closes. */
  connectionString?: string | undefined
  /**
   * The maximum number of connections that the vault uses at the same time. Default: half of the host's pool, rounded
   * up, so that the host's queries always find a connection; all of the plugin's own pool. A call that waits longer than
   * five seconds for a connection gets a 429. Mounts on the same pool share the limit.
   */
  maxConnections?: number | undefined
  /**
   * The timeout of a statement in milliseconds; 15,000 by default. After it, the vault closes the connection and answers
   * 503; the caller can retry with the same idempotency key. Statements wait up to ten seconds for locks: a shorter
   * timeout turns some 429 answers into 503. The pool sets the timeout for a connection (`connectionTimeoutMillis`; five
   * seconds with a `connectionString`).
   */
  databaseTimeout?: number | undefined
  /** The Postgres schema of the vault's tables; `payment_vault` by default. */
  schema?: string | undefined
  /**
   * Migrations at start: `auto` applies missing ones, `check` refuses to start without them, `off` does neither. `auto` by
   * default.
   */
  migrate?: 'auto' | 'check' | 'off' | undefined
  /**
   * The secret key of the HMACs for card fingerprints and for comparing idempotent requests: 16 bytes or more. Keep it
   * outside the database, use the same key in every process, and never change it.
   */
  fingerprintKey: string | Buffer
  /** The processor that handles card numbers. Default: the test processor, which accepts the published test cards only. */
  processor?: CardProcessor | undefined
  /**
   * The timeout of the processor for payments and set-ups, in milliseconds; 20,000 by default. After it, the caller gets
   * an error and can retry: the vault then repeats the request to the processor with the same idempotency key.
   */
  processorTimeout?: number | undefined
  /**
   * Runs in the transaction of each attach that takes effect, before the commit. It can write rows of the host that
   * commit with the attach, and refuse the attach (`AttachRefused`). It may run more than once for one attach: Postgres
   * then undoes only what it did through its `tx`. With this hook, an attach takes four database round trips instead of
   * one.
   */
  beforeAttach?: BeforeAttach | undefined
  /** The timeout of `beforeAttach` in milliseconds; 10,000 by default. After it, the vault rolls back the attach. */
  beforeAttachTimeout?: number | undefined
  /** The name of the decorator with the in-process calls, as in `app.paymentVault.on(…)`; `paymentVault` by default. */
  decorateAs?: string | undefined
  /** Authenticates a request by the host's own rules. Default: the API keys in the database. */
  authenticate?: Authenticate | undefined
  /** The API version of a call without a `Stripe-Version` header; `2022-11-15` by default. */
  defaultVersion?: string | undefined
  /**
   * The vault's public base URL with its prefix (`https://example.com/billing`), for links to its authentication page.
   * Default: the URL of the call.
   */
  publicUrl?: string | undefined
  /** Whether bodies can be JSON as well as forms, with the same schemas; true by default. */
  jsonBodies?: boolean | undefined
  /** Whether to serve the OpenAPI document at `<prefix>/openapi.json` without authentication; false by default. */
  openapi?: boolean | undefined
  /**
   * Whether to use named prepared statements, which are faster; false by default. A pooler in transaction mode may not
   * support them.
   */
  preparedStatements?: boolean | undefined
  /**
   * Whether Postgres also separates accounts, by row-level security, in case a statement of the vault lacks its own
   * condition; false by default. Superusers and roles with `BYPASSRLS` bypass it, so the app refuses to start with one.
   * With `migrate: 'auto'` the vault enables it on its tables, which the role must own.
   */
  rowLevelSecurity?: boolean | undefined
  /**
   * Whether calls that arrive while the database is busy share the next transaction; true by default. It applies to
   * attach, detach, and creating payment methods and customers. It more than doubles the throughput, and does not slow
   * down a single call.
   */
  shareTransactions?: boolean | undefined
  /**
   * The minimum retention of idempotency keys in milliseconds, one day or more; 25 hours by default. The vault deletes
   * expired keys soon after.
   */
  keepIdempotencyKeysFor?: number | undefined
  /**
   * The minimum retention of events in milliseconds, four days or more and not less than that of idempotency keys; 30
   * days by default. The vault deletes expired events with their deliveries soon after.
   */
  keepEventsFor?: number | undefined
  /**
   * Whether this process sends webhooks; true by default. Several processes can, and so can a separate one: `npx
   * fastify-payment-vault deliver`. Without any, deliveries wait.
   */
  deliverWebhooks?: boolean | undefined
  /**
   * The delay before each retry of a webhook in milliseconds, by mode. Default: in test mode three retries (after 1
   * minute, 30 minutes, 2 hours), in live mode 17 retries over three days.
   */
  webhookRetries?: RetryDelays | undefined
  /** How long the vault caches an API key, in milliseconds; 2000 by default. A revoked key may work for that long. */
  rememberKeysFor?: number | undefined
  /**
   * The limit on wrong API keys from one address (for IPv6: one /64) or with one beginning, in each process. Above it, the
   * vault answers 429. `{ atOnce: 100, perMinute: 60 }` by default, `false` for no limit. Keys that this process has
   * admitted before are exempt. Behind a proxy, set Fastify's `trustProxy`; otherwise all callers share one address.
   */
  limitKeyGuesses?: GuessLimit | false | undefined
  /**
   * The number of calls per second for each account and mode. Above it, the vault answers 429. No limit by default. Each
   * process counts for itself: four processes allow four times as many.
   */
  rateLimit?: RateLimit | undefined
  /**
   * Whether to serve interactive API documentation at `<prefix>/docs` without authentication; false by default. A
   * test-mode `secretKey` is filled in for browsers on the same machine.
   */
  docs?: boolean | KeyForPages | undefined
  /**
   * Whether to serve `<prefix>/inspector`, which shows live test-mode requests, customers with their cards, events and
   * deliveries; false by default. The page asks for a test-mode secret key. Browsers on the same machine receive
   * `secretKey`.
   */
  inspector?: boolean | KeyForPages | undefined
  /** Whether to serve live mode; true by default. Otherwise live-mode calls get a 403. */
  liveMode?: boolean | undefined
}
