import { isIP } from 'node:net'
import { resolve } from 'node:path'
import { defaultSchema } from '../../plugins/database/database'
import { defaultDataFolder } from '../storage/postgres/embedded'
import type { TlsFiles } from './secrets/tls'
import { StartError } from '../storage/start-error'

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
  /** Whether the database keeps accounts apart as well. */
  rowLevelSecurity: boolean
  /** Whether the server sends webhooks; a process of its own may, instead or as well. */
  deliverWebhooks: boolean
  /** Files of the certificate and the key that the server answers HTTPS with; undefined: plain HTTP. */
  tls: TlsFiles | undefined
  /** TLS ends at a proxy in front of the server. */
  behindTls: boolean
  /** Addresses and networks of the proxies whose word about where a call came from is taken. */
  trustProxy: string[] | undefined
  /** Calls a second that an account may make in each mode; undefined: any number. */
  rateLimit: { reads: number | undefined; writes: number | undefined }
  /** Whether the inspector page is served; undefined: in test mode, where nobody but this machine can reach it. */
  inspector: boolean | undefined
  logLevel: (typeof logLevels)[number]
}

/** A variable's value; undefined for one that is unset or empty. */
type Given = (name: string) => string | undefined

/** Reads the settings from environment variables; an empty one counts as unset. Throws StartError. */
export function readSettings(env: NodeJS.ProcessEnv): Settings {
  const given: Given = (name) => (env[name] === '' ? undefined : env[name])
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
    rowLevelSecurity: rowLevelSecurityOf(given, databaseUrl),
    deliverWebhooks: yesOrNo('PAYMENT_VAULT_DELIVER_WEBHOOKS', given, 'true'),
    tls: tlsOf(given('PAYMENT_VAULT_TLS_CERT'), given('PAYMENT_VAULT_TLS_KEY')),
    behindTls: yesOrNo('PAYMENT_VAULT_BEHIND_TLS', given, 'false'),
    trustProxy: trustProxyOf(given('PAYMENT_VAULT_TRUST_PROXY')),
    rateLimit: {
      reads: perSecond('PAYMENT_VAULT_READS_PER_SECOND', given),
      writes: perSecond('PAYMENT_VAULT_WRITES_PER_SECOND', given)
    },
    inspector:
      given('PAYMENT_VAULT_INSPECTOR') === undefined
        ? undefined
        : yesOrNo('PAYMENT_VAULT_INSPECTOR', given, 'false'),
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

function yesOrNo(name: string, given: Given, usual: 'true' | 'false'): boolean {
  const text = given(name) ?? usual
  if (text === 'true' || text === 'false') return text === 'true'
  throw new StartError(`${name} must be true or false, not ${JSON.stringify(text)}.`)
}

function rowLevelSecurityOf(given: Given, databaseUrl: string | undefined): boolean {
  const on = yesOrNo('PAYMENT_VAULT_ROW_LEVEL_SECURITY', given, 'false')
  if (!on || databaseUrl !== undefined) return on
  throw new StartError(
    'PAYMENT_VAULT_ROW_LEVEL_SECURITY needs a database of your own in DATABASE_URL: the embedded one is used by its superuser, whom nothing binds.'
  )
}

function tlsOf(cert: string | undefined, key: string | undefined): TlsFiles | undefined {
  if (cert === undefined && key === undefined) return undefined
  if (cert !== undefined && key !== undefined) return { cert: resolve(cert), key: resolve(key) }
  throw new StartError(
    'PAYMENT_VAULT_TLS_CERT and PAYMENT_VAULT_TLS_KEY go together: each names a file, as PEM.'
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
