import { mkdir, open, readFile, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { StartError } from '../../storage/start-error'
import { sentenceOf } from '../../../plugins/errors/error-message'

export interface KeptSecret {
  /** The file's name in the data folder. */
  name: string
  /** The variable that would make the file needless. */
  variable: string
  make: () => string
  fits: (text: string) => boolean
}

/**
 * Reads the secret from its file in the folder, which is written first where it's missing, for its owner alone.
 * Processes that start at once all get the same. Throws StartError.
 */
export async function keptSecret(folder: string, secret: KeptSecret): Promise<string> {
  const file = join(folder, secret.name)
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    await writeOnce(file, secret.make())
    const text = await readWhole(file)
    if (secret.fits(text)) return text
  } catch (error) {
    throw new StartError(
      `The file ${file} cannot be used, set ${secret.variable} or another PAYMENT_VAULT_DATA: ${sentenceOf(error)}`,
      { cause: error }
    )
  }
  throw new StartError(`The file ${file} does not hold what was written there: remove it and start again.`)
}

/** Does nothing where the file is there. */
async function writeOnce(file: string, text: string): Promise<void> {
  const handle = await open(file, 'wx', 0o600).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  })
  if (!handle) return
  try {
    await handle.writeFile(`${text}\n`)
    // The database will remember the key's hash; the key must not be the one that is lost with the power.
    await handle.sync()
  } catch (error) {
    await unlink(file)
    throw error
  } finally {
    await handle.close()
  }
}

/** Another process may have made the file this instant and still be writing; the line's end comes last. */
async function readWhole(file: string): Promise<string> {
  const until = Date.now() + 2000
  for (;;) {
    const text = await readFile(file, 'utf8')
    if (text.endsWith('\n') || Date.now() > until) return text.trim()
    await sleep(20)
  }
}
