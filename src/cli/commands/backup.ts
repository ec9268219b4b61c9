import { once } from 'node:events'
import { open } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { exportAccount } from '../export/export'
import { importAccount } from '../export/import'
import { knownFingerprintKey } from '../../server/secrets/secrets'
import type { Settings } from '../../server/settings'
import { StartError } from '../../storage/start-error'
import { withTables } from '../with-database'

type Say = (line: string) => void

/** Writes an account to the output, a line for each row. Throws StartError. */
export const exportCommand = (settings: Settings, say: Say, account: string): Promise<void> =>
  withTables(settings, say, async ({ pool }) => {
    const fingerprintKey = await knownFingerprintKey(settings)
    await exportAccount(pool, { account, schema: settings.schema, fingerprintKey }, async (line) => {
      // Whoever reads it may be slower than the database.
      if (!process.stdout.write(`${line}\n`)) await once(process.stdout, 'drain')
    })
  })

/** Makes the account that a file, or without one the input, has the rows of. Gives back its id. Throws StartError. */
export const importCommand = (settings: Settings, say: Say, file: string | undefined): Promise<string> =>
  withTables(settings, say, async ({ pool }) => {
    const fingerprintKey = await knownFingerprintKey(settings)
    return importAccount(pool, { schema: settings.schema, fingerprintKey }, linesOf(await inputOf(file)))
  })

/** Read from when they are asked for: readline gives what it reads before that to nobody. */
async function* linesOf(input: Readable): AsyncGenerator<string> {
  yield* createInterface({ input, crlfDelay: Infinity })
}

/** Looked at beforehand: of what goes wrong later readline says nothing to whoever waits for lines. */
async function inputOf(file: string | undefined): Promise<Readable> {
  if (file === undefined) return process.stdin
  const opened = await open(file).catch(() => undefined)
  if (opened && (await opened.stat()).isFile()) return opened.createReadStream()
  await opened?.close()
  throw new StartError(`The file ${file} can't be read.`)
}
