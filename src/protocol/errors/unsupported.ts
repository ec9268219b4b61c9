import { refusal } from './refusal'

export const unsupported = refusal({
  message: (param: string) => `This vault does not support the parameter '${param}'.`,
  param: (param: string) => param,
  why: 'a parameter that nothing in this vault stands behind'
})

/**
 * Refuses documented parameters that this vault has nothing behind, so that none is ever taken and then ignored.
 * They are named in the schema all the same: a caller is told that it is the vault's limit, not a misspelling. `within`
 * is where the parameters stand, when that is in a hash. Those of a body or a query itself are refused by its operation.
 */
export function refuseUnsupported(params: object, names: readonly string[], within?: string): void {
  const given = names.find((name) => Object.hasOwn(params, name))
  if (given === undefined) return
  throw unsupported(within === undefined ? given : `${within}[${given}]`)
}
