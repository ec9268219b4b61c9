import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { errorBody, WireError } from '../../../plugins/errors/errors'
import { everyAnswer } from '../../../plugins/reply/headers'
import { json } from '../../../plugins/json/json'
import { abbreviated } from '../../../plugins/params/parameter-errors'
import { newRequestId } from '../../protocol/values/ids'

/** What the router itself refuses, such as a path that is no UTF-8, in the wire's shape. */
export function unreadablePath(error: FastifyError, _request: FastifyRequest, reply: FastifyReply): void {
  const status = error.statusCode ?? 400
  void reply
    .code(status)
    .headers({ ...everyAnswer, 'content-type': json, 'request-id': newRequestId() })
    .send(bodyOf(status, abbreviated(error.message)))
}

/** What Node refuses before there is a request: no HTTP, one that does not come to its end, too long a head. */
export function unreadableRequest(
  error: Error & { code?: string; rawPacket?: unknown },
  socket: Socket
): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return
  // Without TLS there is nothing yet to answer on.
  if (error.code?.startsWith('ERR_SSL_') || error.code?.startsWith('ERR_TLS_')) {
    socket.destroy()
    return
  }
  const { status, message } = causes[error.code ?? ''] ?? noHttp
  const body = bodyOf(status, message)
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
    `Content-Type: ${json}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close'
  ]
  // Written to its end, then closed: a socket that is destroyed at once may swallow the answer.
  // Nobody who asked for the head alone takes more for a part of the answer.
  const { rawPacket: sent } = error
  const headOnly = Buffer.isBuffer(sent) && sent.toString('latin1', 0, 5) === 'HEAD '
  if (socket.writable) socket.end(`${head.join('\r\n')}\r\n\r\n${headOnly ? '' : body}`)
  else socket.destroy()
}

const noHttp = { status: 400, message: 'Invalid request: this is not HTTP.' }
const causes: Record<string, typeof noHttp> = {
  HPE_HEADER_OVERFLOW: { status: 431, message: 'Invalid request: the URL and the headers are too long.' },
  ERR_HTTP_REQUEST_TIMEOUT: { status: 408, message: 'Invalid request: it did not arrive in time.' }
}

const bodyOf = (status: number, message: string): string =>
  errorBody(new WireError(status, { type: 'invalid_request_error', message }))
