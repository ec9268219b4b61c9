import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { OpenApiDocument } from '../plugins/openapi/shape'
import { openApiDocument } from '../src/pages/document'
import { type Facts, factsOf } from './facts'

/** A change after which a call or a generated client that worked may not: of what, and what it is. */
export interface Break {
  name: string
  what: string
}

/**
 * What is gone, or asked for in addition. Whoever sends what they sent gets what they count on: so requests may only
 * take more, and answers only add properties. A new value of an enum in an answer is a break, since clients in
 * languages with closed enums can't read it; so is another name of a component, which is a type's name there.
 */
export function breaksBetween(released: Facts, current: Facts): Break[] {
  const breaks: Break[] = []
  // Of what is gone as a whole, the parts are not told.
  const isGone = (name: string): boolean => isIn(released, name) && !isIn(current, name)
  const found = (name: string, what: string): void => {
    if (name === wholeOf(name) || !isGone(wholeOf(name))) breaks.push({ name, what })
  }

  for (const [name, call] of Object.entries(released.operations)) {
    const now = current.operations[name]
    if (now !== call) found(name, `${call} is ${now ?? 'gone'}`)
  }
  for (const [name, fact] of Object.entries(released.taken)) {
    const now = current.taken[name]
    if (now === undefined) found(name, 'is not taken any more')
    else for (const lost of beyond(now, fact)) found(name, `does not take ${lost} any more`)
  }
  for (const [name, fact] of Object.entries(current.taken)) {
    const before = released.taken[name] ?? (isKnown(name, released) ? '' : fact)
    if (isRequired(fact) && !isRequired(before)) found(name, 'is required now')
  }
  for (const [name, fact] of Object.entries(released.answered)) {
    const now = current.answered[name]
    if (now === undefined) found(name, 'is not answered any more')
    else {
      for (const added of beyond(fact, now)) found(name, `may be ${added} now`)
      if (isRequired(fact) && !isRequired(now)) found(name, 'may be missing now')
    }
  }
  return breaks
}

/** The operation or component that something is a part of. */
const wholeOf = (name: string): string => name.replace(/[ .[].*/, '')

const isIn = ({ operations, taken, answered }: Facts, whole: string): boolean =>
  whole in operations || whole in taken || whole in answered

const isRequired = (fact: string): boolean => fact.split(' ').includes('required')

/** Whether what a new parameter belongs to was there: an operation, or the hash that it stands in. */
const isKnown = (name: string, { operations, taken }: Facts): boolean =>
  name.includes(' ') ? wholeOf(name) in operations : name.replace(/\.[^.]+$/, '') in taken

/** What `narrow` allows and `wide` does not; a fact without types allows anything. */
function beyond(wide: string, narrow: string): string[] {
  const [allowed, asked] = [wordsOf(wide), wordsOf(narrow)]
  if (allowed.types.length === 0) return []
  if (asked.types.length === 0) return ['anything']
  const types = asked.types.filter((type) => !allowed.types.includes(type))
  if (allowed.values.length === 0) return types
  if (asked.values.length === 0) return [...types, 'any value']
  return [...types, ...asked.values.filter((value) => !allowed.values.includes(value))]
}

function wordsOf(fact: string): { types: string[]; values: string[] } {
  const words = fact.split(' ').filter((word) => word !== '' && word !== 'required')
  return {
    types: words.filter((word) => !word.startsWith('=')),
    values: words.filter((word) => word.startsWith('='))
  }
}

/**
 * The breaks that the changelog's Unreleased section does not name, in backticks, under `### Breaking`: each by itself,
 * or with all of its operation or component.
 */
export function unnamed(breaks: readonly Break[], changelog: string): Break[] {
  const unreleased = /^## \[Unreleased\]$(.*?)(?=^## |(?![\s\S]))/ms.exec(changelog)?.[1] ?? ''
  const breaking = /^### Breaking$(.*?)(?=^### |(?![\s\S]))/ms.exec(unreleased)?.[1] ?? ''
  const named = (name: string): boolean => breaking.includes(`\`${name}\``)
  return breaks.filter(({ name }) => !named(name) && !named(wholeOf(name)))
}

/** Compares with the last release, or with `--release` makes today's document that. Gives the exit code. */
async function main(args: readonly string[]): Promise<number> {
  const releasedPath = join(__dirname, 'released.json')
  const current = factsOf((await openApiDocument()) as OpenApiDocument)
  if (args.includes('--release')) {
    await writeFile(releasedPath, `${JSON.stringify(current, null, 1)}\n`)
    return 0
  }
  const released = JSON.parse(await readFile(releasedPath, 'utf8')) as Facts
  const changelog = await readFile(join(__dirname, '..', 'CHANGELOG.md'), 'utf8')
  const breaks = unnamed(breaksBetween(released, current), changelog)
  for (const { name, what } of breaks) console.error(`\`${name}\` ${what}`)
  if (breaks.length > 0)
    console.error('Name them under "### Breaking" in the Unreleased section of the CHANGELOG.')
  return breaks.length > 0 ? 1 : 0
}

if (require.main === module) {
  void main(process.argv.slice(2)).then((code) => {
    process.exitCode = code
  })
}
