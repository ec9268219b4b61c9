import { ascending, toBody } from '../json/json'
import { maskNumbers } from './mask-numbers'

/** The values of `error.type` on the wire. */
export type WireErrorType = 'api_error' | 'card_error' | 'idempotency_error' | 'invalid_request_error'

/** The wire's error hash. A key that is absent or undefined is omitted, never sent as null. */
export interface WireErrorFields {
  type: WireErrorType
  message?: string | undefined
  code?: string | undefined
  param?: string | undefined
  [key: string]: unknown
}

/**
 * An error with the status and the body that the caller gets.
 *
 * `executed` means that the endpoint had started to execute: the idempotency key keeps the answer, and
 * `Stripe-Should-Retry: false` is sent. Parameter errors, unknown ids and lock conflicts are not kept, and
 * the next call with the key runs.
 */
export class WireError extends Error {
  override readonly name = 'WireError'
  readonly status: number
  readonly fields: WireErrorFields
  readonly executed: boolean
  /** The value of `Stripe-Should-Retry`. Default: `false` for executed answers, else no header. */
  readonly shouldRetry: boolean | undefined
  /** Whether the body keeps this order of keys instead of the alphabet's. The wire has one such error. */
  readonly keepKeyOrder: boolean

  constructor(
    status: number,
    fields: WireErrorFields,
    how: { executed?: boolean; shouldRetry?: boolean; asGiven?: boolean } = {}
  ) {
    const masked = maskFields(fields)
    super(masked.message ?? masked.type)
    this.status = status
    this.fields = masked
    this.executed = how.executed ?? false
    this.shouldRetry = how.shouldRetry
    this.keepKeyOrder = how.asGiven ?? false
  }
}

/** Masks numbers, because a message may repeat a card number that was sent in the wrong parameter. */
const maskFields = (fields: WireErrorFields): WireErrorFields => ({
  ...fields,
  ...(fields.message !== undefined && { message: maskNumbers(fields.message) }),
  ...(fields.param !== undefined && { param: maskNumbers(fields.param) })
})

/** Returns a 400 of type `invalid_request_error`. */
export const invalidRequest = (message: string, more: { code?: string; param?: string } = {}): WireError =>
  new WireError(400, { type: 'invalid_request_error', message, ...more })

/** Returns the 400 for a change that the object's state forbids. The idempotency key keeps it. */
export const stateForbids = (message: string, more: { code?: string; param?: string } = {}): WireError =>
  new WireError(400, { type: 'invalid_request_error', message, ...more }, { executed: true })

export const parameterUnknown = (names: readonly string[], hint?: string): WireError =>
  invalidRequest(
    `Received unknown parameter${names.length > 1 ? 's' : ''}: ${names.join(', ')}${hint === undefined ? '' : `. Did you mean ${hint}?`}`,
    { code: 'parameter_unknown', param: names[0] ?? '' }
  )

export const parameterMissing = (param: string): WireError =>
  invalidRequest(`Missing required param: ${param}.`, { code: 'parameter_missing', param })

export const parameterEmpty = (param: string): WireError =>
  invalidRequest(
    `You passed an empty string for '${param}'. We assume empty values are an attempt to unset a parameter; however '${param}' cannot be unset. You should remove '${param}' from your request or supply a non-empty value.`,
    { code: 'parameter_invalid_empty', param }
  )

/**
 * Returns the error for an unknown id: 404 in a path, 400 in a parameter. The message repeats the id but
 * masks bare digits, which no id is: they may be a bank account number.
 */
export const resourceMissing = (
  status: 400 | 404,
  noun: string,
  id: string,
  param: string,
  hint = ''
): WireError =>
  new WireError(status, {
    type: 'invalid_request_error',
    message: `No such ${noun}: '${maskNumbers(id, 8)}'${hint}`,
    code: 'resource_missing',
    param
  })

/** Returns the keys of an error hash as sent, with `doc_url` where there is a code. */
export const wireFields = (fields: WireErrorFields): Record<string, unknown> =>
  fields.code === undefined
    ? { ...fields }
    : { ...fields, doc_url: `https://stripe.com/docs/error-codes/${fields.code.replaceAll('_', '-')}` }

/**
 * Returns an error's body: sorted keys, no undefined values, `doc_url` where there is a code, and a final
 * newline.
 */
export function errorBody(error: WireError): string {
  const fields = wireFields(error.fields)
  return `${toBody({ error: error.keepKeyOrder ? fields : ascending(fields) })}\n`
}
