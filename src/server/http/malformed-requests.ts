import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { errorBody, WireError } from '../../../plugins/errors/errors'
import { commonHeaders } from '../../../plugins/reply/headers'
import { json } from '../../../plugins/json/json'
import { abbreviated } from '../../../plugins/params/parameter-errors'
import { newRequestId } from '../../protocol/values/ids'

/** Answers requests that the router refuses, such as a path that is not UTF-8, in the shape of the API. */
export function malformedPath(error: FastifyError, _request: FastifyRequest, reply: FastifyReply): void {
  const status = error.statusCode ?? 400
  void reply
    .code(status)
    .headers({ ...commonHeaders, 'content-type': json, 'request-id': newRequestId() })
    .send(bodyOf(status, abbreviated(error.message)))
}

/** Answers what Node refuses before it emits a request: invalid HTTP, a timeout, headers that are too large. */
export function malformedRequest(
  error: Error & { code?: string; rawPacket?: unknown },
  socket: Socket
): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return
  // Before the TLS handshake completes, there is no channel for an answer.
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
  // Ends the socket instead of destroying it: `destroy` could discard the answer. A HEAD request gets no body.
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
