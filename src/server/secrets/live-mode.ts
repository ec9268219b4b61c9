import { lookup } from 'node:dns/promises'
import { join } from 'node:path'
import { isLoopback } from '../../../plugins/auth/network'
import type { Settings } from '../settings'

/**
 * Returns the reason why these settings are not fit for live mode, as one sentence with the remedy; undefined if they
 * are.
 */
export async function liveModeProblem(settings: Settings): Promise<string | undefined> {
  const { fingerprintKey, secretKey, dataFolder, inspector } = settings
  if (fingerprintKey === undefined)
    return `In live mode PAYMENT_VAULT_FINGERPRINT_KEY must be set: store and back up the secret outside ${join(dataFolder, 'fingerprint-key')}, which holds the generated one.`
  if (!isStrong(fingerprintKey))
    return 'In live mode PAYMENT_VAULT_FINGERPRINT_KEY must be 32 random bytes or more, as from `openssl rand -hex 32`.'
  if (secretKey !== undefined && secretKey.length < 'sk_test_'.length + 24)
    return 'In live mode PAYMENT_VAULT_SECRET_KEY must have 24 random characters or more after sk_test_.'
  if (await isPublicWithoutTls(settings))
    return `In live mode HOST may be ${settings.host} only with TLS: set PAYMENT_VAULT_TLS_CERT and PAYMENT_VAULT_TLS_KEY, or PAYMENT_VAULT_BEHIND_TLS=true if a proxy terminates TLS.`
  if (inspector) return 'In live mode the inspector must be off: set PAYMENT_VAULT_INSPECTOR to false.'
  return undefined
}

/** Returns whether other machines can reach the server without TLS. */
export const isPublicWithoutTls = async ({ host, tls, behindTls }: Settings): Promise<boolean> =>
  !tls && !behindTls && !(await isLoopbackName(host))

/** Returns whether a host name resolves to a loopback address. `listen` refuses an unknown name later. */
async function isLoopbackName(host: string): Promise<boolean> {
  try {
    return isLoopback((await lookup(host, { order: 'ipv4first' })).address)
  } catch {
    return false
  }
}

/** Returns whether a secret has 32 bytes or more and 10 different characters or more. */
const isStrong = (secret: string): boolean => Buffer.byteLength(secret) >= 32 && new Set(secret).size >= 10
