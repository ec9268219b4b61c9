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
 * A hash of strings under keys that the caller chose, `__proto__` among them: it has no prototype. An empty value
 * deletes a key in an update and leaves it out of something new.
 */
export function metadata(schema: TSchema): Reader {
  const updates = schema[Kind] === 'MetadataUpdate'
  const values = updates ? Type.Union([Type.String(), Type.Null()]) : Type.String()
  return {
    read: (value, name, faults) => {
      if (!isHash(value)) {
        reportInvalid(value, name, faults, invalidHash)
        return undefined
      }
      const hash = nullPrototype<string | null>()
      let count = 0
      for (const [key, each] of Object.entries(value)) {
        checkKey(key, name, faults)
        if (isEmpty(each)) {
          if (updates) hash[key] = null
          continue
        }
        count += 1
        checkValue(each, nameOf(name, key), faults)
        hash[key] = each as string
      }
      if (count > METADATA.keys) faults.invalid(metadataTooManyKeys(name, count, METADATA.keys))
      return hash
    },
    result: Type.Record(Type.String(), values)
  }
}

function checkKey(key: string, name: string, faults: ParameterErrors): void {
  if (hasInvalidCharacters(key)) faults.invalid(invalidCharacters(name))
  else if (/[[\]]/.test(key)) faults.invalid(metadataKeyWithBrackets(name, key))
  else if (countCharacters(key) > METADATA.key) faults.invalid(metadataKeyTooLong(name, key, METADATA.key))
}

function checkValue(value: unknown, name: string, faults: ParameterErrors): void {
  if (typeof value !== 'string') faults.invalid(invalidString(name, value))
  else if (hasInvalidCharacters(value)) faults.invalid(invalidCharacters(name))
  else if (value.length > METADATA.value && countCharacters(value) > METADATA.value) {
    faults.invalid(metadataValueTooLong(name, value, METADATA.value))
  }
}
