import type { TSchema } from '@sinclair/typebox'
import { type TypeCheck, TypeCompiler } from '@sinclair/typebox/compiler'
import type { FastifySchemaCompiler } from 'fastify'
import { invalidRequest, type WireError } from '../errors/errors'
import { ParameterErrors } from './parameter-errors'
import { isHash, nameOf } from './reader'
import { readerOf } from './readers'

/**
 * Fastify's validator compiler for bodies, queries and paths written in TypeBox and `./schema`: gives the route
 * decoded values, or answers with the first of the wire's parameter errors (unknown, missing, ill-typed).
 */
export const validatorCompiler: FastifySchemaCompiler<TSchema> = ({ schema }) => {
  const known = validators.get(schema)
  if (known) return known
  const validator = compileValidator(schema)
  validators.set(schema, validator)
  return validator
}

// A schema is compiled once, however often a host mounts us: what comes out depends on nothing else.
const validators = new WeakMap<TSchema, Validator>()

type Validator = (given: unknown) => { value: unknown } | { error: WireError }

function compileValidator(schema: TSchema): Validator {
  const { read, result } = readerOf(schema)
  const check = TypeCompiler.Compile(result)
  return (given: unknown) => {
    // Fastify gives null where nothing was sent, and JSON may say so itself.
    const parameters = given ?? {}
    if (!isHash(parameters))
      return { error: invalidRequest('Invalid request: the parameters must be an object.') }
    const faults = new ParameterErrors()
    const value = read(parameters, '', faults)
    const error = faults.error() ?? checkResult(check, value)
    return error === undefined ? { value } : { error }
  }
}

/** A keyword that has no words of its own on the wire (a pattern, say) still holds. */
function checkResult(check: TypeCheck<TSchema>, value: unknown): WireError | undefined {
  if (check.Check(value)) return undefined
  const first = check.Errors(value).First()
  const param = (first?.path ?? '').split('/').slice(1).reduce(nameOf, '')
  return invalidRequest(`Invalid ${param}: ${first?.message ?? 'unexpected value'}`, { param })
}
