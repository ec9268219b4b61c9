import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { argv, exit, stderr } from 'node:process'
import { architecture, complaints } from './pictures/architecture.mjs'
import { overview } from './pictures/overview.mjs'

// npm run pictures: draws the pictures of the documents from the folders that there are. With --check it only compares.
const pictures = { '.github/architecture.svg': architecture(), '.github/overview.svg': overview() }
const wrong = complaints()
for (const [path, svg] of Object.entries(pictures)) {
  if (!argv.includes('--check')) writeFileSync(path, svg)
  else if (!existsSync(path) || readFileSync(path, 'utf8') !== svg) wrong.push(`${path} is not current.`)
}
for (const line of wrong) stderr.write(`${line}\n`)
if (wrong.length > 0) exit(1)
