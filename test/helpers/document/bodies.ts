import type { Test } from 'tap'
import type { Reply } from '../vault'

/** The error hash without its type, and without the `doc_url` that follows from the code. */
export interface Refusal {
  message: string
  code?: string
  param?: string
  type?: string
}

/** Compares a whole refusal: its status, and every key of its body. */
export function refused(t: Test, reply: Reply, status: number, error: Refusal, name = error.message): void {
  t.equal(reply.status, status, name)
  const doc_url = `https://stripe.com/docs/error-codes/${error.code?.replaceAll('_', '-') ?? ''}`
  t.same(
    reply.body,
    { error: { type: 'invalid_request_error', ...error, ...(error.code !== undefined && { doc_url }) } },
    name
  )
}

export const noSuch = (noun: string, id: string, param: string): Refusal => ({
  code: 'resource_missing',
  message: `No such ${noun}: '${id}'`,
  param
})

export const parameterUnknown = (name: string, hint = ''): Refusal => ({
  code: 'parameter_unknown',
  message: `Received unknown parameter: ${name}${hint}`,
  param: name
})

export const parameterMissing = (param: string): Refusal => ({
  code: 'parameter_missing',
  message: `Missing required param: ${param}.`,
  param
})

/** What stands at a dotted path of a body. */
export const part = (of: unknown, path: string): unknown =>
  path.split('.').reduce<unknown>((value, key) => (value as Record<string, unknown> | null)?.[key], of)
