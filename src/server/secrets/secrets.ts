import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isFingerprintKey, isSecretKey, type Settings } from '../settings'
import { StartError } from '../../storage/start-error'
import { randomCharacters } from '../../protocol/values/ids'
import { type SecretFile, readOrCreateSecret } from './secret-file'

export interface Secrets {
  /** The test-mode secret key of the first account. */
  secretKey: string
  fingerprintKey: string
  /** The files of the secrets that no environment variable sets. */
  files: { secretKey?: string; fingerprintKey?: string }
}

const secretKey: SecretFile = {
  name: 'secret-key',
  variable: 'PAYMENT_VAULT_SECRET_KEY',
  make: () => `sk_test_${randomCharacters(24)}`,
  isValid: isSecretKey
}

const fingerprintKey: SecretFile = {
  name: 'fingerprint-key',
  variable: 'PAYMENT_VAULT_FINGERPRINT_KEY',
  make: () => randomBytes(32).toString('hex'),
  isValid: isFingerprintKey
}

/**
 * Returns the fingerprint key of an existing vault, for a command. Never generates one, because receivers could not
 * verify signatures made with it. Throws StartError.
 */
export async function existingFingerprintKey({
  fingerprintKey: given,
  dataFolder
}: Settings): Promise<string> {
  const kept = given ?? (await readFile(join(dataFolder, fingerprintKey.name), 'utf8').catch(() => '')).trim()
  if (isFingerprintKey(kept)) return kept
  throw new StartError(`Set ${fingerprintKey.variable} to the key of the vault: it signs the webhooks.`)
}

/** Returns the secrets from the settings, otherwise from the data folder. Throws StartError. */
export async function secretsOf(settings: Settings): Promise<Secrets> {
  const { dataFolder: folder } = settings
  return {
    secretKey: settings.secretKey ?? (await readOrCreateSecret(folder, secretKey)),
    fingerprintKey: settings.fingerprintKey ?? (await readOrCreateSecret(folder, fingerprintKey)),
    files: {
      ...(settings.secretKey === undefined && { secretKey: join(folder, secretKey.name) }),
      ...(settings.fingerprintKey === undefined && { fingerprintKey: join(folder, fingerprintKey.name) })
    }
  }
}
