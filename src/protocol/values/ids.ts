import { randomBytes, randomFillSync } from 'node:crypto'

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

// Asked for in bulk: one call to the system for each id took a twentieth of an attach.
const random = Buffer.alloc(4096)
let used = random.length

function randomByte(): number {
  if (used === random.length) {
    randomFillSync(random)
    used = 0
  }
  return random.readUInt8(used++)
}

/** `length` characters, each of 62 equally likely ones, from the system's secure source. */
export function randomCharacters(length: number): string {
  let text = ''
  while (text.length < length) {
    const byte = randomByte()
    // 248 is the largest multiple of 62 in a byte: what is above it would favour the first characters.
    if (byte < 248) text += alphabet.charAt(byte % 62)
  }
  return text
}

/** The number that the bytes are, as its last `length` digits of base62. */
export function base62(bytes: Buffer, length: number): string {
  let rest = BigInt(`0x${bytes.toString('hex')}`)
  let text = ''
  for (let i = 0; i < length; i++) {
    text = alphabet.charAt(Number(rest % 62n)) + text
    rest /= 62n
  }
  return text
}

/** Prefix and number of characters behind it, as the wire has them. */
const shapes = {
  acct: 16,
  ba: 24,
  btok: 24,
  card: 24,
  ch: 24,
  cus: 14,
  evt: 24,
  key: 24,
  pi: 24,
  pm: 24,
  re: 24,
  req: 14,
  setatt: 24,
  seti: 24,
  src: 24,
  tok: 24,
  we: 24
} as const

// Long ids start with a digit on the wire; the short ones have no room to spare for it.
const headOf = (prefix: keyof typeof shapes): string =>
  ['ch', 'pi', 're'].includes(prefix) ? '3' : shapes[prefix] >= 24 ? '1' : ''

/**
 * A new id such as `pm_1VkQ…`: the prefix, then base62. The first characters grow with time, so that new
 * rows land beside each other in the indexes; half of the id or more is random.
 */
export function newId(prefix: keyof typeof shapes, now: number = Date.now()): string {
  const first = shapes[prefix] >= 24 ? firstId(prefix, now) + sequenceCharacters(now) : firstId(prefix, now)
  return first + randomCharacters(prefix.length + 1 + shapes[prefix] - first.length)
}

let latest = 0
let sequence = 0

/** Two characters that grow within a millisecond, so that what one process makes stands in the order of its making. */
function sequenceCharacters(now: number): string {
  sequence = now === latest ? (sequence + 1) % 62 ** 2 : 0
  latest = now
  return alphabet.charAt(Math.floor(sequence / 62)) + alphabet.charAt(sequence % 62)
}

/** What ids of that millisecond begin with: below every one of them, above every older one, in the order of bytes. */
export const firstId = (prefix: keyof typeof shapes, milliseconds: number): string =>
  `${prefix}_${headOf(prefix)}${timeCharacters(Math.max(milliseconds, 0))}`

/** A request's id: `req_` and 14 characters, nothing that can be guessed from the one before it. */
export const newRequestId = (): string => `req_${randomCharacters(shapes.req)}`

/** What a customer's invoices would be numbered under: eight characters of `0-9A-Z`. */
export const newInvoicePrefix = (): string =>
  Array.from(randomBytes(8), (byte) => alphabet.charAt(byte % 36)).join('')
