import { invalidRequest, type WireError } from '../../../plugins/errors/errors'

/**
 * Refuses documented parameters that this vault has nothing behind, so that none is ever taken and then ignored.
 * They are named in the schema all the same: a caller is told that it is the vault's limit, not a misspelling. `within`
 * is where the parameters stand, when that is in a hash.
 */
export function refuseUnsupported(params: object, names: readonly string[], within?: string): void {
  const given = names.find((name) => Object.hasOwn(params, name))
  if (given === undefined) return
  throw unsupported(within === undefined ? given : `${within}[${given}]`)
}

export const unsupported = (param: string): WireError =>
  invalidRequest(`This vault does not support the parameter '${param}'.`, { param })
