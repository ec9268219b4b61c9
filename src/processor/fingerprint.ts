import { createHmac } from 'node:crypto'

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/**
 * 16 letters and digits that stay the same for a number (a card's, or a bank account's with all that leads to it)
 * within an account. Without the key (which is never in the database) they can't be worked out from a number:
 * trying all numbers would not help a reader.
 */
export function fingerprint(key: Buffer | string, account: string, number: string): string {
  // No number holds a colon, so the last one parts the two: no two pairs make the same text.
  const digest = createHmac('sha256', key).update(`${account}:${number}`).digest('hex')
  let rest = BigInt(`0x${digest}`)
  let text = ''
  for (let i = 0; i < 16; i += 1) {
    text += BASE62.charAt(Number(rest % 62n))
    rest /= 62n
  }
  return text
}
