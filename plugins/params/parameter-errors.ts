import { closest, distance } from 'fastest-levenshtein'
import { invalidRequest, parameterMissing, parameterUnknown, type WireError } from '../errors/errors'
import { maskNumbers } from '../errors/mask-numbers'

/**
 * The errors in one set of parameters. Unknown names come first, at any depth, then missing parameters, then
 * the first invalid value.
 */
export class ParameterErrors {
  private readonly unknownNames: { name: string; known: readonly string[] }[] = []
  private missingName: string | undefined
  private firstInvalid: WireError | undefined

  /** Adds an unknown name. `known` are the full names that the schema has at its level. */
  unknown(name: string, known: readonly string[]): void {
    this.unknownNames.push({ name, known })
  }

  missing(name: string): void {
    this.missingName ??= name
  }

  invalid(error: WireError): void {
    this.firstInvalid ??= error
  }

  get isEmpty(): boolean {
    return this.unknownNames.length === 0 && this.missingName === undefined && this.firstInvalid === undefined
  }

  merge(others: ParameterErrors): void {
    this.unknownNames.push(...others.unknownNames)
    this.missingName ??= others.missingName
    this.firstInvalid ??= others.firstInvalid
  }

  error(): WireError | undefined {
    const [first, second] = this.unknownNames
    if (first !== undefined) {
      const hint = second === undefined ? closestName(first.name, first.known) : undefined
      return parameterUnknown(
        this.unknownNames.map(({ name }) => abbreviatedName(name)),
        hint
      )
    }
    return this.missingName === undefined ? this.firstInvalid : parameterMissing(this.missingName)
  }
}

export const invalidInteger = (param: string, value: unknown): WireError =>
  invalidRequest(`Invalid integer: ${quoteValue(value)}`, { code: 'parameter_invalid_integer', param })

export const integerTooSmall = (param: string, minimum: number): WireError =>
  invalidRequest(`This value must be greater than or equal to ${minimum}.`, {
    code: 'parameter_invalid_integer',
    param
  })

export const invalidDecimal = (param: string, value: unknown): WireError =>
  invalidRequest(`Invalid decimal: ${quoteValue(value)}`, { param })

export const invalidBoolean = (param: string, value: unknown): WireError =>
  invalidRequest(`Invalid boolean: ${quoteValue(value)}`, { param })

export const invalidHash = (param: string): WireError => invalidRequest('Invalid object', { param })

export const invalidArray = (param: string): WireError => invalidRequest('Invalid array', { param })

export const invalidString = (param: string, value: unknown): WireError =>
  invalidRequest(`Invalid string: ${quoteValue(value)}`, { param })

/** Returns the error for a secret, which never repeats its value. */
export const invalidSecret = (param: string, maxLength?: number): WireError =>
  invalidRequest(
    `Invalid string${maxLength === undefined ? '' : `; must be at most ${maxLength} characters`}`,
    {
      param
    }
  )

export const stringTooLong = (param: string, value: string, maxLength: number): WireError =>
  invalidRequest(`Invalid string: ${firstAndLast(value)}; must be at most ${maxLength} characters`, { param })

export const phoneTooLong = (param: string, value: string, maxLength: number): WireError =>
  invalidRequest(`Invalid string length: ${quoteValue(value)} must be at most ${maxLength} characters`, {
    param
  })

export const invalidChoice = (param: string, choices: readonly string[]): WireError =>
  invalidRequest(`Invalid ${abbreviated(param)}: must be one of ${orList(choices)}`, { param })

/**
 * Returns the error for a NUL, which Postgres cannot store, or a lone surrogate, which UTF-8 cannot encode.
 */
export const invalidCharacters = (param: string): WireError =>
  invalidRequest('Invalid string: a NUL or half a surrogate pair is not a character that can be kept', {
    code: 'invalid_characters',
    param
  })

export const metadataValueTooLong = (param: string, value: string, maxLength: number): WireError =>
  invalidRequest(
    `Metadata values can have up to ${maxLength} characters, but you passed in a value that is ${countCharacters(value)} characters. Invalid value: ${quoteValue(value)}`,
    { param }
  )

export const metadataKeyTooLong = (param: string, key: string, maxLength: number): WireError =>
  invalidRequest(
    `Metadata keys can have up to ${maxLength} characters, but you passed in a key that is ${countCharacters(key)} characters. Invalid key: ${quoteValue(key)}`,
    { param }
  )

export const metadataKeyWithBrackets = (param: string, key: string): WireError =>
  invalidRequest(`Metadata keys can't have square brackets. Invalid key: ${quoteValue(key)}`, { param })

export const metadataTooManyKeys = (param: string, count: number, maxKeys: number): WireError =>
  invalidRequest(`Metadata can have up to ${maxKeys} keys, but you passed in ${count} keys.`, { param })

/** Returns a length in characters, as the document and Postgres count: an emoji is one. */
export function countCharacters(text: string): number {
  // Most texts have no surrogate pairs. The search is much faster than a loop over half a million code units.
  const first = text.search(/[\ud800-\udbff]/)
  if (first === -1) return text.length
  let count = first
  for (let at = first; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    if (unit >= 0xd800 && unit < 0xdc00 && text.charCodeAt(at + 1) >> 10 === 0x37) at++
    count++
  }
  return count
}

/** Masks the numbers of cards and accounts in a text and shortens it for a message. */
export const abbreviated = (text: string): string => maskAndCut(text, 200, 8)

/**
 * Returns a parameter's name for a message. A JSON body sent as a form arrives as one name: its contents are
 * cut off.
 */
export const abbreviatedName = (name: string): string => abbreviated(name.replace(/(?<=[{"])[^]+/, '...'))

/** Quotes a value for a message; a list looks as it does in a form. */
function quoteValue(value: unknown): string {
  const text =
    typeof value === 'string'
      ? value
      : JSON.stringify(Array.isArray(value) ? Object.fromEntries(value.entries()) : value)
  return maskAndCut(text, 2000)
}

/** Masks numbers, then cuts. It reads 64 more characters, so that a number across the cut is masked too. */
const maskAndCut = (text: string, length: number, bare?: number): string =>
  cut(maskNumbers(text.slice(0, length + 64), bare), length)

const cut = (text: string, length: number): string =>
  text.length > length ? `${text.slice(0, length).replace(/[\ud800-\udbff]$/, '')}...` : text

const firstAndLast = (text: string): string =>
  `${Array.from(text.slice(0, 8)).slice(0, 4).join('')}...${Array.from(text.slice(-8)).slice(-4).join('')}`

function orList(choices: readonly string[]): string {
  if (choices.length < 3) return choices.join(' or ')
  return `${choices.slice(0, -1).join(', ')}, or ${choices.at(-1) ?? ''}`
}

function closestName(name: string, known: readonly string[]): string | undefined {
  if (known.length === 0 || name.length > 100) return undefined
  const nearest = closest(name, known)
  const edits = distance(lastName(name), lastName(nearest))
  return edits <= 2 && edits * 2 <= lastName(name).length ? nearest : undefined
}

const lastName = (name: string): string => name.slice(name.lastIndexOf('[') + 1)
