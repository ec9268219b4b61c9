import { WireError, type WireErrorType } from '../../../plugins/errors/errors'

/**
 * How a call can be refused, as the document says it: a line under one status, made of one clause or more. An operation
 * lists such values as its `errors`.
 */
export interface Documented {
  readonly status: number
  readonly clauses: readonly Clause[]
}

interface Clause {
  /** The codes of the errors; null is to have none. */
  readonly codes: readonly (string | null)[]
  readonly type?: WireErrorType | undefined
  /** The parameter that tells errors without a code apart. */
  readonly param?: string | undefined
  /** Why: the rest of a sentence, without its full stop. */
  readonly why: string
}

/** A refusal is one value: a rule throws what it returns, and an operation documents it. */
export type Refusal<Args extends unknown[] = []> = ((...args: Args) => WireError) & Documented

interface Meaning<Args extends unknown[]> {
  /** The `message` on the wire. */
  message: string | ((...args: Args) => string)
  /** The document's sentence, without its full stop. Left out where `because` says it for several errors. */
  why?: string
  /** 400 unless given. */
  status?: number
  code?: string
  param?: string | ((...args: Args) => string)
  /** Whether the endpoint had started to execute: the answer is then kept under the caller's idempotency key. */
  executed?: boolean
}

/**
 * Returns an `invalid_request_error`:
 * `const alreadyRefunded = refusal({ code: 'charge_already_refunded', message: (id: string) => …, why: '…' })`.
 */
export function refusal<Args extends unknown[] = []>(meaning: Meaning<Args>): Refusal<Args> {
  const { message, why = '', status = 400, code, param, executed = false } = meaning
  const make = (...args: Args): WireError =>
    new WireError(
      status,
      {
        type: 'invalid_request_error',
        message: typeof message === 'string' ? message : message(...args),
        ...(code !== undefined && { code }),
        ...(param !== undefined && { param: typeof param === 'string' ? param : param(...args) })
      },
      { executed }
    )
  const named = code === undefined && typeof param === 'string' ? param : undefined
  return documented(make, documents({ status, codes: code, param: named, why }))
}

/** Returns `make` with its documentation, for an error that `refusal` cannot make. */
export const documented = <Args extends unknown[], E>(
  make: (...args: Args) => E,
  { status, clauses }: Documented
): ((...args: Args) => E) & Documented => Object.assign(make, { status, clauses })

/** Returns the documentation of errors that other code throws: the plugins, or a processor. */
export const documents = ({
  status,
  codes,
  ...clause
}: Omit<Clause, 'codes'> & {
  status: number
  codes?: string | readonly string[] | undefined
}): Documented => ({
  status,
  clauses: [{ codes: codes === undefined ? [null] : typeof codes === 'string' ? [codes] : codes, ...clause }]
})

/** Returns the documentation of several errors in one clause, under one reason. Throws where their statuses differ. */
export const because = (why: string, ...errors: readonly [Documented, ...Documented[]]): Documented => ({
  status: statusOf(errors),
  clauses: [{ codes: [...new Set(errors.flatMap(codesOf))], why }]
})

/** Returns the documentation of several errors in one line, each with its own reason. Throws where their statuses differ. */
export const either = (...errors: readonly [Documented, ...Documented[]]): Documented => ({
  status: statusOf(errors),
  clauses: errors.flatMap(({ clauses }) => clauses)
})

function statusOf(errors: readonly [Documented, ...Documented[]]): number {
  const [{ status }] = errors
  if (errors.some((each) => each.status !== status)) throw new Error('errors of one line have one status')
  return status
}

const codesOf = ({ clauses }: Documented): (string | null)[] => clauses.flatMap(({ codes }) => codes)
