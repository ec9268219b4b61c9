import { WireError } from '../../errors/errors'
import { lockTimeout } from './lock-timeout'
import { isQueryTimeout } from './query-timeout'

/** Returns the SQLSTATE of a database error; undefined for any other error. No code classifies errors by their text. */
export const sqlState = (error: unknown): string | undefined =>
  error instanceof Error &&
  'code' in error &&
  typeof error.code === 'string' &&
  /^(?=.*\d)[0-9A-Z]{5}$/.test(error.code)
    ? error.code
    : undefined

/** Returns whether Postgres aborted the transaction (serialization failure, deadlock): a retry of all of it may pass. */
export const isTransactionConflict = (error: unknown): boolean =>
  ['40001', '40P01'].includes(sqlState(error) ?? '')

export const lockNotAvailable = '55P03'

// The server went away (08, 57P0x), is a standby (25006), has no free connection (53300), ended an idle transaction
// (25P03), or does not know the outcome (40003). Node's socket errors have no SQLSTATE.
const outcomeUnknown = /^(08...|57P0[1-5]|25006|25P03|53300|40003)$/
const socketErrors =
  /ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|ENOENT|ENOTFOUND|EAI_AGAIN|Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error|Cannot use a pool after/

/** Returns the wire error for a database error; where there is none, the error itself without row values. */
export function toWireError(error: unknown): unknown {
  if (error instanceof WireError) return error
  const state = sqlState(error)
  if (state === lockNotAvailable || isTransactionConflict(error)) return lockTimeout()
  const text = error instanceof Error ? `${error.message} ${(error as NodeJS.ErrnoException).code ?? ''}` : ''
  if (isQueryTimeout(error) || (state ? outcomeUnknown.test(state) : socketErrors.test(text)))
    return databaseUnavailable(error)
  return withoutRowValues(error)
}

/** Returns whether a database error is temporary: the same statement may pass when it is sent again. */
export const isTransient = (error: unknown): boolean => {
  const state = sqlState(error)
  return (
    state !== undefined &&
    (state === lockNotAvailable || isTransactionConflict(error) || outcomeUnknown.test(state))
  )
}

/**
 * Removes row values from a database error, because Postgres repeats the whole row that it rejects and logs must not
 * hold it. The message, the constraint and the table stay.
 */
export function withoutRowValues(error: unknown): unknown {
  if (sqlState(error) !== undefined) Object.assign(error as Error, { detail: undefined, where: undefined })
  return error
}

/** Returns whether the database was unreachable or the connection was lost. The outcome is then unknown. */
export const isUnavailable = (error: unknown): boolean => error instanceof WireError && error.status === 503

/** Returns the 503 of an unreachable database. The caller may retry under the same idempotency key. */
function databaseUnavailable(cause: unknown): WireError {
  const error = new WireError(
    503,
    { type: 'api_error', message: 'The database cannot be reached at the moment. Please try again later.' },
    { shouldRetry: true }
  )
  error.cause = cause
  return error
}
