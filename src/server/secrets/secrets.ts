import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isFingerprintKey, isSecretKey, type Settings } from '../settings'
import { StartError } from '../../storage/start-error'
import { randomCharacters } from '../../protocol/values/ids'
import { type KeptSecret, keptSecret } from './secret-file'

export interface Secrets {
  /** The secret key of the first account, in test mode. */
  secretKey: string
  fingerprintKey: string
  /** The files that those came from which no variable gives. */
  files: { secretKey?: string; fingerprintKey?: string }
}

const secretKey: KeptSecret = {
  name: 'secret-key',
  variable: 'PAYMENT_VAULT_SECRET_KEY',
  make: () => `sk_test_${randomCharacters(24)}`,
  fits: isSecretKey
}

const fingerprintKey: KeptSecret = {
  name: 'fingerprint-key',
  variable: 'PAYMENT_VAULT_FINGERPRINT_KEY',
  make: () => randomBytes(32).toString('hex'),
  fits: isFingerprintKey
}

/**
 * The fingerprint key of a vault that is there already, for a command beside it: one that was made up here would sign
 * what nobody can check. Throws StartError.
 */
export async function knownFingerprintKey({ fingerprintKey: given, dataFolder }: Settings): Promise<string> {
  const kept = given ?? (await readFile(join(dataFolder, fingerprintKey.name), 'utf8').catch(() => '')).trim()
  if (isFingerprintKey(kept)) return kept
  throw new StartError(
    `Set ${fingerprintKey.variable} to the key of the vault: what webhooks are signed with follows from it.`
  )
}

/** As the settings give them, else as the data folder keeps them. Throws StartError. */
export async function secretsOf(settings: Settings): Promise<Secrets> {
  const { dataFolder: folder } = settings
  return {
    secretKey: settings.secretKey ?? (await keptSecret(folder, secretKey)),
    fingerprintKey: settings.fingerprintKey ?? (await keptSecret(folder, fingerprintKey)),
    files: {
      ...(settings.secretKey === undefined && { secretKey: join(folder, secretKey.name) }),
      ...(settings.fingerprintKey === undefined && { fingerprintKey: join(folder, fingerprintKey.name) })
    }
  }
}
