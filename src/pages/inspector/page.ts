import type { FastifyInstance, FastifyReply } from 'fastify'
import { isFromThisMachine } from '../same-machine'
import type { KeyForPages } from '../key-for-pages'
import { page } from './html'
import { script } from './script'
import { style } from './style'

/**
 * Serves `/inspector` and its files, which contain no secrets. The page loads its data with a test-mode secret key. The
 * user types the key in; a browser on the same machine receives `secretKey`.
 */
export function inspectorPage(scope: FastifyInstance, given: true | KeyForPages): void {
  const secretKey = given === true ? undefined : given.secretKey
  const file = (url: string, type: string, text: string) => {
    scope.get(url, { schema: { hide: true } }, async (_request, reply) => send(reply, type, text))
  }
  file('/inspector', 'text/html', page)
  file('/inspector/style.css', 'text/css', style)
  file('/inspector/script.js', 'text/javascript', script)

  scope.get('/inspector/key', { schema: { hide: true } }, async (request, reply) => {
    const key = isFromThisMachine(request) ? (secretKey ?? null) : null
    return send(reply, 'application/json', JSON.stringify({ key }))
  })
}

const send = (reply: FastifyReply, type: string, text: string): FastifyReply =>
  reply
    .headers({
      'content-type': `${type}; charset=utf-8`,
      'cache-control': 'no-store',
      'content-security-policy': policy,
      'cross-origin-resource-policy': 'same-origin',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff'
    })
    // Bypasses a serializer of the host.
    .serializer((payload: unknown) => payload as string)
    .send(text)

const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
