import { Kind, type TSchema, Type } from '@sinclair/typebox'
import { newHash } from '../json/null-prototype'
import {
  characters,
  type Faults,
  invalidCharacters,
  invalidHash,
  invalidString,
  metadataKeyTooLong,
  metadataKeyWithBrackets,
  metadataTooManyKeys,
  metadataValueTooLong
} from './parameter-errors'
import { isEmpty, isHash, nameOf, type Reader, refuse, unkeepable } from './reader'
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
        refuse(value, name, faults, invalidHash)
        return undefined
      }
      const hash = newHash<string | null>()
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

function checkKey(key: string, name: string, faults: Faults): void {
  if (unkeepable(key)) faults.invalid(invalidCharacters(name))
  else if (/[[\]]/.test(key)) faults.invalid(metadataKeyWithBrackets(name, key))
  else if (characters(key) > METADATA.key) faults.invalid(metadataKeyTooLong(name, key, METADATA.key))
}

function checkValue(value: unknown, name: string, faults: Faults): void {
  if (typeof value !== 'string') faults.invalid(invalidString(name, value))
  else if (unkeepable(value)) faults.invalid(invalidCharacters(name))
  else if (value.length > METADATA.value && characters(value) > METADATA.value) {
    faults.invalid(metadataValueTooLong(name, value, METADATA.value))
  }
}
