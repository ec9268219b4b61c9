/**
 * A text in which twelve digits or more, with or without gaps, may be a card number: all but the last four are covered.
 * `bare` covers shorter ones without a gap as well, such as numbers of bank accounts: from so many digits on, eight at the
 * least. What follows a prefix as in `cus_…` is an id.
 */
export const maskNumbers = (text: string, bare = 12): string =>
  text.replace(longNumbers, (found, at: number) =>
    (found.replace(/\D/g, '').length >= 12 || (found.length >= bare && !/\D/.test(found))) &&
    !idPrefix.test(text.slice(Math.max(0, at - 64), at))
      ? found.slice(0, -4).replace(/\d/g, '*') + found.slice(-4)
      : found
  )

// A plus is a gap in a URL.
const longNumbers = /\d(?:[ +-]?\d){7,}/g
const idPrefix = /[a-z]_[a-z\d]*$/i

/** A path as it came; but where it has such a number in it, decoded, with that number covered. */
export function maskPath(path: string): string {
  const plain = path.replace(/%[2-7][\da-f]/gi, (each) => decodeURIComponent(each))
  const covered = maskNumbers(plain, 8)
  return covered === plain ? path : covered
}
