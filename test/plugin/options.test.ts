import Fastify from 'fastify'
import postgres from '@fastify/postgres'
import pg from 'pg'
import t from 'tap'
import { paymentVault, type PaymentVaultOptions, testProcessor } from '../../src/index'
import { optionSchemas } from '../../src/plugin/options-schema'
import { newDatabase } from '../helpers/database/database'
import { fingerprintKey } from '../helpers/vault'

/** What registering says; undefined where it goes well. */
async function registering(options: object): Promise<string | undefined> {
  const app = Fastify()
  try {
    await app.register(paymentVault, options as PaymentVaultOptions)
    return undefined
  } catch (error) {
    return (error as Error).message
  } finally {
    await app.close()
  }
}

/** A pool that tells of any use. */
const untouched = (t: { fail: (message: string) => unknown }): pg.Pool => {
  const pool = new pg.Pool()
  return Object.assign(pool, {
    connect: () => t.fail('the database was asked'),
    query: () => t.fail('the database was asked')
  })
}

const processor = testProcessor({ fingerprintKey })
const timer = 'milliseconds, from 1 to 2147483647'
const secret = 'a secret of somebody'

// Every option, wrong at least once, with the end of its sentence.
const wrong: Record<keyof typeof optionSchemas, [value: unknown, sentence: string, name?: string][]> = {
  pool: [
    [{}, 'is missing: it must be a function', 'pool.connect'],
    [secret, 'must be a pool of pg'],
    [null, 'must be a pool of pg']
  ],
  connectionString: [
    ['', 'must be a URL such as postgresql://user:password@host:5432/database'],
    [{ password: secret }, 'must be a URL such as postgresql://user:password@host:5432/database']
  ],
  maxConnections: [
    [0, 'must be a whole number, 1 or more, not 0'],
    [1.5, 'must be a whole number, 1 or more, not 1.5'],
    ['4', "must be a whole number, 1 or more, not '4'"]
  ],
  schema: ['', 'pg_vault', 'a'.repeat(64)].map((name) => [
    name,
    `must be the name of a Postgres schema, of up to 63 characters, that does not begin with pg_, not '${name}'`
  ]),
  migrate: [
    ['never', "must be 'auto', 'check' or 'off', not 'never'"],
    [true, "must be 'auto', 'check' or 'off', not true"]
  ],
  fingerprintKey: [
    ['fifteen bytes !', 'must be a string or a Buffer of 16 bytes or more'],
    [Buffer.alloc(15), 'must be a string or a Buffer of 16 bytes or more'],
    [1234567890123456, 'must be a string or a Buffer of 16 bytes or more'],
    [undefined, 'is missing: it must be a string or a Buffer of 16 bytes or more']
  ],
  processor: [
    [secret, 'must be an object with the methods of a CardProcessor'],
    [{ tokenize: processor.tokenize }, 'is missing: it must be a function', 'processor.verify'],
    [{ ...processor, redeem: secret }, 'must be a function', 'processor.redeem'],
    [
      { ...processor, payments: { ...processor.payments, refund: null } },
      'must be a function',
      'processor.payments.refund'
    ]
  ],
  processorTimeout: [
    [0, `must be ${timer}, not 0`],
    [2 ** 31, `must be ${timer}, not 2147483648`],
    [NaN, `must be ${timer}, not NaN`]
  ],
  beforeAttach: [[{}, 'must be a function']],
  beforeAttachTimeout: [[-1, `must be ${timer}, not -1`]],
  databaseTimeout: [[0, `must be ${timer}, not 0`]],
  decorateAs: [['', "must be a name for app.paymentVault, not ''"]],
  authenticate: [['sk_test_123', 'must be a function']],
  defaultVersion: [
    ['yesterday', 'must be an API version such as 2022-11-15'],
    [20221115, 'must be an API version such as 2022-11-15, not 20221115']
  ],
  publicUrl: ['example.com', 'ftp://example.com', 'https://example.com/?a=b', `https://a:${secret}@b.c`].map(
    (url) => [url, 'must be a URL such as https://example.com/billing, without a query']
  ),
  jsonBodies: [['yes', "must be true or false, not 'yes'"]],
  openapi: [[1, 'must be true or false, not 1']],
  preparedStatements: [[null, 'must be true or false, not null']],
  rowLevelSecurity: [['on', "must be true or false, not 'on'"]],
  shareTransactions: [[0, 'must be true or false, not 0']],
  keepIdempotencyKeysFor: [0, -1, NaN, 24 * 3600 * 1000 - 1].map((value) => [
    value,
    `must be milliseconds, 86400000 (24 hours) at least, not ${value}`
  ]),
  keepEventsFor: [0, NaN, 4 * 24 * 3600 * 1000 - 1].map((value) => [
    value,
    `must be milliseconds, 345600000 (four days) at least, not ${value}`
  ]),
  deliverWebhooks: [['off', "must be true or false, not 'off'"]],
  webhookRetries: [
    [[1, 2], 'must be an object with test or live or both'],
    [{ tset: [1] }, 'must be an object with test or live or both'],
    [{ test: 1 }, 'must be an array of the milliseconds before each retry', 'webhookRetries.test'],
    [{ live: [1, -1] }, 'must be milliseconds, 0 or more, not -1', 'webhookRetries.live.1']
  ],
  rememberKeysFor: [[-1, 'must be milliseconds, 0 or more, not -1']],
  limitKeyGuesses: [
    [true, 'must be false, or an object with atOnce (1 or more) and perMinute (0 or more)'],
    [{ atOnce: 1 }, 'must be false, or an object with atOnce (1 or more) and perMinute (0 or more)']
  ],
  rateLimit: [[5, 'must be an object with reads or writes or both, each above 0']],
  docs: [
    ['yes', 'must be true, false, or an object with a secretKey that begins with sk_test_'],
    [
      { secretKey: 'sk_live_1' },
      'must be true, false, or an object with a secretKey that begins with sk_test_'
    ]
  ],
  inspector: [[1, 'must be true, false, or an object with a secretKey that begins with sk_test_']],
  liveMode: [['off', "must be true or false, not 'off'"]]
}

