import { referenceCustomer, referencePaymentMethod } from '../resources/accounts/reference-objects'
import type { Secrets } from './secrets/secrets'

export interface BannerFacts {
  url: string
  secrets: Secrets
  /** The secret key was revoked and lets nobody in. */
  revoked: boolean
  /** Path of the docs page, where there is one. */
  docs: string | undefined
  /** Path of the inspector, where there is one. */
  inspector: string | undefined
  /** Where the data is. */
  place: string
  embedded: boolean
  /** Other machines reach the server, and nothing is said of TLS. */
  plain: boolean
}

/** What a newcomer needs to see: where, with which key, and one line to paste. */
export function banner(facts: BannerFacts): string {
  const { url, secrets, revoked, docs, inspector, place, plain } = facts
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
    ...keptFiles(facts),
    ...(plain ? plainText : []),
    ...(revoked ? [] : ['', 'Attach a payment method to a customer:', '', attach]),
    ''
  ].join('\n')
}

const plainText = [
  '  warning     Other machines reach this server, in plain text: for test mode only, live keys are refused.',
  '              PAYMENT_VAULT_TLS_CERT and PAYMENT_VAULT_TLS_KEY, or PAYMENT_VAULT_BEHIND_TLS, would change that.'
]

const revokedKey = ({ files }: Secrets): string =>
  files.secretKey === undefined
    ? 'the one of PAYMENT_VAULT_SECRET_KEY was revoked'
    : `the one in ${files.secretKey} was revoked; remove the file to get another at the next start`

/** Beside an embedded database nobody needs to know; a database of one's own may have several servers. */
function keptFiles({ embedded, secrets: { files } }: BannerFacts): string[] {
  const kept = [files.secretKey, files.fingerprintKey].filter((file) => file !== undefined)
  if (embedded || kept.length === 0) return []
  const variables = [
    ...(files.secretKey === undefined ? [] : ['PAYMENT_VAULT_SECRET_KEY']),
    ...(files.fingerprintKey === undefined ? [] : ['PAYMENT_VAULT_FINGERPRINT_KEY'])
  ]
  return [
    `  keys        ${kept.join(' and ')}`,
    `              Servers that share this database must share these: set ${variables.join(' and ')}.`
  ]
}
