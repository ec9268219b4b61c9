import { type ClientRequest, type IncomingMessage, request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { isIP } from 'node:net'
import { AddressRefused, guardedLookup, type Resolve, resolveName } from './lookup'

export interface Post {
  url: string
  headers: Record<string, string>
  body: Buffer
  /** Which addresses it may go to. */
  allows: (address: string) => boolean
  /** Milliseconds for all of it. */
  timeout: number
  /** Bytes of the answer after which the rest is not waited for. */
  answer: number
  resolve?: Resolve
}

/** How it ended: with a whole answer, or for what reason without. */
export interface Ended {
  status: number | undefined
  retryAfter: string | undefined
  failure: string | undefined
}

/** A request that is on its way. `ended` never rejects. */
export interface Exchange {
  ended: Promise<Ended>
  abort: () => void
}

/**
 * Sends one POST on a connection of its own. Follows nothing, and looks at every address before it is connected to:
 * one that the URL spells, each that the name resolves to, and the one that the connection was made to. Throws for what
 * is no URL.
 */
export function post({ url, headers, body, allows, timeout, answer, resolve = resolveName }: Post): Exchange {
  const { hostname, protocol } = new URL(url)
  const host = hostname.replace(/^\[|\]$/g, '')
  if (isIP(host) !== 0 && !allows(host))
    return { ended: Promise.resolve(without('address_refused')), abort: () => undefined }

  const request = (protocol === 'https:' ? requestHttps : requestHttp)(url, {
    method: 'POST',
    headers: { ...headers, 'content-length': String(body.length) },
    // A connection that is kept would be one to an address that was looked at another time.
    agent: false,
    lookup: guardedLookup(allows, resolve)
  })
  let end: (how: Ended) => void = () => undefined
  const ended = new Promise<Ended>((done) => {
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
  // It stays: what is destroyed may still fail.
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

const without = (failure: string): Ended => ({ status: undefined, retryAfter: undefined, failure })

/** Before the first byte is written. */
function guardConnection(request: ClientRequest, allows: (address: string) => boolean): void {
  request.on('socket', (socket) => {
    socket.prependListener('connect', () => {
      if (!allows(socket.remoteAddress ?? '')) request.destroy(new AddressRefused())
    })
  })
}

function read(response: IncomingMessage, limit: number, end: (how: Ended) => void): void {
  const whole: Ended = {
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
