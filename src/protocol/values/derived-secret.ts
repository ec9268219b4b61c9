import { createHash, createHmac, hkdfSync } from 'node:crypto'
import { base62 } from './ids'

/** A key of its own for each use of the one that a host gives, so that what one makes says nothing of another. */
export const keyFor = (use: string, key: string | Buffer): Buffer =>
  createHmac('sha256', key).update(use).digest()

/**
 * A secret of `length` characters of base62 that follows from `of` and a key which is not in the
 * database: always the same, written nowhere.
 */
export function derivedSecret(key: Buffer, of: string, length: number): string {
  // HKDF takes 1,024 bytes of it. What callers make up may be longer than any id.
  const info = of.length > 255 ? createHash('sha256').update(of).digest() : of
  // More bytes than the characters can hold: so each of the 62 is as likely as another.
  const bytes = Buffer.from(hkdfSync('sha256', key, '', info, length + 16))
  return base62(bytes, length)
}
