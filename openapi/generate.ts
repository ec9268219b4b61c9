import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { openApiDocument } from '../src/openapi-document'

/** The committed document. */
export const documentPath = join(__dirname, 'openapi.json')

/** The document as text, as it is committed: two documents that say the same are the same bytes. */
export const documentText = async (): Promise<string> =>
  `${JSON.stringify(await openApiDocument(), null, 2)}\n`

/** Writes the document, or with `--check` tells whether the committed one is current. Gives the exit code. */
async function main(args: readonly string[]): Promise<number> {
  const text = await documentText()
  if (!args.includes('--check')) {
    await writeFile(documentPath, text)
    return 0
  }
  if ((await readFile(documentPath, 'utf8').catch(() => undefined)) === text) return 0
  console.error('openapi/openapi.json is not current: run npm run openapi and commit what it writes.')
  return 1
}

if (require.main === module) {
  main(process.argv.slice(2)).then(
    (code) => {
      process.exitCode = code
    },
    (error: unknown) => {
      console.error(error)
      process.exitCode = 1
    }
  )
}
