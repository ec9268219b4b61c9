import { type IParseOptions, parse } from 'qs'
import { invalidRequest, parameterUnknown, WireError } from '../errors/errors'
import { nullPrototype } from '../json/null-prototype'
import { abbreviatedName } from './parameter-errors'

/** The most levels of brackets in `a[b][c]`, for forms, queries and JSON. */
export const MAX_DEPTH = 8
/** The most values in one body or query. */
export const MAX_PARAMETERS = 1000

/**
 * Parses a form body or a raw query string into nested hashes without a prototype. All values are strings.
 *
 * Lists stay maps of indexes (`a[]=x&a[]=y` is `{ a: { 0: 'x', 1: 'y' } }`), because only a schema knows
 * where a list belongs, and a metadata key may be a number. The last of repeated names counts. Throws a 400
 * for invalid percent signs, UTF-8 or brackets, and for text that is too deep or has too many values.
 */
export function decodeBrackets(text: string): Record<string, unknown> {
  if (text === '') return nullPrototype()
  // The bytes are already decoded. A form escapes everything outside ASCII, so a plain replacement character
  // means invalid UTF-8.
  if (text.includes('\uFFFD')) throw notUtf8()
  if (flatForm.test(text)) return decodeFlat(text)
  const names = new ParameterNames()
  const { pairs, values } = extractValues(text)
  try {
    const decoder: Decoder = (part, _default, _charset, type) =>
      type === 'key' ? names.read(decodePart(part)) : decodePart(values[Number(part)] ?? '')
    const hash = parse(pairs, qsOptions(decoder))
    return names.protoSeen ? (restoreProto(hash) as Record<string, unknown>) : hash
  } catch (error) {
    if (error instanceof RangeError) throw tooManyParameters()
    throw error
  }
}

// Most bodies have plain names and unescaped values, which take a tenth of the time to parse.
const flatForm = /^\w+=[^&=[\]%]*(?:&\w+=[^&=[\]%]*)*$/

function decodeFlat(text: string): Record<string, unknown> {
  const pairs = text.split('&')
  if (pairs.length > MAX_PARAMETERS) throw tooManyParameters()
  const hash = nullPrototype()
  for (const pair of pairs) {
    const equals = pair.indexOf('=')
    hash[pair.slice(0, equals)] = plusToSpace(pair.slice(equals + 1))
  }
  return hash
}

const queryText = Symbol('query')

/**
 * Parses a query. A list may also repeat its name for each value (`a=x&a=y`, OpenAPI's style):
 * `repeatedValues` returns those values where a schema expects a list.
 */
export const decodeQuery = (text: string): Record<string, unknown> =>
  text === '' ? decodeBrackets(text) : Object.defineProperty(decodeBrackets(text), queryText, { value: text })

/** Returns all values of a query's plain name in order; undefined when `hash` is not a query. */
export function repeatedValues(hash: object, name: string): string[] | undefined {
  const text = (hash as { [queryText]?: string })[queryText]
  return text === undefined ? undefined : new URLSearchParams(text).getAll(name)
}

type Decoder = NonNullable<IParseOptions['decoder']>

// By default qs turns metadata keys into lists, drops `constructor`, truncates silently, and can take minutes
// for less than a megabyte. A literal, not a spread, halves the time of a small body.
const qsOptions = (decoder: Decoder) =>
  ({
    parseArrays: false,
    plainObjects: true,
    allowPrototypes: false,
    duplicates: 'last',
    depth: MAX_DEPTH,
    strictDepth: true,
    parameterLimit: MAX_PARAMETERS,
    throwOnLimitExceeded: true,
    allowDots: false,
    comma: false,
    decoder
  }) as const

export const notUtf8 = (): WireError => invalidRequest('Invalid request: the parameters are not valid UTF-8.')

export const tooDeep = (): WireError =>
  invalidRequest(`Invalid request: parameters may be nested at most ${MAX_DEPTH} levels deep.`)

export const tooManyParameters = (): WireError =>
  invalidRequest(`Invalid request: at most ${MAX_PARAMETERS} parameters may be sent at once.`)

/**
 * Replaces each value by its index in a list. Otherwise qs would split at a `]=` inside a value, and search
 * all values for brackets.
 */
function extractValues(text: string): { pairs: string; values: readonly string[] } {
  const values: string[] = []
  const pairs = text.split('&', MAX_PARAMETERS + 1)
  if (pairs.length > MAX_PARAMETERS) throw tooManyParameters()
  const numbered = pairs.map((pair) => {
    const equals = pair.indexOf('=')
    return equals === -1 ? pair : `${pair.slice(0, equals)}=${values.push(pair.slice(equals + 1)) - 1}`
  })
  return { pairs: numbered.join('&'), values }
}

/** Replacing is five times slower for text that is all pluses: 50 ms for a full body. */
const plusToSpace = (part: string): string => part.split('+').join(' ')

function decodePart(part: string): string {
  if (!part.includes('%')) return plusToSpace(part)
  try {
    return decodeURIComponent(plusToSpace(part))
  } catch {
    throw invalidRequest('Invalid request: a parameter has a percent sign that begins no UTF-8 character.')
  }
}

// Names may not contain NUL, so a name that starts with one is this placeholder.
const PROTO = '\0__proto__'

// Brackets may nest once, so that the metadata reader can reject a key with brackets.
const wellFormed = /^(?:[^[\]]+(?:\[(?:[^[\]]|\[[^[\]]*\])*\])*)?$/

/** Prepares the names of one text for qs, in order. */
class ParameterNames {
  protoSeen = false
  private readonly taken = new Set<string>()
  private readonly lastIndex = new Map<string, number>()

  read(name: string): string {
    if (name.includes('\0')) {
      throw invalidRequest('Invalid request: a parameter name holds a NUL.', { code: 'invalid_characters' })
    }
    if (!wellFormed.test(name)) throw parameterUnknown([abbreviatedName(name)])
    if (name.split('[', MAX_DEPTH + 2).length > MAX_DEPTH + 1) throw tooDeep()
    const numbered = this.number(name)
    this.taken.add(numbered)
    return numbered.includes('__proto__') ? this.hideProto(numbered) : numbered
  }

  /**
   * Numbers list elements: `a[]` is the next element, and `a[][x]` begins a new one when the last has an x,
   * as in Rack.
   */
  private number(name: string): string {
    const at = name.indexOf('[]')
    if (at === -1) return name
    const list = name.slice(0, at)
    const rest = name.slice(at + 2)
    let index = this.lastIndex.get(list) ?? 0
    while (this.taken.has(`${list}[${index}]${rest}`)) index += 1
    this.lastIndex.set(list, index)
    return this.number(`${list}[${index}]${rest}`)
  }

  /** qs drops `__proto__` silently; here it is an ordinary name. */
  private hideProto(name: string): string {
    this.protoSeen = true
    return name.replace(/(^|\[)__proto__(?=$|[[\]])/g, `$1${PROTO}`)
  }
}

function restoreProto(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(restoreProto)
  if (typeof value !== 'object' || value === null) return value
  const restored = nullPrototype()
  for (const [name, below] of Object.entries(value)) {
    restored[name === PROTO ? '__proto__' : name] = restoreProto(below)
  }
  return restored
}
