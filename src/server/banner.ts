import { referenceCustomer, referencePaymentMethod } from '../resources/accounts/reference-objects'
import type { Secrets } from './secrets/secrets'

interface BannerInput {
  url: string
  secrets: Secrets
  /** Whether the secret key was revoked or has expired. */
  revoked: boolean
  /** The path of the docs page, if served. */
  docs: string | undefined
  /** The path of the inspector, if served. */
  inspector: string | undefined
  /** The location of the data. */
  place: string
  embedded: boolean
  /** Whether other machines can reach the server without TLS. */
  withoutTls: boolean
}

/** Returns the text that the server prints at start: the URL, the key, and a first request to paste. */
export function banner(input: BannerInput): string {
  const { url, secrets, revoked, docs, inspector, place, withoutTls } = input
  const key = revoked ? revokedKey(secrets) : `${secrets.secretKey} (test mode)`
  const attach = `curl ${url}/v1/payment_methods/${referencePaymentMethod}/attach -u ${secrets.secretKey}: -d customer=${referenceCustomer}`
  return [
    '',
    `fastify-payment-vault answers at ${url}`,
    '',
    `  secret key  ${key}`,
    ...(docs === undefined ? [] : [`  docs        ${url}${docs}`]),
    ...(inspector === undefined ? [] : [`  inspector   ${url}${inspector}`]),
    `  data        ${place}`,
    ...secretFileLines(input),
    ...(withoutTls ? tlsWarning : []),
    ...(revoked ? [] : ['', 'Attach a payment method to a customer:', '', attach]),
    ''
  ].join('\n')
}

const tlsWarning = [
  '  warning     Other machines can reach this server without TLS. It refuses live keys.',
  '              To use TLS, set PAYMENT_VAULT_TLS_CERT and PAYMENT_VAULT_TLS_KEY, or PAYMENT_VAULT_BEHIND_TLS.'
]

const revokedKey = ({ files }: Secrets): string =>
  files.secretKey === undefined
    ? 'the key in PAYMENT_VAULT_SECRET_KEY is revoked or expired'
    : `the key in ${files.secretKey} is revoked or expired; remove the file and restart to get a new one`

/** Returns the lines about generated keys. Only an external database can have several servers that must share them. */
function secretFileLines({ embedded, secrets: { files } }: BannerInput): string[] {
  const kept = [files.secretKey, files.fingerprintKey].filter((file) => file !== undefined)
  if (embedded || kept.length === 0) return []
  const variables = [
    ...(files.secretKey === undefined ? [] : ['PAYMENT_VAULT_SECRET_KEY']),
    ...(files.fingerprintKey === undefined ? [] : ['PAYMENT_VAULT_FINGERPRINT_KEY'])
  ]
  return [
    `  keys        ${kept.join(' and ')}`,
    `              All servers on this database need the same keys: set ${variables.join(' and ')}.`
  ]
}
