import { createHmac } from 'node:crypto'

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/**
 * Returns 16 letters and digits that are equal for the same number within an account. The number is a card's,
 * or a bank account's with its bank. Without the key, which is never in the database, no search through all
 * numbers finds it.
 */
export function fingerprint(key: Buffer | string, account: string, number: string): string {
  // A number has no colon, so the last colon separates the two, and different pairs give different texts.
  const digest = createHmac('sha256', key).update(`${account}:${number}`).digest('hex')
  let rest = BigInt(`0x${digest}`)
  let text = ''
  for (let i = 0; i < 16; i += 1) {
    text += BASE62.charAt(Number(rest % 62n))
    rest /= 62n
  }
  return text
}
