import { WireError } from '../errors/errors'

/** Another request holds the object (429, not kept under the idempotency key, the SDKs retry it). */
export const lockTimeout = (): WireError =>
  new WireError(
    429,
    {
      type: 'invalid_request_error',
      code: 'lock_timeout',
      message:
        'This object cannot be accessed right now because another API request or Stripe process is currently accessing it. If you see this error intermittently, retry the request. If you see this error frequently and are making multiple concurrent requests to a single object, make your requests serially or at a lower rate.'
    },
    { shouldRetry: true }
  )

export const isLockTimeout = (error: unknown): boolean =>
  error instanceof WireError && error.fields.code === 'lock_timeout'

const tooMany = new Error('too many calls wait for the database')

/** The same for a call that the database was not even asked about, so many waited for it. */
export function databaseBusy(): WireError {
  const error = lockTimeout()
  error.cause = tooMany
  return error
}

/** Nothing was sent to the database. */
export const isDatabaseBusy = (error: unknown): boolean =>
  error instanceof WireError && error.cause === tooMany
