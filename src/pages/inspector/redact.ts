/**
 * Redacts a body. Keeps its shape and the values of names that hold nothing private. Hides the values of all other names,
 * and any value that looks like a card number or a secret.
 */
export const redacted = (body: unknown): unknown => shown(body, '', { left: mostValues })

function shown(value: unknown, name: string, room: { left: number }): unknown {
  if (value === null || value === undefined || typeof value === 'boolean') return value
  if (room.left-- <= 0) return hidden
  if (typeof value === 'string' || typeof value === 'number') {
    return shownNames.has(name) && isHarmless(String(value)) ? value : hidden
  }
  if (typeof value !== 'object') return hidden
  if (Array.isArray(value)) {
    const first = value.slice(0, mostItems).map((each) => shown(each, name, room))
    return value.length > mostItems ? [...first, `… ${value.length - mostItems} more`] : first
  }
  // The caller chooses the keys of metadata, so they may be private too.
  if (name === 'metadata') return Object.keys(value).length === 0 ? {} : hidden
  const entries = Object.entries(value).slice(0, Math.max(room.left, 0))
  return Object.fromEntries(
    entries.map(([key, each]) => [redactedName(key), shown(each, key, room)] as const)
  )
}

/** Redacts a path: keeps words and ids, and hides other parts. */
export const redactedPath = (path: string): string =>
  path
    .split('/')
    .map((part) => (part === '' || (isHarmless(part) && /^(v1|[a-z]+(_\w+)?)$/.test(part)) ? part : hidden))
    .join('/')

/** Redacts the name of a parameter, such as `card[number]`. */
export const redactedName = (name: string): string =>
  /^[a-z_0-9[\]]{1,60}$/i.test(name) && !digits.test(name) && !metadata.test(name) ? name : hidden

const hidden = '•••'
const mostItems = 5
// Limits all logged bodies together to a few megabytes.
const mostValues = 300

const isHarmless = (text: string): boolean =>
  /^[\w.[\]-]{0,64}$/.test(text) && ![digits, secrets, metadata].some((each) => each.test(text))

// Eight digits, as in the shortest card and account numbers, in any grouping.
const digits = /(\d[^a-z\d]*){8}/i
const secrets = /secret|^(sk|rk|pk)_(test|live)_|^whsec_/
const metadata = /^metadata\[./

const shownNames = new Set(
  `id object type status code decline_code param brand display_brand funding country last4 exp_month exp_year currency
  amount amount_received amount_capturable amount_refunded amount_captured usage customer payment_method
  default_payment_method payment_intent setup_intent latest_charge latest_attempt charge capture_method limit
  starting_after ending_before expand enabled_events allow_redisplay cvc_check address_postal_code_check reason
  setup_future_usage confirmation_method cancellation_reason preferred`.split(/\s+/)
)
