import { lookup } from 'node:dns/promises'
import { join } from 'node:path'
import { isLoopback } from '../../../plugins/auth/network'
import type { Settings } from '../settings'

/**
 * Why a server with these settings must not serve live mode, in one sentence that says what to do; undefined where
 * nothing speaks against it.
 */
export async function unfitForLiveMode(settings: Settings): Promise<string | undefined> {
  const { fingerprintKey, secretKey, dataFolder, inspector } = settings
  if (fingerprintKey === undefined)
    return `In live mode PAYMENT_VAULT_FINGERPRINT_KEY must be set, to a secret that is kept and backed up elsewhere than ${join(dataFolder, 'fingerprint-key')}, where the one that was made is.`
  if (!isStrong(fingerprintKey))
    return 'In live mode PAYMENT_VAULT_FINGERPRINT_KEY must be 32 random bytes or more, as `openssl rand -hex 32` gives them.'
  if (secretKey !== undefined && secretKey.length < 'sk_test_'.length + 24)
    return 'In live mode PAYMENT_VAULT_SECRET_KEY must have 24 random characters or more behind sk_test_.'
  if (await isPlainInPublic(settings))
    return `In live mode HOST may be ${settings.host} only with TLS: set PAYMENT_VAULT_TLS_CERT and PAYMENT_VAULT_TLS_KEY, or PAYMENT_VAULT_BEHIND_TLS=true where a proxy in front has it.`
  if (inspector) return 'In live mode the inspector must be closed: set PAYMENT_VAULT_INSPECTOR to false.'
  return undefined
}

/** Whether other machines reach the server, and nothing is said of TLS. */
export const isPlainInPublic = async ({ host, tls, behindTls }: Settings): Promise<boolean> =>
  !tls && !behindTls && !(await isOnlyHere(host))

/** A name that means nothing is refused when the server is to listen there. */
async function isOnlyHere(host: string): Promise<boolean> {
  try {
    return isLoopback((await lookup(host, { order: 'ipv4first' })).address)
  } catch {
    return false
  }
}

/** Long enough, and no word or single character over and over. */
const isStrong = (secret: string): boolean => Buffer.byteLength(secret) >= 32 && new Set(secret).size >= 10
