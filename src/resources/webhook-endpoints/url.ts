import { isIP } from 'node:net'
import { isAllowedAddress } from '../../../plugins/auth/public-address'
import { invalidUrl } from './errors'

/**
 * Throws the wire's error for what no delivery could or should go to. A name may still resolve to an address that is
 * not public: what it resolves to is looked at whenever something is sent.
 */
export function checkUrl(url: string, livemode: boolean): void {
  // The parser would take blanks and control characters out in silence.
  if (/[\s\p{Cc}]/u.test(url) || !URL.canParse(url)) {
    throw invalidUrl('It must be a whole one, such as https://example.com/webhooks.')
  }
  const { protocol, username, password, hostname } = new URL(url)
  if (protocol !== 'https:' && protocol !== 'http:')
    throw invalidUrl('It must begin with https:// or http://.')
  if (protocol === 'http:' && livemode) throw invalidUrl('In live mode it must begin with https://.')
  if (username !== '' || password !== '') throw invalidUrl('It must not hold a user name or a password.')
  if (url.includes('#')) throw invalidUrl('It must not have a fragment.')
  if (livemode && !isPublicHost(hostname))
    throw invalidUrl('In live mode its host must be publicly reachable.')
}

/** An address literal that anybody can reach, or a name other than this very machine's. */
function isPublicHost(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$|\.$/g, '')
  if (isIP(host) !== 0) return isAllowedAddress(host, true)
  return host !== 'localhost' && !host.endsWith('.localhost')
}
