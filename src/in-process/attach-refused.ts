import { WireError } from '../../plugins/errors/errors'

export interface AttachRefusal {
  /** Shown to the caller. */
  message: string
  /** 400 unless given. */
  status?: 400 | 402 | 403 | 404 | 409 | undefined
  code?: string | undefined
  /** The parameter that is to blame, in bracket form. */
  param?: string | undefined
}

/**
 * Thrown by `beforeAttach`, it undoes all that the call wrote and is what the caller is answered, an
 * `invalid_request_error`. It is kept under the call's idempotency key as every other refusal of an attach is: the
 * same call sent again gets the same answer and asks nobody.
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
