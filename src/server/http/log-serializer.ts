import { maskPath } from '../../../plugins/errors/mask-numbers'

/**
 * Serializes a request for the log. Leaves out the headers, which contain the API key, and the query, which may contain an
 * e-mail address. Masks card and account numbers that a client put into the path by mistake.
 */
export const withoutSecrets = ({ method, url }: { method: string; url: string }) => ({
  method,
  path: maskPath(url.split('?', 1)[0] ?? '')
})
