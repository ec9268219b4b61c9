import { Kind, OptionalKind, type TSchema, Type } from '@sinclair/typebox'
import { repeatedValues } from './brackets'
import { metadata } from './metadata-reader'
import { nullPrototype } from '../json/null-prototype'
import { ParameterErrors, invalidArray, invalidCharacters, invalidHash } from './parameter-errors'
import {
  isEmpty,
  isHash,
  nameOf,
  type Read,
  type Reader,
  reportInvalid,
  hasInvalidCharacters
} from './reader'
import { booleans, choices, decimals, integers, strings } from './scalar-readers'

/**
 * Returns the reader of a parameter schema. Forms send strings and maps of indexes, JSON sends typed values:
 * both give the same result. Throws at start-up for a schema that no reader enforces.
 */
export function readerOf(schema: TSchema): Reader {
  switch (schema[Kind]) {
    case 'Object':
      return hashes(schema)
    case 'Array':
      return lists(schema)
    case 'Record':
      return records(schema)
    case 'Union':
      return unions(schema)
    case 'Clearable':
      return clearables(schema)
    case 'Metadata':
    case 'MetadataUpdate':
      return metadata(schema)
    case 'String':
    case 'Phone':
      return strings(schema)
    case 'OneOf':
      return choices(schema)
    case 'Integer':
      return integers(schema)
    case 'Number':
      return decimals(schema)
    case 'Boolean':
      return booleans(schema)
    case 'Unknown':
      return { read: readUnknown, result: schema }
    default:
      throw new TypeError(`A parameter can't be of the kind ${schema[Kind]}.`)
  }
}

function hashes(schema: TSchema): Reader {
  if (schema.additionalProperties !== false) {
    throw new TypeError(`A hash must name all it takes: ${Object.keys(propertiesOf(schema)).join(', ')}`)
  }
  const properties = Object.entries(propertiesOf(schema))
  const readers = new Map(properties.map(([key, property]) => [key, readerOf(property)]))
  const required = properties.filter(([, property]) => !(OptionalKind in property)).map(([key]) => key)

  const read: Read = (value, name, errors) => {
    if (!isHash(value)) {
      reportInvalid(value, name, errors, invalidHash)
      return undefined
    }
    for (const key of required) {
      if (!Object.hasOwn(value, key)) errors.missing(nameOf(name, key))
    }
    const hash: Record<string, unknown> = {}
    for (const key of Object.keys(value)) {
      const reader = readers.get(key)
      if (reader === undefined) {
        errors.unknown(
          nameOf(name, key),
          properties.map(([known]) => nameOf(name, known))
        )
        continue
      }
      const given = value[key]
      const bare =
        reader.list && typeof given === 'string' && given !== '' ? repeatedValues(value, key) : undefined
      hash[key] = reader.read(bare ?? given, nameOf(name, key), errors)
    }
    return hash
  }

  const results = properties.map(([key, property]) => {
    const result = readers.get(key)?.result ?? property
    return [key, OptionalKind in property ? Type.Optional(result) : result] as const
  })
  return { read, result: Type.Object(Object.fromEntries(results), { additionalProperties: false }) }
}

function lists(schema: TSchema): Reader {
  const { items, ...bounds } = schema as TSchema & { items: TSchema }
  const element = readerOf(items)
  const read: Read = (value, name, errors) => {
    if (!Array.isArray(value) && !isIndexed(value)) {
      reportInvalid(value, name, errors, invalidArray)
      return undefined
    }
    return Object.entries(value).map(([index, each]) => element.read(each, nameOf(name, index), errors))
  }
  return { read, result: { ...bounds, items: element.result }, list: true }
}

/** Object.entries returns integer keys in ascending order, which is the caller's order. */
function isIndexed(value: unknown): value is Record<string, unknown> {
  if (!isHash(value)) return false
  const keys = Object.keys(value)
  return keys.length > 0 && keys.every((key) => /^(?:0|[1-9]\d{0,8})$/.test(key))
}

function records(schema: TSchema): Reader {
  const [values] = Object.values(schema.patternProperties as Record<string, TSchema>)
  const element = readerOf(values ?? Type.Unknown())
  const read: Read = (value, name, errors) => {
    if (!isHash(value)) {
      reportInvalid(value, name, errors, invalidHash)
      return undefined
    }
    const record = nullPrototype()
    for (const key of Object.keys(value)) {
      if (hasInvalidCharacters(key)) errors.invalid(invalidCharacters(name))
      record[key] = element.read(value[key], nameOf(name, key), errors)
    }
    return record
  }
  return { read, result: Type.Record(Type.String(), element.result) }
}

/**
 * Reads the first alternative that accepts the value. If none does, reports the errors of the first
 * alternative of the value's shape.
 */
function unions(schema: TSchema): Reader {
  const alternatives = (schema.anyOf as TSchema[]).map((each) => ({
    ...readerOf(each),
    nested: isNested(each)
  }))
  const read: Read = (value, name, errors) => {
    const nested = typeof value === 'object' && value !== null
    const fitting = alternatives.filter((each) => each.nested === nested)
    let refused: ParameterErrors | undefined
    for (const alternative of fitting.length > 0 ? fitting : alternatives) {
      const own = new ParameterErrors()
      const result = alternative.read(value, name, own)
      if (own.isEmpty) return result
      refused ??= own
    }
    if (refused !== undefined) errors.merge(refused)
    return undefined
  }
  return { read, result: Type.Union(alternatives.map((each) => each.result)) }
}

const isNested = (schema: TSchema): boolean => schema.type === 'object' || schema.type === 'array'

function clearables(schema: TSchema): Reader {
  const [cleared] = schema.anyOf as [TSchema]
  const inner = readerOf(cleared)
  return {
    read: (value, name, errors) => (isEmpty(value) ? null : inner.read(value, name, errors)),
    result: Type.Union([inner.result, Type.Null()])
  }
}

const readUnknown: Read = (value, name, errors) => {
  if (typeof value === 'string' && hasInvalidCharacters(value)) errors.invalid(invalidCharacters(name))
  if (typeof value !== 'object' || value === null) return value
  for (const [key, below] of Object.entries(value)) {
    if (hasInvalidCharacters(key)) errors.invalid(invalidCharacters(name))
    readUnknown(below, nameOf(name, key), errors)
  }
  return value
}

const propertiesOf = (schema: TSchema): Record<string, TSchema> =>
  schema.properties as Record<string, TSchema>
