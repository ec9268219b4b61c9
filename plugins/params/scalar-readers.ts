import { Kind, type TSchema, Type } from '@sinclair/typebox'
import { parameterEmpty } from '../errors/errors'
import {
  countCharacters,
  integerTooSmall,
  invalidBoolean,
  invalidCharacters,
  invalidChoice,
  invalidDecimal,
  invalidInteger,
  invalidSecret,
  invalidString,
  phoneTooLong,
  stringTooLong
} from './parameter-errors'
import { isEmpty, type Reader, reportInvalid, hasInvalidCharacters } from './reader'

/** Reads a string. A number or a boolean in JSON is invalid: the vault stores and returns strings. */
export function strings(schema: TSchema): Reader {
  // TypeBox counts UTF-16 units; this reader counts characters, as the document does.
  const { maxLength = Infinity, ...rest } = schema as TSchema & { maxLength?: number }
  const secret = schema.writeOnly === true
  const phone = schema[Kind] === 'Phone'
  const tooLong = phone ? phoneTooLong : stringTooLong
  return {
    read: (value, name, errors) => {
      if (typeof value !== 'string' || value === '') {
        reportInvalid(value, name, errors, secret ? () => invalidSecret(name) : invalidString)
      } else if (hasInvalidCharacters(value)) errors.invalid(invalidCharacters(name))
      else if (value.length > maxLength && countCharacters(value) > maxLength) {
        errors.invalid(secret ? invalidSecret(name, maxLength) : tooLong(name, value, maxLength))
      }
      return value
    },
    result: phone ? Type.String() : rest
  }
}

/** Reads one of the strings of an enum. */
export function choices(schema: TSchema): Reader {
  const allowed = schema.enum as string[]
  return {
    read: (value, name, errors) => {
      if (isEmpty(value)) errors.invalid(parameterEmpty(name))
      else if (typeof value === 'object') errors.invalid(invalidString(name, value))
      else if (!allowed.includes(value as string)) errors.invalid(invalidChoice(name, allowed))
      return value
    },
    result: Type.Union(allowed.map((each) => Type.Literal(each)))
  }
}

/** Reads an integer that JavaScript represents exactly. */
export function integers(schema: TSchema): Reader {
  const minimum = (schema.minimum ?? -Infinity) as number
  return {
    read: (value, name, errors) => {
      const number = typeof value === 'string' && /^-?\d+$/.test(value) ? Number(value) + 0 : value
      if (!Number.isSafeInteger(number)) reportInvalid(value, name, errors, invalidInteger)
      else if ((number as number) < minimum) errors.invalid(integerTooSmall(name, minimum))
      return number
    },
    result: schema
  }
}

export function decimals(schema: TSchema): Reader {
  return {
    read: (value, name, errors) => {
      const number =
        typeof value === 'string' && /^-?(?:\d+(?:\.\d*)?|\.\d+)$/.test(value) ? Number(value) : value
      if (!Number.isFinite(number)) reportInvalid(value, name, errors, invalidDecimal)
      return number
    },
    result: schema
  }
}

export function booleans(schema: TSchema): Reader {
  return {
    read: (value, name, errors) => {
      const boolean = value === 'true' ? true : value === 'false' ? false : value
      if (typeof boolean !== 'boolean') reportInvalid(value, name, errors, invalidBoolean)
      return boolean
    },
    result: schema
  }
}
