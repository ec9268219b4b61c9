import type { FastifyRequest } from 'fastify'
import { apiKeyFrom, type Principal } from './api-keys'
import { WireError } from '../errors/errors'

/**
 * The account that a call acts as: the one that its `Stripe-Account` header names, where the caller may, else the
 * caller's own. Throws the 403 that says as much of an account that isn't there as of one that is somebody else's.
 */
export function connectedAccount(request: FastifyRequest, principal: Principal): string | Promise<string> {
  const named = request.headers['stripe-account']
  if (typeof named !== 'string' || named === '' || named === principal.account) return principal.account
  return Promise.resolve(principal.mayActAs?.(named)).then((allowed) => {
    // A host's function may give anything; nothing but this lets the caller in.
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

/** The first eight characters and the last four, where there is anything between them to hide. */
function maskMiddle(key: string): string {
  const printable = key.replace(/[^\x21-\x7e]/g, '?')
  return printable.length <= 12 ? '****' : `${printable.slice(0, 8)}****${printable.slice(-4)}`
}
