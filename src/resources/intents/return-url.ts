import { invalidRequest } from '../../../plugins/errors/errors'
import { abbreviated } from '../../../plugins/params/parameter-errors'

// An app may have a scheme of its own; these would run as a script of the page that leads there.
const scripts = ['javascript:', 'data:', 'vbscript:', 'blob:', 'file:']

/** Throws where `return_url` is no address that a browser can be sent to. */
export function refuseBadReturnUrl({ return_url: url }: { return_url?: string }): void {
  if (url === undefined) return
  if (URL.canParse(url) && !scripts.includes(new URL(url).protocol)) return
  throw invalidRequest(`Invalid URL: ${abbreviated(url)}. A scheme such as https is needed.`, {
    code: 'url_invalid',
    param: 'return_url'
  })
}

/** Where the browser goes after an authentication, with what the page there needs to know. */
export function returnUrlOf(
  url: string,
  intent: { id: string; object: string; client_secret: string },
  status: 'succeeded' | 'failed'
): string {
  const to = new URL(url)
  to.searchParams.set(intent.object, intent.id)
  to.searchParams.set(`${intent.object}_client_secret`, intent.client_secret)
  to.searchParams.set('redirect_status', status)
  return to.href
}
