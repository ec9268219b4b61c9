import { invalidRequest, type WireError } from '../../../plugins/errors/errors'
import { countCharacters } from '../../../plugins/params/parameter-errors'

export type Comparison = ':' | '>' | '>=' | '<' | '<='
export type Operator = Comparison | '~'

// The longer first, of which the shorter are the beginning.
const operators: readonly Operator[] = ['>=', '<=', '>', '<', ':', '~']

/** Walks through a query once, from left to right; every method takes what it is named after, or throws. */
export class Scanner {
  readonly text: string
  #at = 0

  constructor(text: string) {
    this.text = text
    this.#skipSpace()
  }

  /** Where it stands, as an index. */
  get position(): number {
    return this.#at
  }

  atEnd(): boolean {
    return this.#at === this.text.length || this.text.slice(this.#at).trim() === ''
  }

  /** What joins the clause that comes to the one before: AND, OR, or a space, which is AND. */
  joint(): 'and' | 'or' {
    const from = this.#at
    this.#skipSpace()
    if (this.#at === from) throw unparsable(this, 'Expected a space, AND or OR')
    const start = this.#at
    const word = this.#while(isNameCharacter).toLowerCase()
    if (word !== 'and' && word !== 'or') {
      this.#at = start
      return 'and'
    }
    this.#skipSpace()
    return word
  }

  negation(): boolean {
    return this.#take('-')
  }

  name(): string {
    const name = this.#while(isNameCharacter)
    if (name !== '') return name
    const here = this.text[this.#at]
    const hint = here === '(' || here === ')' ? '; there are no parentheses' : ''
    throw unparsable(this, `Expected a field${hint}`)
  }

  /** `["key"]`, as it follows metadata. */
  key(): string {
    if (!this.#take('[')) throw unparsable(this, 'Expected a key in brackets, as in metadata["key"]')
    const key = this.#quoted()
    if (key === undefined) throw unparsable(this, 'Expected a key in quotation marks, as in metadata["key"]')
    if (!this.#take(']')) throw unparsable(this, 'Expected a closing bracket behind the key')
    return key
  }

  operator(): Operator {
    this.#skipSpace()
    const operator = operators.find((each) => this.#take(each))
    if (operator === undefined) throw unparsable(this, 'Expected one of the operators : ~ > >= < <=')
    this.#skipSpace()
    return operator
  }

  /** A text in quotation marks, a number with or without them, or null. */
  value(): string | null {
    const quoted = this.#quoted()
    if (quoted !== undefined) return quoted
    const start = this.#at
    const bare = this.#while((character) => !isSpace(character))
    if (bare.toLowerCase() === 'null') return null
    if (bare !== '' && Array.from(bare).every(isPartOfNumber)) return bare
    throw unparsable(this, 'Expected a value in quotation marks, a number or null', start)
  }

  #quoted(): string | undefined {
    const start = this.#at
    const mark = this.text[start]
    if (mark !== '"' && mark !== "'") return undefined
    let text = ''
    for (this.#at++; this.#at < this.text.length; this.#at++) {
      const character = this.text.charAt(this.#at)
      if (character === mark) {
        if (text === '') throw unparsable(this, 'Expected a character between the quotation marks')
        this.#at++
        return text
      }
      // A backslash stands for itself, except before what it would otherwise be mistaken for.
      const next = this.text.charAt(this.#at + 1)
      if (character === '\\' && (next === '"' || next === "'" || next === '\\')) {
        text += next
        this.#at++
      } else text += character
    }
    throw unparsable(this, `Expected a closing ${mark}`, start)
  }

  #take(expected: string): boolean {
    if (!this.text.startsWith(expected, this.#at)) return false
    this.#at += expected.length
    return true
  }

  #skipSpace(): void {
    this.#while(isSpace)
  }

  #while(belongs: (character: string) => boolean): string {
    const start = this.#at
    while (this.#at < this.text.length && belongs(this.text.charAt(this.#at))) this.#at++
    return this.text.slice(start, this.#at)
  }
}

const isSpace = (character: string): boolean => /\s/.test(character)
const isNameCharacter = (character: string): boolean => /[A-Za-z0-9_.]/.test(character)
const isPartOfNumber = (character: string): boolean => /[0-9.-]/.test(character)

/** The refusal of a query; the place is told as a reader counts, from 1. */
export const unparsable = (scanner: Scanner, reason: string, at = scanner.position): WireError =>
  invalidRequest(
    `We were unable to parse your search query. ${reason} (at character ${countCharacters(scanner.text.slice(0, at)) + 1}).`,
    { param: 'query' }
  )
