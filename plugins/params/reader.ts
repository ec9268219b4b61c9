import type { TSchema } from '@sinclair/typebox'
import { parameterEmpty, type WireError } from '../errors/errors'
import type { ParameterErrors } from './parameter-errors'

/** Returns the route's value for a raw value. Adds errors to `errors` under the full name. */
export type Read = (value: unknown, name: string, errors: ParameterErrors) => unknown

/** The reader of one schema, and the schema of its result. */
export interface Reader {
  read: Read
  result: TSchema
  /** Set when it reads lists. */
  list?: true
}

/** Returns whether a value unsets a parameter: an empty string, or null in JSON. */
export const isEmpty = (value: unknown): boolean => value === '' || value === null

export const isHash = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Returns `card[exp_year]` for `card` and `exp_year`; the outermost hash has no name. */
export const nameOf = (outer: string, key: string): string => (outer === '' ? key : `${outer}[${key}]`)

/**
 * Returns whether text holds a NUL, which Postgres rejects, or a lone surrogate, which UTF-8 cannot encode.
 */
export const hasInvalidCharacters = (text: string): boolean => /\0|\p{Surrogate}/u.test(text)

/** Adds the error of a value with the wrong type: the one for an empty value, or `error`. */
export function reportInvalid(
  value: unknown,
  name: string,
  errors: ParameterErrors,
  error: (name: string, value: unknown) => WireError
): void {
  errors.invalid(isEmpty(value) ? parameterEmpty(name) : error(name, value))
}
