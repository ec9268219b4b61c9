import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

export const root = resolve(__dirname, '../../..')

/** A fenced block of code in a document. */
export interface Block {
  /** Path of the document, from the root. */
  file: string
  /** Number of the line of the opening fence, from 1. */
  line: number
  language: string
  code: string
}

/** Every file of the repository, from the root: what git tracks or would track. */
export const files: readonly string[] = execFileSync(
  'git',
  ['ls-files', '--cached', '--others', '--exclude-standard'],
  { cwd: root, encoding: 'utf8' }
)
  .split('\n')
  .filter((file) => file !== '')

/** The documents of the repository. */
export const documents: readonly string[] = files.filter((file) => file.endsWith('.md'))

export const read = (file: string): string => readFileSync(join(root, file), 'utf8')

/** Returns the fenced blocks of a document. Throws for a fence that is never closed. */
export function blocksOf(file: string): Block[] {
  const blocks: Block[] = []
  let open: Block | undefined
  for (const [index, text] of read(file).split('\n').entries()) {
    const [, language] = /^ *```(\S*)/.exec(text) ?? []
    if (language === undefined) {
      if (open) open.code += `${text}\n`
    } else if (open) {
      blocks.push(open)
      open = undefined
    } else {
      open = { file, line: index + 1, language, code: '' }
    }
  }
  if (open) throw new Error(`${file}:${open.line} opens a block that is never closed`)
  return blocks
}

/** Returns the text of a document without its fenced blocks and comments. */
export const proseOf = (file: string): string =>
  read(file)
    .replace(/^ *```.*?^ *```$/gms, '')
    .replace(/<!--.*?-->/gs, '')

/** Returns what a document sets as code inside its sentences. */
export const inlineCode = (file: string): string[] =>
  [...proseOf(file).matchAll(/`([^`\n]+)`/g)].map(([, code]) => code ?? '')
