import { type ClientRequest, type IncomingMessage, request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { isIP } from 'node:net'
import { AddressRefused, guardedLookup, type Resolve, resolveName } from './lookup'

export interface Post {
  url: string
  headers: Record<string, string>
  body: Buffer
  /** Decides whether an IP address is allowed. */
  allows: (address: string) => boolean
  /** Milliseconds for the whole exchange. */
  timeout: number
  /** The number of bytes after which the rest of the answer is ignored. */
  answer: number
  resolve?: Resolve
}

/** The result of an exchange: an answer, or the reason why there is none. */
export interface ExchangeResult {
  status: number | undefined
  retryAfter: string | undefined
  failure: string | undefined
}

/** A running request. `ended` never rejects. */
export interface Exchange {
  ended: Promise<ExchangeResult>
  abort: () => void
}

/**
 * Sends one POST on a new connection, without following redirects. Checks every address before it writes: the literal
 * address in the URL, each address that the name resolves to, and the connected address. Throws for an invalid URL.
 */
export function post({ url, headers, body, allows, timeout, answer, resolve = resolveName }: Post): Exchange {
  const { hostname, protocol } = new URL(url)
  const host = hostname.replace(/^\[|\]$/g, '')
  if (isIP(host) !== 0 && !allows(host))
    return { ended: Promise.resolve(without('address_refused')), abort: () => undefined }

  const request = (protocol === 'https:' ? requestHttps : requestHttp)(url, {
    method: 'POST',
    headers: { ...headers, 'content-length': String(body.length) },
    // A kept-alive connection would skip the check of the address.
    agent: false,
    lookup: guardedLookup(allows, resolve)
  })
  let end: (how: ExchangeResult) => void = () => undefined
  const ended = new Promise<ExchangeResult>((done) => {
    end = (how) => {
      clearTimeout(deadline)
      done(how)
      request.destroy()
    }
  })
  const deadline = setTimeout(() => {
    end(without('timeout'))
  }, timeout)
  guardConnection(request, allows)
  // This listener stays: a destroyed request can still emit errors.
  request.on('error', (error) => {
    end(without(failureOf(error)))
  })
  request.on('close', () => {
    end(without('connection_reset'))
  })
  request.on('response', (response) => {
    read(response, answer, end)
  })
  request.end(body)
  return {
    ended,
    abort: () => {
      end(without('stopped'))
    }
  }
}

const without = (failure: string): ExchangeResult => ({ status: undefined, retryAfter: undefined, failure })

/** Checks the connected address before the first byte is written. */
function guardConnection(request: ClientRequest, allows: (address: string) => boolean): void {
  request.on('socket', (socket) => {
    socket.prependListener('connect', () => {
      if (!allows(socket.remoteAddress ?? '')) request.destroy(new AddressRefused())
    })
  })
}

function read(response: IncomingMessage, limit: number, end: (how: ExchangeResult) => void): void {
  const whole: ExchangeResult = {
    status: response.statusCode,
    retryAfter: response.headers['retry-after'],
    failure: undefined
  }
  let bytes = 0
  response.on('data', (chunk: Buffer) => {
    bytes += chunk.length
    if (bytes > limit) end(whole)
  })
  response.on('end', () => {
    end(whole)
  })
  response.on('error', (error) => {
    end(without(failureOf(error)))
  })
}

function failureOf(error: NodeJS.ErrnoException): string {
  if (error instanceof AddressRefused) return 'address_refused'
  const { code = '' } = error
  if (/^(ENOTFOUND|ENODATA|EAI_|ETIMEOUT|ESERVFAIL|EREFUSED|EBADNAME|EBADRESP)/.test(code))
    return 'name_not_found'
  if (code === 'ECONNREFUSED') return 'connection_refused'
  if (/^(ECONNRESET|EPIPE)/.test(code)) return 'connection_reset'
  if (/^(ERR_TLS|ERR_SSL|EPROTO|CERT_|UNABLE_TO|SELF_SIGNED|DEPTH_ZERO|HOSTNAME_)/.test(code))
    return 'tls_failed'
  if (code.startsWith('HPE_')) return 'answer_not_http'
  return 'connection_failed'
}
