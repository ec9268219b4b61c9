import { maskPath } from '../../../plugins/errors/mask-numbers'

/**
 * What the log says of a request: no headers, which hold the key; no query, which may hold an e-mail address; and no number
 * that may be a card's or a bank account's, for which a path is the wrong place.
 */
export const withoutSecrets = ({ method, url }: { method: string; url: string }) => ({
  method,
  path: maskPath(url.split('?', 1)[0] ?? '')
})
