import { invalidRequest, type WireError } from '../../plugins/errors/errors'
import { maskNumbers } from '../../plugins/errors/mask-numbers'

/** The version that a call speaks without a `Stripe-Version` header: the one of the reference page. */
export const pageVersion = '2022-11-15'

/** A version behind every other: for looking at an object with all the keys that it has. */
export const everyKey = '9999-12-31'

// 2022-11-15, 2026-07-29.dahlia, and either with betas behind it: `; some_beta=v1`.
const shape = /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])(\.[a-z]{1,40})?(; ?[a-z0-9_]{1,80}=v\d{1,3})*$/

/** The version to answer in, as the header gives it; throws the wire's error for one that is no version. */
export function versionOf(header: string | undefined, fallback: string): string {
  if (header === undefined) return fallback
  if (!isVersion(header)) throw invalidVersion(header)
  return header
}

/** Whether it is a version in form; a day on which none was published counts as the one before. */
export const isVersion = (text: string): boolean => text.length <= 500 && shape.test(text)

export const invalidVersion = (text: string, param?: string): WireError =>
  invalidRequest(
    `Invalid Stripe API version: ${maskNumbers(text, 8).slice(0, 100)}`,
    param === undefined ? undefined : { param }
  )