t.test('tells in one sentence which option is wrong, before the database is asked', async (t) => {
  const pool = untouched(t)
  for (const option of Object.keys(optionSchemas) as (keyof typeof optionSchemas)[]) {
    t.ok(wrong[option].length > 0, option)
    for (const [value, sentence, name = option] of wrong[option]) {
      const options = { ...(option !== 'connectionString' && { pool }), fingerprintKey, [option]: value }
      const said = await registering(options)
      t.equal(said, `fastify-payment-vault: the option \`${name}\` ${sentence}.`)
      t.notMatch(said, secret)
    }
  }
})

t.test('tells which options do not go together', async (t) => {
  const pool = untouched(t)
  const week = 7 * 24 * 3600 * 1000
  const sentences: [options: object, sentence: string][] = [
    [
      { connectionString: 'postgresql://' },
      'the option `connectionString` must be left out where `pool` is given.'
    ],
    ...[{ keepEventsFor: week - 1, keepIdempotencyKeysFor: week }, { keepIdempotencyKeysFor: 5 * week }].map(
      (kept): [object, string] => [
        kept,
        'the option `keepEventsFor` must be for as long as idempotency keys are kept (`keepIdempotencyKeysFor`), or longer.'
      ]
    )
  ]
  for (const [options, sentence] of sentences) {
    t.equal(await registering({ pool, fingerprintKey, ...options }), `fastify-payment-vault: ${sentence}`)
  }
})

t.test('refuses an option that it does not have, and tells the one that was meant', async (t) => {
  const pool = untouched(t)
  const sentences = {
    fingerPrintKey: 'fastify-payment-vault has no option `fingerPrintKey`; did you mean `fingerprintKey`?',
    publicURL: 'fastify-payment-vault has no option `publicURL`; did you mean `publicUrl`?',
    preffix: 'fastify-payment-vault has no option `preffix`; did you mean `prefix`?',
    currency: 'fastify-payment-vault has no option `currency`.',
    constructor: 'fastify-payment-vault has no option `constructor`.'
  }
  for (const [name, sentence] of Object.entries(sentences)) {
    t.equal(await registering({ pool, fingerprintKey, [name]: secret }), sentence)
  }
})

