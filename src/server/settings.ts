import { isIP } from 'node:net'
import { resolve } from 'node:path'
import { defaultSchema } from '../../plugins/database/statement'
import { defaultDataFolder } from '../storage/postgres/embedded'
import type { TlsFiles } from './secrets/tls'
import { StartError } from '../storage/start-error'

const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const

/** The settings of the stand-alone server and its commands, from environment variables. */
export interface Settings {
  host: string
  /** The port; 0 picks a free one. */
  port: number
  /** The database; undefined for the embedded Postgres in the data folder. */
  databaseUrl: string | undefined
  /** The folder of the embedded database and the generated keys. */
  dataFolder: string
  /** The binaries of an installed Postgres to run as the embedded one. */
  postgresBinaries: string | undefined
  schema: string
  secretKey: string | undefined
  fingerprintKey: string | undefined
  /** Whether Postgres also separates accounts, by row-level security. */
  rowLevelSecurity: boolean
  /** Whether the server sends webhooks. A `deliver` process can send them instead or in addition. */
  deliverWebhooks: boolean
  /** The files of the certificate and key for HTTPS; undefined for plain HTTP. */
  tls: TlsFiles | undefined
  /** Whether a proxy in front of the server terminates TLS. */
  behindTls: boolean
  /** The addresses and networks of trusted proxies, whose `X-Forwarded-…` headers count. */
  trustProxy: string[] | undefined
  /** The calls per second for each account and mode; undefined for no limit. */
  rateLimit: { reads: number | undefined; writes: number | undefined }
  /** Whether to serve the inspector; undefined: only in test mode on a loopback address. */
  inspector: boolean | undefined
  logLevel: (typeof logLevels)[number]
}

/** Returns a variable's value; undefined if unset or empty. */
type Given = (name: string) => string | undefined

/** Reads the settings from environment variables. An empty variable counts as unset. Throws StartError. */
export function readSettings(env: NodeJS.ProcessEnv): Settings {
  const given: Given = (name) => (env[name] === '' ? undefined : env[name])
  const databaseUrl = databaseUrlOf(given('DATABASE_URL'))
  const folder = given('PAYMENT_VAULT_DATA')
  return {
    host: given('HOST') ?? '127.0.0.1',
    port: portOf(given('PORT') ?? '4242'),
    databaseUrl,
    // The embedded Postgres needs a folder that its user can enter.
    dataFolder:
      folder === undefined && databaseUrl === undefined
        ? defaultDataFolder()
        : resolve(folder ?? '.payment-vault'),
    postgresBinaries: given('PAYMENT_VAULT_PG_BIN'),
    schema: schemaOf(given('PAYMENT_VAULT_SCHEMA') ?? defaultSchema),
    secretKey: secretKeyOf(given('PAYMENT_VAULT_SECRET_KEY')),
    fingerprintKey: fingerprintKeyOf(given('PAYMENT_VAULT_FINGERPRINT_KEY')),
    rowLevelSecurity: rowLevelSecurityOf(given, databaseUrl),
    deliverWebhooks: booleanOf('PAYMENT_VAULT_DELIVER_WEBHOOKS', given, 'true'),
    tls: tlsOf(given('PAYMENT_VAULT_TLS_CERT'), given('PAYMENT_VAULT_TLS_KEY')),
    behindTls: booleanOf('PAYMENT_VAULT_BEHIND_TLS', given, 'false'),
    trustProxy: trustProxyOf(given('PAYMENT_VAULT_TRUST_PROXY')),
    rateLimit: {
      reads: perSecond('PAYMENT_VAULT_READS_PER_SECOND', given),
      writes: perSecond('PAYMENT_VAULT_WRITES_PER_SECOND', given)
    },
    inspector:
      given('PAYMENT_VAULT_INSPECTOR') === undefined
        ? undefined
        : booleanOf('PAYMENT_VAULT_INSPECTOR', given, 'false'),
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

// This error and the next two do not repeat the value: it may contain a password.
function databaseUrlOf(text: string | undefined): string | undefined {
  if (text === undefined || /^postgres(ql)?:\/\//.test(text)) return text
  throw new StartError(
    'DATABASE_URL must begin with postgresql://, as in postgresql://user:password@host:5432/database.'
  )
}

function secretKeyOf(text: string | undefined): string | undefined {
  if (text === undefined || isSecretKey(text)) return text
  throw new StartError(
    'PAYMENT_VAULT_SECRET_KEY must be sk_test_ followed by 8 or more letters, digits, _ or -.'
  )
}

function fingerprintKeyOf(text: string | undefined): string | undefined {
  if (text === undefined || isFingerprintKey(text)) return text
  throw new StartError('PAYMENT_VAULT_FINGERPRINT_KEY must be 16 bytes or longer.')
}

function schemaOf(text: string): string {
  if (/^[A-Za-z_]\w{0,62}$/.test(text) && !text.startsWith('pg_')) return text
  throw new StartError(
    `PAYMENT_VAULT_SCHEMA must be up to 63 letters, digits and _, and not begin with a digit or pg_; it is ${JSON.stringify(text)}.`
  )
}

function booleanOf(name: string, given: Given, fallback: 'true' | 'false'): boolean {
  const text = given(name) ?? fallback
  if (text === 'true' || text === 'false') return text === 'true'
  throw new StartError(`${name} must be true or false, not ${JSON.stringify(text)}.`)
}

function rowLevelSecurityOf(given: Given, databaseUrl: string | undefined): boolean {
  const on = booleanOf('PAYMENT_VAULT_ROW_LEVEL_SECURITY', given, 'false')
  if (!on || databaseUrl !== undefined) return on
  throw new StartError(
    'PAYMENT_VAULT_ROW_LEVEL_SECURITY needs a DATABASE_URL: the embedded database has only a superuser, who bypasses row-level security.'
  )
}

function tlsOf(cert: string | undefined, key: string | undefined): TlsFiles | undefined {
  if (cert === undefined && key === undefined) return undefined
  if (cert !== undefined && key !== undefined) return { cert: resolve(cert), key: resolve(key) }
  throw new StartError(
    'PAYMENT_VAULT_TLS_CERT and PAYMENT_VAULT_TLS_KEY go together: each is the path of a PEM file.'
  )
}

function trustProxyOf(text: string | undefined): Settings['trustProxy'] {
  if (text === undefined) return undefined
  const places = text.split(',').map((place) => place.trim())
  if (places.every(isPlace)) return places
  throw new StartError(
    `PAYMENT_VAULT_TRUST_PROXY must be the addresses or networks of the proxies, as in 10.0.0.0/8,::1 or loopback, not ${JSON.stringify(text)}.`
  )
}

const isPlace = (text: string): boolean => {
  if (['loopback', 'linklocal', 'uniquelocal'].includes(text)) return true
  const [address = '', bits, ...more] = text.split('/')
  const most = isIP(address) === 4 ? 32 : 128
  return (
    isIP(address) !== 0 &&
    more.length === 0 &&
    (bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= most))
  )
}

function perSecond(name: string, given: Given): number | undefined {
  const text = given(name)
  if (text === undefined) return undefined
  if (/^\d{1,6}$/.test(text) && Number(text) > 0) return Number(text)
  throw new StartError(`${name} must be a whole number from 1 to 999999, not ${JSON.stringify(text)}.`)
}

function logLevelOf(text: string): Settings['logLevel'] {
  const level = logLevels.find((known) => known === text)
  if (level !== undefined) return level
  throw new StartError(`LOG_LEVEL must be one of ${logLevels.join(', ')}, not ${JSON.stringify(text)}.`)
}
