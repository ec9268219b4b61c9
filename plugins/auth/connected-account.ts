import type { FastifyRequest } from 'fastify'
import { apiKeyFrom, type Principal } from './api-keys'
import { WireError } from '../errors/errors'

/**
 * Returns the account that a call acts as: the one in its `Stripe-Account` header, or else the caller's own.
 * Throws the same 403 for an account that does not exist and for one that the caller may not use.
 */
export function connectedAccount(request: FastifyRequest, principal: Principal): string | Promise<string> {
  const named = request.headers['stripe-account']
  if (typeof named !== 'string' || named === '' || named === principal.account) return principal.account
  return Promise.resolve(principal.mayActAs?.(named)).then((allowed) => {
    // The host's function may return any value; only `true` gives access.
    if (allowed === true) return named
    throw noAccess(apiKeyFrom(request.headers.authorization) ?? '', named)
  })
}

const noAccess = (key: string, account: string): WireError =>
  new WireError(
    403,
    {
      message: `The provided key '${maskMiddle(key)}' does not have access to account '${account.slice(0, 200)}' (or that account does not exist). Application access may have been revoked.`,
      type: 'invalid_request_error',
      code: 'account_invalid'
    },
    { asGiven: true }
  )

/** Keeps the first eight and the last four characters of a key that is long enough to mask. */
function maskMiddle(key: string): string {
  const printable = key.replace(/[^\x21-\x7e]/g, '?')
  return printable.length <= 12 ? '****' : `${printable.slice(0, 8)}****${printable.slice(-4)}`
}
