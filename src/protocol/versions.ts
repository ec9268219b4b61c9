import { invalidRequest, type WireError } from '../../plugins/errors/errors'
import { maskNumbers } from '../../plugins/errors/mask-numbers'

/** The version that a call speaks without a `Stripe-Version` header: the one of the reference page. */
export const pageVersion = '2022-11-15'

/** A version behind every other: for looking at an object with all the keys that it has. */
export const everyKey = '9999-12-31'

/** The day from which an answer carries a key. A version compares as text: its first ten characters are a date. */
const keysSince = {
  'charge.outcome.advice_code': '2025-01-27',
  'event.context': '2025-04-30',
  'payment_intent.allowed_payment_method_types': '2026-06-24',
  // Not a key of its own, but what `capture_method` is unless it is given.
  'payment_intent.automatic_async': '2025-10-29',
  'payment_intent.excluded_payment_method_types': '2025-09-30',
  'payment_intent.managed_payments': '2026-06-24',
  'payment_intent.shared_payment_granted_token': '2026-06-24',
  'payment_method.allow_redisplay': '2024-05-09',
  'payment_method.billing_details.tax_id': '2025-04-30',
  'payment_method.card.display_brand': '2024-02-15',
  'payment_method.card.regulated_status': '2024-12-18',
  'payment_method.shared_payment_granted_token': '2026-06-24',
  'setup_intent.allowed_payment_method_types': '2026-06-24',
  'setup_intent.excluded_payment_method_types': '2025-09-30',
  'setup_intent.managed_payments': '2026-06-24',
  'token.card.networks': '2024-02-15',
  'token.card.regulated_status': '2024-12-18',
  customer_account: '2025-12-16'
} as const

/** Whether an answer in `version` carries `key`. */
export const carries = (version: string, key: keyof typeof keysSince): boolean =>
  version.slice(0, 10) >= keysSince[key]

/** The day from which an answer carries a key no more. */
const keysUntil = { 'charge.invoice': '2025-10-29', 'payment_intent.invoice': '2025-10-29' } as const

/** Whether an answer in `version` still carries `key`. */
export const stillCarries = (version: string, key: keyof typeof keysUntil): boolean =>
  version.slice(0, 10) < keysUntil[key]

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
