import { randomBytes } from 'node:crypto'

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const timeLength = 7

/** Milliseconds since 1970 in seven base62 characters (enough until the year 2081), in ascending order as text. */
function timeCharacters(milliseconds: number): string {
  let rest = milliseconds
  let text = ''
  for (let i = 0; i < timeLength; i++) {
    text = alphabet.charAt(rest % 62) + text
    rest = Math.floor(rest / 62)
  }
  return text
}

/** `length` characters, each of 62 equally likely ones, from the system's secure source. */
export function randomCharacters(length: number): string {
  let text = ''
  while (text.length < length) {
    // 248 is the largest multiple of 62 in a byte: what is above it would favour the first characters.
    for (const byte of randomBytes(length * 2)) {
      if (byte < 248 && text.length < length) text += alphabet.charAt(byte % 62)
    }
  }
  return text
}

/** Prefix and number of characters behind it, as the wire has them. */
const shapes = {
  acct: 16,
  cus: 14,
  evt: 24,
  key: 24,
  pm: 24,
  req: 14
} as const

/**
 * A new id such as `pm_1VkQ…`: the prefix, then base62. The first characters grow with time, so that new
 * rows land beside each other in the indexes; half of the id or more is random.
 */
export function newId(prefix: keyof typeof shapes, now: number = Date.now()): string {
  const length = shapes[prefix]
  // Long ids start with 1 on the wire; the short ones have no room to spare for it.
  const head = length >= 24 ? '1' : ''
  return `${prefix}_${head}${timeCharacters(now)}${randomCharacters(length - timeLength - head.length)}`
}

/** A request's id: `req_` and 14 characters, nothing that can be guessed from the one before it. */
export const newRequestId = (): string => `req_${randomCharacters(shapes.req)}`

/** What a customer's invoices would be numbered under: eight characters of `0-9A-Z`. */
export const newInvoicePrefix = (): string =>
  Array.from(randomBytes(8), (byte) => alphabet.charAt(byte % 36)).join('')
