import { Kind, type TSchema, Type } from '@sinclair/typebox'
import { nullPrototype } from '../json/null-prototype'
import {
  countCharacters,
  type ParameterErrors,
  invalidCharacters,
  invalidHash,
  invalidString,
  metadataKeyTooLong,
  metadataKeyWithBrackets,
  metadataTooManyKeys,
  metadataValueTooLong
} from './parameter-errors'
import { isEmpty, isHash, nameOf, type Reader, reportInvalid, hasInvalidCharacters } from './reader'
import { METADATA } from './schema'

/**
 * Reads a hash of strings under keys that the caller chose, `__proto__` among them, so it has no prototype.
 * An empty value deletes a key in an update and is ignored in a create.
 */
export function metadata(schema: TSchema): Reader {
  const updates = schema[Kind] === 'MetadataUpdate'
  const values = updates ? Type.Union([Type.String(), Type.Null()]) : Type.String()
  return {
    read: (value, name, errors) => {
      if (!isHash(value)) {
        reportInvalid(value, name, errors, invalidHash)
        return undefined
      }
      const hash = nullPrototype<string | null>()
      let count = 0
      for (const [key, each] of Object.entries(value)) {
        checkKey(key, name, errors)
        if (isEmpty(each)) {
          if (updates) hash[key] = null
          continue
        }
        count += 1
        checkValue(each, nameOf(name, key), errors)
        hash[key] = each as string
      }
      if (count > METADATA.keys) errors.invalid(metadataTooManyKeys(name, count, METADATA.keys))
      return hash
    },
    result: Type.Record(Type.String(), values)
  }
}

function checkKey(key: string, name: string, errors: ParameterErrors): void {
  if (hasInvalidCharacters(key)) errors.invalid(invalidCharacters(name))
  else if (/[[\]]/.test(key)) errors.invalid(metadataKeyWithBrackets(name, key))
  else if (countCharacters(key) > METADATA.key) errors.invalid(metadataKeyTooLong(name, key, METADATA.key))
}

function checkValue(value: unknown, name: string, errors: ParameterErrors): void {
  if (typeof value !== 'string') errors.invalid(invalidString(name, value))
  else if (hasInvalidCharacters(value)) errors.invalid(invalidCharacters(name))
  else if (value.length > METADATA.value && countCharacters(value) > METADATA.value) {
    errors.invalid(metadataValueTooLong(name, value, METADATA.value))
  }
}
