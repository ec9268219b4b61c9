import { type Static, type TSchema, Type } from '@sinclair/typebox'
import type { Pool } from 'pg'
import type { Authenticate } from '../../plugins/auth/api-keys'
import type { GuessLimit } from '../../plugins/auth/guess-limit'
import type { RateLimit } from '../../plugins/auth/rate-limit'
import type { BeforeAttach } from '../in-process/before-attach'
import type { PaymentVaultOptions } from './options'
import type { KeyForPages } from '../pages/key-for-pages'
import type { CardProcessor } from '../processor/card-processor'
import type { PaymentProcessor } from '../processor/payment-processor'
import type { RetryDelays } from '../webhooks/schedule/schedule'

const hour = 3600 * 1000
const day = 24 * hour
/** The default retention of both, in milliseconds. */
export const defaultRetention = { keepIdempotencyKeysFor: 25 * hour, keepEventsFor: 30 * day }

/** The maximum delay of a Node.js timer in milliseconds. A timer with a longer delay fires immediately. */
export const longestTimer = 2 ** 31 - 1

// `expected` completes the sentence "the option … must be". `showValue`: the given value is not secret, so the error
// shows it.
const flag = () => Type.Boolean({ expected: 'true or false', showValue: true })
const text = (expected: string, more: object = {}) => Type.String({ minLength: 1, ...more, expected })
const milliseconds = (minimum: number, expected = `milliseconds, ${minimum} or more`) =>
  Type.Number({ minimum, expected, showValue: true })
const timeout = () =>
  Type.Number({
    minimum: 1,
    maximum: longestTimer,
    expected: `milliseconds, from 1 to ${longestTimer}`,
    showValue: true
  })
const callable = <T>() => Type.Unsafe<T>(Type.Function([], Type.Unknown(), { expected: 'a function' }))

/** Describes an object of the host by its methods. They may be inherited; a schema accepts own properties only. */
const withMethods = <T>(expected: string, methods: Methods) =>
  Type.Unsafe<T>(Type.Object({}, { expected, methods }))

/** Whether each method is required; or the methods of a nested object, which is optional as a whole. */
export interface Methods {
  [name: string]: boolean | Methods
}

const cardProcessor = {
  tokenize: true,
  verify: true,
  redeem: false,
  sharedPaymentMethod: false,
  tokenizeBankAccount: false,
  payments: { setUp: true, authorize: true, capture: true, cancel: true, refund: true, authenticated: false }
} satisfies Record<Exclude<keyof CardProcessor, 'keyless'>, unknown> & {
  payments: Record<keyof PaymentProcessor, boolean>
}
const delays = Type.Optional(
  Type.Array(milliseconds(0), { expected: 'an array of the milliseconds before each retry' })
)

const page = () =>
  Type.Unsafe<boolean | KeyForPages>(
    Type.Union(
      [
        Type.Boolean(),
        Type.Object(
          { secretKey: Type.Optional(Type.Union([Type.Undefined(), Type.String({ pattern: '^sk_test_' })])) },
          { additionalProperties: false }
        )
      ],
      { expected: 'true, false, or an object with a secretKey that begins with sk_test_' }
    )
  )

const callsPerSecond = Type.Union([Type.Undefined(), Type.Number({ exclusiveMinimum: 0 })])

/** The schema of each option in `PaymentVaultOptions`. */
export const optionSchemas = {
  pool: withMethods<Pool>('a pool of pg', { connect: true, query: true }),
  connectionString: text('a URL such as postgresql://user:password@host:5432/database'),
  maxConnections: Type.Integer({ minimum: 1, expected: 'a whole number, 1 or more', showValue: true }),
  databaseTimeout: timeout(),
  schema: text('the name of a Postgres schema, of up to 63 characters, that does not begin with pg_', {
    pattern: '^(?!pg_)[^\\0]{1,63}$',
    showValue: true
  }),
  migrate: Type.Union([Type.Literal('auto'), Type.Literal('check'), Type.Literal('off')], {
    expected: "'auto', 'check' or 'off'",
    showValue: true
  }),
  fingerprintKey: Type.Unsafe<string | Buffer>(
    Type.Union([Type.String(), Type.Uint8Array()], { expected: 'a string or a Buffer of 16 bytes or more' })
  ),
  processor: withMethods<CardProcessor>('an object with the methods of a CardProcessor', cardProcessor),
  processorTimeout: timeout(),
  beforeAttach: callable<BeforeAttach>(),
  beforeAttachTimeout: timeout(),
  decorateAs: text('a name for app.paymentVault', { showValue: true }),
  authenticate: callable<Authenticate>(),
  defaultVersion: text('an API version such as 2022-11-15', { showValue: true }),
  publicUrl: text('a URL such as https://example.com/billing, without a query'),
  jsonBodies: flag(),
  openapi: flag(),
  preparedStatements: flag(),
  rowLevelSecurity: flag(),
  shareTransactions: flag(),
  keepIdempotencyKeysFor: milliseconds(day, `milliseconds, ${day} (24 hours) at least`),
  keepEventsFor: milliseconds(4 * day, `milliseconds, ${4 * day} (four days) at least`),
  deliverWebhooks: flag(),
  webhookRetries: Type.Unsafe<RetryDelays>(
    Type.Object(
      { test: delays, live: delays },
      { additionalProperties: false, expected: 'an object with test or live or both' }
    )
  ),
  rememberKeysFor: milliseconds(0),
  limitKeyGuesses: Type.Unsafe<GuessLimit | false>(
    Type.Union(
      [
        Type.Literal(false),
        Type.Object(
          { atOnce: Type.Number({ minimum: 1 }), perMinute: Type.Number({ minimum: 0 }) },
          { additionalProperties: false }
        )
      ],
      { expected: 'false, or an object with atOnce (1 or more) and perMinute (0 or more)' }
    )
  ),
  rateLimit: Type.Unsafe<RateLimit>(
    Type.Object(
      { reads: Type.Optional(callsPerSecond), writes: Type.Optional(callsPerSecond) },
      { additionalProperties: false, expected: 'an object with reads or writes or both, each above 0' }
    )
  ),
  docs: page(),
  inspector: page(),
  liveMode: flag()
} satisfies Record<keyof PaymentVaultOptions, TSchema>

/** The names of options whose type and schema differ; `never` if all agree. */
type Disagreeing = {
  [Name in keyof typeof optionSchemas]: Same<
    Exclude<Required<PaymentVaultOptions>[Name], undefined>,
    Static<(typeof optionSchemas)[Name]>
  > extends true
    ? never
    : Name
}[keyof typeof optionSchemas]
type Same<A, B> = [A, B] extends [B, A] ? true : false

/** The schema of all options. If a type and its schema differ, the compiler error names the option. */
export const OptionsSchema: [Disagreeing] extends [never] ? TSchema : Disagreeing = Type.Object({
  ...Type.Partial(Type.Object(optionSchemas)).properties,
  fingerprintKey: optionSchemas.fingerprintKey
})
