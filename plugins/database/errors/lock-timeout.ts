import { WireError } from '../../errors/errors'

/**
 * Returns the 429 of an object that another request has locked. The idempotency key does not keep it, and Stripe's SDKs
 * retry it.
 */
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

/** Returns whether an error is the 429 of `lockTimeout`. */
export const isLockTimeout = (error: unknown): boolean =>
  error instanceof WireError && error.fields.code === 'lock_timeout'

const tooManyWaiting = new Error('too many calls wait for the database')

/** Returns the 429 of a call that was rejected before it reached the database, because too many calls wait. */
export function databaseBusy(): WireError {
  const error = lockTimeout()
  error.cause = tooManyWaiting
  return error
}

/** Returns whether an error is the 429 of `databaseBusy`: nothing was sent to the database. */
export const isDatabaseBusy = (error: unknown): boolean =>
  error instanceof WireError && error.cause === tooManyWaiting
