import { once } from 'node:events'
import { open } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { exportAccount } from '../export/export'
import { importAccount } from '../export/import'
import { existingFingerprintKey } from '../../server/secrets/secrets'
import type { Settings } from '../../server/settings'
import { StartError } from '../../storage/start-error'
import { type Say, withTables } from '../with-database'

/** Writes an account to stdout, one line for each row. Throws StartError. */
export const exportCommand = (settings: Settings, say: Say, account: string): Promise<void> =>
  withTables(settings, say, async ({ pool }) => {
    const fingerprintKey = await existingFingerprintKey(settings)
    await exportAccount(pool, { account, schema: settings.schema, fingerprintKey }, async (line) => {
      // The reader may be slower than the database.
      if (!process.stdout.write(`${line}\n`)) await once(process.stdout, 'drain')
    })
  })

/** Imports an account from a file, or from stdin. Returns its id. Throws StartError. */
export const importCommand = (settings: Settings, say: Say, file: string | undefined): Promise<string> =>
  withTables(settings, say, async ({ pool }) => {
    const fingerprintKey = await existingFingerprintKey(settings)
    return importAccount(pool, { schema: settings.schema, fingerprintKey }, linesOf(await inputOf(file)))
  })

/** Opens readline only when iteration starts: it drops lines that it reads before. */
async function* linesOf(input: Readable): AsyncGenerator<string> {
  yield* createInterface({ input, crlfDelay: Infinity })
}

/** Opens and checks the file first: the line iterator of readline does not report read errors. */
async function inputOf(file: string | undefined): Promise<Readable> {
  if (file === undefined) return process.stdin
  const opened = await open(file).catch(() => undefined)
  if (opened && (await opened.stat()).isFile()) return opened.createReadStream()
  await opened?.close()
  throw new StartError(`The file ${file} can't be read.`)
}
