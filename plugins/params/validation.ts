import type { TSchema } from '@sinclair/typebox'
import { type TypeCheck, TypeCompiler } from '@sinclair/typebox/compiler'
import type { FastifySchemaCompiler } from 'fastify'
import { invalidRequest, type WireError } from '../errors/errors'
import { ParameterErrors } from './parameter-errors'
import { isHash, nameOf } from './reader'
import { readerOf } from './readers'

/**
 * Fastify's validator compiler for TypeBox schemas with the types of `./schema`. The validator returns the
 * decoded values, or the first of the wire's parameter errors (unknown, missing, invalid).
 */
export const validatorCompiler: FastifySchemaCompiler<TSchema> = ({ schema }) => {
  const known = validators.get(schema)
  if (known) return known
  const validator = compileValidator(schema)
  validators.set(schema, validator)
  return validator
}

// Compiles each schema once for all mounts, because the result depends only on the schema.
const validators = new WeakMap<TSchema, Validator>()

type Validator = (given: unknown) => { value: unknown } | { error: WireError }

function compileValidator(schema: TSchema): Validator {
  const { read, result } = readerOf(schema)
  const check = TypeCompiler.Compile(result)
  return (given: unknown) => {
    // Fastify passes null for an empty body, and JSON may send null.
    const parameters = given ?? {}
    if (!isHash(parameters))
      return { error: invalidRequest('Invalid request: the parameters must be an object.') }
    const errors = new ParameterErrors()
    const value = read(parameters, '', errors)
    const error = errors.error() ?? checkResult(check, value)
    return error === undefined ? { value } : { error }
  }
}

/** Checks the keywords that have no error text on the wire, such as `pattern`. */
function checkResult(check: TypeCheck<TSchema>, value: unknown): WireError | undefined {
  if (check.Check(value)) return undefined
  const first = check.Errors(value).First()
  const param = (first?.path ?? '').split('/').slice(1).reduce(nameOf, '')
  return invalidRequest(`Invalid ${param}: ${first?.message ?? 'unexpected value'}`, { param })
}
