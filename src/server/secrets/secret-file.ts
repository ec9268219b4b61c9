import { mkdir, open, readFile, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { StartError } from '../../storage/start-error'
import { errorMessage } from '../../../plugins/errors/error-message'

export interface SecretFile {
  /** The file's name in the data folder. */
  name: string
  /** The environment variable that replaces the file. */
  variable: string
  make: () => string
  isValid: (text: string) => boolean
}

/**
 * Reads a secret from its file in the folder. Creates a missing file with mode 0600. Processes that start at the same time
 * all get the same secret. Throws StartError.
 */
export async function readOrCreateSecret(folder: string, secret: SecretFile): Promise<string> {
  const file = join(folder, secret.name)
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    await writeIfMissing(file, secret.make())
    const text = await readWhole(file)
    if (secret.isValid(text)) return text
  } catch (error) {
    throw new StartError(
      `The file ${file} cannot be used: set ${secret.variable} or another PAYMENT_VAULT_DATA: ${errorMessage(error)}`,
      { cause: error }
    )
  }
  throw new StartError(`The file ${file} holds no valid secret: remove it and start again.`)
}

/** Writes a file unless it exists. */
async function writeIfMissing(file: string, text: string): Promise<void> {
  const handle = await open(file, 'wx', 0o600).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  })
  if (!handle) return
  try {
    await handle.writeFile(`${text}\n`)
    // The database stores the key's hash, so the key itself must survive a power failure.
    await handle.sync()
  } catch (error) {
    await unlink(file)
    throw error
  } finally {
    await handle.close()
  }
}

/** Reads a file that another process may still be writing: the trailing newline comes last. Waits up to 2 s. */
async function readWhole(file: string): Promise<string> {
  const until = Date.now() + 2000
  for (;;) {
    const text = await readFile(file, 'utf8')
    if (text.endsWith('\n') || Date.now() > until) return text.trim()
    await sleep(20)
  }
}
