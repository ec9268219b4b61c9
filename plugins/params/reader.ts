import type { TSchema } from '@sinclair/typebox'
import { parameterEmpty, type WireError } from '../errors/errors'
import type { ParameterErrors } from './parameter-errors'

/** Gives what the route gets for a value as it came; what is wrong with it goes to `faults` under its full name. */
export type Read = (value: unknown, name: string, faults: ParameterErrors) => unknown

/** How the values of one schema are read, and the schema of what comes out. */
export interface Reader {
  read: Read
  result: TSchema
  /** Whether it reads lists. */
  list?: true
}

/** What unsets a value: an empty string, or JSON's null. */
export const isEmpty = (value: unknown): boolean => value === '' || value === null

export const isHash = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** `card` and `exp_year` make `card[exp_year]`; the outermost hash has no name. */
export const nameOf = (outer: string, key: string): string => (outer === '' ? key : `${outer}[${key}]`)

/** Postgres refuses a NUL and UTF-8 has no half surrogate pairs: neither may get any further. */
export const hasInvalidCharacters = (text: string): boolean => /\0|\p{Surrogate}/u.test(text)

/** Notes what is wrong with a value that is no string, number, … or hash at all: that it is empty, or `error`. */
export function reportInvalid(
  value: unknown,
  name: string,
  faults: ParameterErrors,
  error: (name: string, value: unknown) => WireError
): void {
  faults.invalid(isEmpty(value) ? parameterEmpty(name) : error(name, value))
}
