/**
 * Masks all but the last four digits of possible card numbers: twelve or more digits, with or without gaps.
 * Also masks digits without gaps from `bare` digits on (at least eight), such as bank account numbers. Skips
 * ids, which have a prefix such as `cus_`.
 */
export const maskNumbers = (text: string, bare = 12): string =>
  text.replace(longNumbers, (found, at: number) =>
    (found.replace(/\D/g, '').length >= 12 || (found.length >= bare && !/\D/.test(found))) &&
    !idPrefix.test(text.slice(Math.max(0, at - 64), at))
      ? found.slice(0, -4).replace(/\d/g, '*') + found.slice(-4)
      : found
  )

// A plus is a space in a URL.
const longNumbers = /\d(?:[ +-]?\d){7,}/g
const idPrefix = /[a-z]_[a-z\d]*$/i

/** Returns a path unchanged, or decoded and masked when it holds such a number. */
export function maskPath(path: string): string {
  const plain = path.replace(/%[2-7][\da-f]/gi, (each) => decodeURIComponent(each))
  const covered = maskNumbers(plain, 8)
  return covered === plain ? path : covered
}