t.test('takes what each option may be, none of them, and what Fastify itself reads', async (t) => {
  const { pool } = await newDatabase(t)
  const day = 24 * 3600 * 1000
  const all: Required<Omit<PaymentVaultOptions, 'connectionString'>> = {
    pool,
    maxConnections: 2,
    schema: 'payment_vault',
    migrate: 'check',
    fingerprintKey: Buffer.alloc(16, 'key'),
    processor,
    processorTimeout: 1,
    beforeAttach: () => undefined,
    beforeAttachTimeout: 2 ** 31 - 1,
    databaseTimeout: 2 ** 31 - 1,
    decorateAs: 'vault',
    authenticate: () => ({ account: 'acct_1', livemode: false }),
    defaultVersion: '2026-07-29.dahlia',
    publicUrl: 'https://example.com/billing/',
    jsonBodies: false,
    openapi: true,
    preparedStatements: true,
    rowLevelSecurity: false,
    shareTransactions: false,
    keepIdempotencyKeysFor: 4 * day,
    keepEventsFor: 4 * day,
    deliverWebhooks: false,
    webhookRetries: { test: [], live: [0, 1] },
    rememberKeysFor: 0,
    limitKeyGuesses: false,
    rateLimit: { reads: 0.5 },
    docs: true,
    inspector: { secretKey: 'sk_test_1' },
    liveMode: false
  }
  t.equal(
    await registering({ ...all, prefix: '/billing', logLevel: 'silent', logSerializers: {} }),
    undefined
  )
  const none = Object.fromEntries(Object.keys(all).map((name) => [name, undefined]))
  t.equal(await registering({ ...none, pool, fingerprintKey }), undefined)
})

t.test('a class with the methods is a processor', async (t) => {
  class Acquirer {
    tokenize = processor.tokenize
    verify() {
      return Promise.resolve(undefined)
    }
  }
  const { pool } = await newDatabase(t)
  t.equal(await registering({ pool, fingerprintKey, processor: new Acquirer() }), undefined)
})

t.test('takes the database from `pool`, `connectionString` or @fastify/postgres', async (t) => {
  const { pool, url } = await newDatabase(t)
  t.equal(await registering({ pool, fingerprintKey }), undefined)
  t.equal((await pool.query('select 1')).rowCount, 1, 'the host’s pool was not ended')
  t.equal(await registering({ connectionString: url, fingerprintKey }), undefined)

  const app = Fastify()
  await app.register(postgres, { connectionString: url })
  await app.register(paymentVault, { fingerprintKey })
  t.equal((await app.inject('/v1/customers')).statusCode, 401)
  let ended = 0
  const end = app.pg.pool.end.bind(app.pg.pool)
  app.pg.pool.end = ((done: () => void) => {
    ended++
    end(done)
  }) as never
  await app.close()
  t.equal(ended, 1, 'by the one who opened it')

  const other = Fastify()
  await other.register(postgres, { connectionString: url, name: 'shop' })
  const ways =
    'fastify-payment-vault needs a database: pass `pool` or `connectionString`, or register @fastify/postgres before it (of one with a name, pass `pool: app.pg.<name>.pool`).'
  await t.rejects(Promise.resolve(other.register(paymentVault, { fingerprintKey })), { message: ways })
  await other.close()
  t.equal(await registering({ fingerprintKey }), ways)
})

t.test('tells in one sentence that the database can not be used', async (t) => {
  const { url } = await newDatabase(t, { empty: true })
  const closed = new URL('postgresql://127.0.0.1:9/nowhere')
  t.match(
    await registering({ connectionString: closed.href, fingerprintKey }),
    /^fastify-payment-vault: the database cannot be used: connect ECONNREFUSED 127.0.0.1:9\.$/
  )
  const missing = url.replace(/(\/)\w+(\?|$)/, '$1no_such_database$2')
  t.match(
    await registering({ connectionString: missing, fingerprintKey }),
    /^fastify-payment-vault: the database cannot be used: database "no_such_database" does not exist\.$/
  )
})

t.test('a statement is given up after `databaseTimeout`', async (t) => {
  const { pool } = await newDatabase(t)
  const app = Fastify()
  t.teardown(() => app.close())
  await app.register(paymentVault, {
    pool,
    fingerprintKey,
    databaseTimeout: 200,
    authenticate: () => ({ account: 'acct_1', livemode: false })
  })
  const client = await pool.connect()
  await client.query('begin')
  await client.query('lock table payment_vault.customers')
  // Longer than the option, and far shorter than its default: without the option the call is answered 404.
  const free = setTimeout(() => void client.query('rollback'), 3000)
  const { statusCode } = await app.inject('/v1/customers/cus_1')
  clearTimeout(free)
  await client.query('rollback')
  client.release()
  t.equal(statusCode, 503)
})
