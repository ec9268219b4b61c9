import { ascending, toBody } from '../json/json'
import { maskNumbers } from './mask-numbers'

/** The four values that `error.type` takes on the wire. There is no other in v1 bodies. */
export type WireErrorType = 'api_error' | 'card_error' | 'idempotency_error' | 'invalid_request_error'

/** The error hash as it is sent; an absent or undefined key is left out, never sent as null. */
export interface WireErrorFields {
  type: WireErrorType
  message?: string | undefined
  code?: string | undefined
  param?: string | undefined
  [key: string]: unknown
}

/**
 * A refusal with the status and body that the caller will see.
 *
 * `executed` tells the idempotency layer that the endpoint had started to execute, so that the answer is
 * kept under the caller's key and `Stripe-Should-Retry: false` is sent; parameter errors, unknown ids and
 * lock conflicts are not kept, and the next call with that key runs.
 */
export class WireError extends Error {
  override readonly name = 'WireError'
  readonly status: number
  readonly fields: WireErrorFields
  readonly executed: boolean
  /** Sent as `Stripe-Should-Retry` where it is set; where it is not, `false` is sent for executed answers. */
  readonly shouldRetry: boolean | undefined
  /** Its keys stand as they are given here, not ascending: there is one such error on the wire. */
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

/** What a message repeats of a call may be a card number that stood in the wrong place. */
const maskFields = (fields: WireErrorFields): WireErrorFields => ({
  ...fields,
  ...(fields.message !== undefined && { message: maskNumbers(fields.message) }),
  ...(fields.param !== undefined && { param: maskNumbers(fields.param) })
})

/** A 400 of type `invalid_request_error`, where nothing more is to be said than a message, a code and a param. */
export const invalidRequest = (message: string, more: { code?: string; param?: string } = {}): WireError =>
  new WireError(400, { type: 'invalid_request_error', message, ...more })

/** The endpoint ran and the object's state forbids the change: kept under the caller's idempotency key. */
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
 * An id in the path names nothing (404) or an id in a parameter does (400): the code is the same. It is repeated as it was
 * sent, but for bare digits, which no id is: they may be the number of a bank account.
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

/** The keys of an error hash as they are sent: with `doc_url` where there is a code. */
export const wireFields = (fields: WireErrorFields): Record<string, unknown> =>
  fields.code === undefined
    ? { ...fields }
    : { ...fields, doc_url: `https://stripe.com/docs/error-codes/${fields.code.replaceAll('_', '-')}` }

/** The body of a refusal: keys ascending, nothing that is unset, `doc_url` where there is a code, one newline behind. */
export function errorBody(error: WireError): string {
  const fields = wireFields(error.fields)
  return `${toBody({ error: error.keepKeyOrder ? fields : ascending(fields) })}\n`
}
