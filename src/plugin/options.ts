import type { KeyForPages } from '../pages/key-for-pages'
import type { Pool } from 'pg'
import type { Authenticate } from '../../plugins/auth/api-keys'
import type { GuessLimit } from '../../plugins/auth/guess-limit'
import type { RateLimit } from '../../plugins/auth/rate-limit'
import type { BeforeAttach } from '../in-process/before-attach'
import type { CardProcessor } from '../processor/card-processor'
import type { RetryDelays } from '../webhooks/schedule/schedule'

/** Everything that the plugin takes; `prefix` is Fastify's own. */
export interface PaymentVaultOptions {
  /** The host's pool of connections. It is used, and never ended. */
  pool?: Pool | undefined
  /** A database's URL, for a pool of the plugin's own, which is ended with the app. */
  connectionString?: string | undefined
  /**
   * How many connections of the pool the vault uses at once, so that the host's own queries always find one: half of
   * a pool that it is given (rounded up), all of a pool of its own. Whoever waits for one longer than five seconds is
   * answered 429. Mounts on the same pool count together.
   */
  maxConnections?: number | undefined
  /**
   * Milliseconds for which a statement's answer is waited for; 15,000 by default. After that the connection counts as
   * dead, and the caller is answered 503, to try again under the same key. Statements wait for locks for up to ten
   * seconds: with less, some of what would be a 429 is a 503. How long a connection is waited for is the pool's own
   * to say (`connectionTimeoutMillis`, five seconds with a `connectionString`).
   */
  databaseTimeout?: number | undefined
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
  /**
   * Milliseconds for which the processor's answer about money or a set-up is waited for; 20,000 by default. After
   * that the caller is told to try again, and the processor is asked again under the same key.
   */
  processorTimeout?: number | undefined
  /**
   * Called in the transaction of each attach that takes effect, before the commit: for rows of the host's own that
   * commit with it, and to refuse it (`AttachRefused`). It may run more than once for one attach: only what it does
   * through its `tx` is undone then. With it an attach takes four trips to the database instead of one.
   */
  beforeAttach?: BeforeAttach | undefined
  /** Milliseconds after which `beforeAttach` is given up and the attach undone; 10,000 by default. */
  beforeAttachTimeout?: number | undefined
  /** What the app knows the vault by, which `app.paymentVault.on(…)` is called on: `paymentVault` by default. */
  decorateAs?: string | undefined
  /** Who is calling, by the host's own rules; by default the API keys in the database. */
  authenticate?: Authenticate | undefined
  /** The API version of a call without a `Stripe-Version` header; `2022-11-15` by default. */
  defaultVersion?: string | undefined
  /**
   * Where people reach the vault, with its prefix (`https://example.com/billing`), for links to its authentication
   * page; by default where the call came in.
   */
  publicUrl?: string | undefined
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
   * Whether the database itself keeps accounts apart as well, by row-level security: a second wall, should a statement of
   * the vault's ever miss its own. It binds no superuser and no role with `BYPASSRLS`, and the app does not start with
   * one. With `migrate: 'auto'` it is turned on in the tables, of which the role must be the owner. False by default.
   */
  rowLevelSecurity?: boolean | undefined
  /**
   * Whether calls that arrive while the database is busy share the next transaction: attaches and detaches, new payment
   * methods, new customers. More than twice as many get done so, and a call that is alone takes no longer. True by
   * default.
   */
  shareTransactions?: boolean | undefined
  /**
   * Milliseconds for which an idempotency key is good at least, a day or more; a day and an hour by default. Soon
   * after, it is removed and free again.
   */
  keepIdempotencyKeysFor?: number | undefined
  /**
   * Milliseconds for which events are kept at least, four days or more and as long as idempotency keys; 30 days by
   * default. Soon after, they are removed with all that is known of their deliveries.
   */
  keepEventsFor?: number | undefined
  /**
   * Whether this process sends webhooks; true by default. Any number of processes may, or one of its own:
   * `npx fastify-payment-vault deliver`. Where none does they wait.
   */
  deliverWebhooks?: boolean | undefined
  /**
   * Milliseconds from each failed attempt at a webhook to the next, for each mode. By default it is retried in test
   * mode three times (after 1 minute, 30 minutes, 2 hours), in live mode 17 times over three days.
   */
  webhookRetries?: RetryDelays | undefined
  /** Milliseconds for which an API key is remembered, and for which a revoked one may still work; 2000 by default. */
  rememberKeysFor?: number | undefined
  /**
   * How many wrong API keys are looked at that come from one address (of IPv6, one /64) or begin alike, in each process,
   * before the next ones are answered with a 429; `{ atOnce: 100, perMinute: 60 }` by default, `false` for any number.
   * Keys that this process has let in before are never shut out. Behind a proxy set Fastify's `trustProxy`, or all
   * callers share one address.
   */
  limitKeyGuesses?: GuessLimit | false | undefined
  /**
   * How many calls a second an account may make in each mode, before the next ones are answered with a 429; by default
   * as many as it can. Each process counts for itself: with four, an account has four times as many.
   */
  rateLimit?: RateLimit | undefined
  /**
   * Whether to show the API at `<prefix>/docs`, to read and to try out, to anyone who asks; false by default. A test-mode
   * `secretKey` is filled in for whoever opens the page on this machine.
   */
  docs?: boolean | KeyForPages | undefined
  /**
   * Whether to serve `<prefix>/inspector`: requests of test mode as they come in, customers and their cards, events and
   * their deliveries; false by default. It asks for a secret key of test mode; a `secretKey` is handed to whoever opens
   * the page on this machine.
   */
  inspector?: boolean | KeyForPages | undefined
  /** Whether live mode is served; true by default. Without it, whoever calls in it is refused with a 403. */
  liveMode?: boolean | undefined
}
