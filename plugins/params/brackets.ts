import { type IParseOptions, parse } from 'qs'
import { invalidRequest, parameterUnknown, WireError } from '../errors/errors'
import { nullPrototype } from '../json/null-prototype'
import { abbreviatedName } from './parameter-errors'

/** Names below the first in `a[b][c]`: the same bound for forms, queries and JSON. */
export const MAX_DEPTH = 8
/** Values in one body or query. */
export const MAX_PARAMETERS = 1000

/**
 * Reads a form body or a raw query string into nested hashes without a prototype, all values strings.
 *
 * Lists stay maps of indexes (`a[]=x&a[]=y` is `{ a: { 0: 'x', 1: 'y' } }`): only a schema knows where a list is
 * meant, and a metadata key may be a number. Of a name given twice the last value counts. Text that can't be
 * read (percent signs, UTF-8, brackets, too deep, too many) is refused as a whole with a 400.
 */
export function decodeBrackets(text: string): Record<string, unknown> {
  if (text === '') return nullPrototype()
  // The bytes are text already. A form names all that isn't ASCII in percent signs, so a bare replacement
  // character is what is left of bytes that weren't UTF-8.
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

// What most bodies are, and a tenth of the time to read: plain names, and values in which nothing is escaped.
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
 * The same for a query, in which a list may be its name once for each value as well (`a=x&a=y`, as OpenAPI has it):
 * `bareValues` gives them to whoever knows from a schema that a list is meant.
 */
export const decodeQuery = (text: string): Record<string, unknown> =>
  text === '' ? decodeBrackets(text) : Object.defineProperty(decodeBrackets(text), queryText, { value: text })

/** All values that a query has for a name without brackets, in their order; undefined for what is no query. */
export function repeatedValues(hash: object, name: string): string[] | undefined {
  const text = (hash as { [queryText]?: string })[queryText]
  return text === undefined ? undefined : new URLSearchParams(text).getAll(name)
}

type Decoder = NonNullable<IParseOptions['decoder']>

// With its own defaults qs makes lists of metadata keys, drops `constructor`, cuts off silently and can be kept
// busy for minutes by less than a megabyte. One literal, not a spread: that alone halves the time of a small body.
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
 * Each value as its number in a list: where one held `]=`, qs would split there instead of at the first equals sign, and
 * it would look through all of them for brackets.
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

/** Replacing takes five times as long where there is nothing but pluses: 50 ms for as many as a body holds. */
const plusToSpace = (part: string): string => part.split('+').join(' ')

function decodePart(part: string): string {
  if (!part.includes('%')) return plusToSpace(part)
  try {
    return decodeURIComponent(plusToSpace(part))
  } catch {
    throw invalidRequest('Invalid request: a parameter has a percent sign that begins no UTF-8 character.')
  }
}

// No name may hold a NUL, so a name that begins with one can only be ours.
const PROTO = '\0__proto__'

// One level of brackets inside brackets passes, so that a metadata key which holds some is refused as that.
const wellFormed = /^(?:[^[\]]+(?:\[(?:[^[\]]|\[[^[\]]*\])*\])*)?$/

/** The names of one text, in their order, made ready for qs. */
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

  /** `a[]` is the next element; `a[][x]` begins a new one where the last has its x already, as in Rack. */
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

  /** qs drops this one name in silence; here it is a name like any other. */
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
