import { readFile, writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { openApiDocument } from '../src/pages/document'

/** The committed documents. */
export const documentPath = join(__dirname, 'openapi.json')
export const document30Path = join(__dirname, 'openapi-3.0.json')

/** A document as text, as it is committed: two documents that say the same are the same bytes. */
export const documentText = async (version: '3.0' | '3.1' = '3.1'): Promise<string> =>
  `${JSON.stringify(await openApiDocument({ version }), null, 2)}\n`

/** Writes the documents, or with `--check` tells whether the committed ones are current. Gives the exit code. */
async function main(args: readonly string[]): Promise<number> {
  const texts = [
    [documentPath, await documentText()],
    [document30Path, await documentText('3.0')]
  ] as const
  let code = 0
  for (const [path, text] of texts) {
    if (!args.includes('--check')) await writeFile(path, text)
    else if ((await readFile(path, 'utf8').catch(() => undefined)) !== text) {
      console.error(`${relative('.', path)} is not current: run npm run openapi and commit what it writes.`)
      code = 1
    }
  }
  return code
}

if (require.main === module) {
  void main(process.argv.slice(2)).then((code) => {
    process.exitCode = code
  })
}
