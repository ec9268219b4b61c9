import { resolve } from 'node:path'
import { defaultSchema } from '../plugins/database'
import { defaultDataFolder } from './embedded-postgres'
import { StartError } from './start-error'

const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const

/** Everything that the stand-alone server and its commands are told from outside. */
export interface Settings {
  host: string
  /** 0 picks a free one. */
  port: number
  /** Undefined: a Postgres of our own, in the data folder. */
  databaseUrl: string | undefined
  /** The embedded database, and the keys that nobody has set, are kept here. */
  dataFolder: string
  /** An installed Postgres to run as the embedded one. */
  postgresBinaries: string | undefined
  schema: string
  secretKey: string | undefined
  fingerprintKey: string | undefined
  /** Whether the server sends webhooks; a process of its own may, instead or as well. */
  deliverWebhooks: boolean
  logLevel: (typeof logLevels)[number]
}

/** Reads the settings from environment variables; an empty one counts as unset. Throws StartError. */
export function readSettings(env: NodeJS.ProcessEnv): Settings {
  const given = (name: string): string | undefined => (env[name] === '' ? undefined : env[name])
  const databaseUrl = databaseUrlOf(given('DATABASE_URL'))
  const folder = given('PAYMENT_VAULT_DATA')
  return {
    host: given('HOST') ?? '127.0.0.1',
    port: portOf(given('PORT') ?? '4242'),
    databaseUrl,
    // Only an embedded Postgres needs a folder that the database's user can enter.
    dataFolder:
      folder === undefined && databaseUrl === undefined
        ? defaultDataFolder()
        : resolve(folder ?? '.payment-vault'),
    postgresBinaries: given('PAYMENT_VAULT_PG_BIN'),
    schema: schemaOf(given('PAYMENT_VAULT_SCHEMA') ?? defaultSchema),
    secretKey: secretKeyOf(given('PAYMENT_VAULT_SECRET_KEY')),
    fingerprintKey: fingerprintKeyOf(given('PAYMENT_VAULT_FINGERPRINT_KEY')),
    deliverWebhooks: deliverWebhooksOf(given('PAYMENT_VAULT_DELIVER_WEBHOOKS') ?? 'true'),
    logLevel: logLevelOf(given('LOG_LEVEL') ?? 'warn')
  }
}

export const isSecretKey = (text: string): boolean => /^sk_test_[\w-]{8,}$/.test(text)
export const isFingerprintKey = (text: string): boolean => Buffer.byteLength(text) >= 16

function portOf(text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65535) return Number(text)
  throw new StartError(
    `PORT must be a whole number from 0 to 65535 (0 picks a free port), not ${JSON.stringify(text)}.`
  )
}

// What it says is not repeated here or in the next two: there may be a password in it.
function databaseUrlOf(text: string | undefined): string | undefined {
  if (text === undefined || /^postgres(ql)?:\/\//.test(text)) return text
  throw new StartError(
    'DATABASE_URL must begin with postgresql://, as in postgresql://user:password@host:5432/database.'
  )
}

function secretKeyOf(text: string | undefined): string | undefined {
  if (text === undefined || isSecretKey(text)) return text
  throw new StartError(
    'PAYMENT_VAULT_SECRET_KEY must be sk_test_ and 8 or more letters, digits, _ or - behind it.'
  )
}

function fingerprintKeyOf(text: string | undefined): string | undefined {
  if (text === undefined || isFingerprintKey(text)) return text
  throw new StartError('PAYMENT_VAULT_FINGERPRINT_KEY must be 16 bytes or longer.')
}

function schemaOf(text: string): string {
  if (/^[A-Za-z_]\w{0,62}$/.test(text) && !text.startsWith('pg_')) return text
  throw new StartError(
    `PAYMENT_VAULT_SCHEMA must be a name of up to 63 letters, digits and _ that does not begin with a digit or pg_, not ${JSON.stringify(text)}.`
  )
}

function deliverWebhooksOf(text: string): boolean {
  if (text === 'true' || text === 'false') return text === 'true'
  throw new StartError(`PAYMENT_VAULT_DELIVER_WEBHOOKS must be true or false, not ${JSON.stringify(text)}.`)
}

function logLevelOf(text: string): Settings['logLevel'] {
  const level = logLevels.find((known) => known === text)
  if (level !== undefined) return level
  throw new StartError(`LOG_LEVEL must be one of ${logLevels.join(', ')}, not ${JSON.stringify(text)}.`)
}
