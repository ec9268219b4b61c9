import {
  errorBody,
  type WireErrorFields,
  type WireErrorType,
  type WireError
} from '../../plugins/errors/errors'

/** The `error` hash that a caller over HTTP is sent. */
export type ErrorHash = Readonly<WireErrorFields>

/**
 * What a call of the host's own code is refused with, where a call over HTTP gets an answer with this status and this
 * hash. A host's route that lets it through answers with the status and the message.
 */
export class PaymentVaultError extends Error {
  override readonly name = 'PaymentVaultError'
  readonly statusCode: number
  readonly type: WireErrorType
  readonly code: string | undefined
  /** Why the issuer refused, for a card that was declined. */
  readonly declineCode: string | undefined
  /** The parameter that is to blame, in bracket form. */
  readonly param: string | undefined
  /** As an answer's `Request-Id`. */
  readonly requestId: string
  /** The whole hash, with what else belongs to the refusal (`payment_method`, `setup_intent`, …). */
  readonly error: ErrorHash

  constructor(statusCode: number, error: ErrorHash, requestId: string, cause?: unknown) {
    super(error.message ?? error.type, cause === undefined ? {} : { cause })
    this.statusCode = statusCode
    this.type = error.type
    this.code = error.code
    this.declineCode = typeof error.decline_code === 'string' ? error.decline_code : undefined
    this.param = error.param
    this.requestId = requestId
    this.error = error
  }
}

export const thrownOf = (error: WireError, requestId: string): PaymentVaultError =>
  new PaymentVaultError(error.status, hashIn(errorBody(error)), requestId, error.cause)

/** The hash in the body of a refusal. */
export const hashIn = (body: string): ErrorHash => (JSON.parse(body) as { error: ErrorHash }).error
