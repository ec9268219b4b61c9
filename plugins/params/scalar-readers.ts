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

/** Text. A number or a boolean in JSON is none: what is kept and given back are strings. */
export function strings(schema: TSchema): Reader {
  // TypeBox counts UTF-16 units; the length is counted here, in characters, as the document means it.
  const { maxLength = Infinity, ...rest } = schema as TSchema & { maxLength?: number }
  const secret = schema.writeOnly === true
  const phone = schema[Kind] === 'Phone'
  const tooLong = phone ? phoneTooLong : stringTooLong
  return {
    read: (value, name, faults) => {
      if (typeof value !== 'string' || value === '') {
        reportInvalid(value, name, faults, secret ? () => invalidSecret(name) : invalidString)
      } else if (hasInvalidCharacters(value)) faults.invalid(invalidCharacters(name))
      else if (value.length > maxLength && countCharacters(value) > maxLength) {
        faults.invalid(secret ? invalidSecret(name, maxLength) : tooLong(name, value, maxLength))
      }
      return value
    },
    result: phone ? Type.String() : rest
  }
}

/** One of the strings that an enum names. */
export function choices(schema: TSchema): Reader {
  const allowed = schema.enum as string[]
  return {
    read: (value, name, faults) => {
      if (isEmpty(value)) faults.invalid(parameterEmpty(name))
      else if (typeof value === 'object') faults.invalid(invalidString(name, value))
      else if (!allowed.includes(value as string)) faults.invalid(invalidChoice(name, allowed))
      return value
    },
    result: Type.Union(allowed.map((each) => Type.Literal(each)))
  }
}

/** A whole number that JavaScript can hold exactly. */
export function integers(schema: TSchema): Reader {
  const minimum = (schema.minimum ?? -Infinity) as number
  return {
    read: (value, name, faults) => {
      const number = typeof value === 'string' && /^-?\d+$/.test(value) ? Number(value) + 0 : value
      if (!Number.isSafeInteger(number)) reportInvalid(value, name, faults, invalidInteger)
      else if ((number as number) < minimum) faults.invalid(integerTooSmall(name, minimum))
      return number
    },
    result: schema
  }
}

export function decimals(schema: TSchema): Reader {
  return {
    read: (value, name, faults) => {
      const number =
        typeof value === 'string' && /^-?(?:\d+(?:\.\d*)?|\.\d+)$/.test(value) ? Number(value) : value
      if (!Number.isFinite(number)) reportInvalid(value, name, faults, invalidDecimal)
      return number
    },
    result: schema
  }
}

export function booleans(schema: TSchema): Reader {
  return {
    read: (value, name, faults) => {
      const boolean = value === 'true' ? true : value === 'false' ? false : value
      if (typeof boolean !== 'boolean') reportInvalid(value, name, faults, invalidBoolean)
      return boolean
    },
    result: schema
  }
}
