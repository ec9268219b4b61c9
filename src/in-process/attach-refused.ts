import { WireError } from '../../plugins/errors/errors'

export interface AttachRefusal {
  /** Shown to the caller. */
  message: string
  /** The HTTP status; 400 by default. */
  status?: 400 | 402 | 403 | 404 | 409 | undefined
  code?: string | undefined
  /** The parameter that caused the refusal, in bracket form. */
  param?: string | undefined
}

/**
 * Refuses an attach when `beforeAttach` throws it. The vault rolls back the call and answers this error, an
 * `invalid_request_error`. The call's idempotency key stores the refusal like any other refusal of an attach. A retry
 * with the key gets the same answer and does not run the hook.
 */
export class AttachRefused extends WireError {
  constructor({ message, status = 400, code, param }: AttachRefusal) {
    super(
      status,
      {
        type: 'invalid_request_error',
        message,
        ...(code !== undefined && { code }),
        ...(param !== undefined && { param })
      },
      { executed: true }
    )
  }
}
