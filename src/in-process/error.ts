import {
  errorBody,
  type WireErrorFields,
  type WireErrorType,
  type WireError
} from '../../plugins/errors/errors'

/** The `error` hash of a refusal over HTTP. */
export type ErrorHash = Readonly<WireErrorFields>

/**
 * Refuses an in-process call. Over HTTP, the same call gets an answer with this status and this hash. A host's route
 * that does not catch it answers with the status and the message.
 */
export class PaymentVaultError extends Error {
  override readonly name = 'PaymentVaultError'
  readonly statusCode: number
  readonly type: WireErrorType
  readonly code: string | undefined
  /** The issuer's reason, for a declined card. */
  readonly declineCode: string | undefined
  /** The parameter that caused the refusal, in bracket form. */
  readonly param: string | undefined
  /** The id of the call, as in the `Request-Id` header. */
  readonly requestId: string
  /** The whole hash, with the objects of the refusal (`payment_method`, `setup_intent`, …). */
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

export const toVaultError = (error: WireError, requestId: string): PaymentVaultError =>
  new PaymentVaultError(error.status, errorHashIn(errorBody(error)), requestId, error.cause)

/** Returns the hash in the body of a refusal. */
export const errorHashIn = (body: string): ErrorHash => (JSON.parse(body) as { error: ErrorHash }).error
