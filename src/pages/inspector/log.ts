import type { FastifyInstance, FastifyRequest } from 'fastify'
import { receivedCall } from '../../resources/call'
import { accountOf, isLive } from '../../protocol/view'
import { redacted, redactedName, redactedPath } from './redact'

/** A request of test mode, with its private values redacted. */
export interface LoggedRequest {
  id: string
  time: number
  method: string
  path: string
  /** The names of the query's parameters. */
  query: string[]
  status: number
  replayed: boolean
  milliseconds: number
  request: unknown
  response: unknown
}

type Listener = (entry: LoggedRequest) => void

const maxEntries = 200
const graceMs = 60_000

/** Holds the latest test-mode requests of this process in memory. */
export class RequestLog {
  readonly #entries: { account: string; entry: LoggedRequest }[] = []
  readonly #listeners = new Map<Listener, string>()
  #wantedUntil = 0

  /** Whether a page is open, or was within the last minute: a reload then misses no request. */
  get isWanted(): boolean {
    return this.#listeners.size > 0 || Date.now() < this.#wantedUntil
  }

  add(account: string, entry: LoggedRequest): void {
    this.#entries.push({ account, entry })
    if (this.#entries.length > maxEntries) this.#entries.shift()
    for (const [listener, of] of this.#listeners) if (of === account) listener(entry)
  }

  of(account: string): LoggedRequest[] {
    return this.#entries.filter((each) => each.account === account).map(({ entry }) => entry)
  }

  /** Adds a listener. Returns a function that removes it. */
  listen(account: string, listener: Listener): () => void {
    this.#listeners.set(listener, account)
    return () => {
      this.#listeners.delete(listener)
      this.#wantedUntil = Date.now() + graceMs
    }
  }
}

/**
 * Logs the requests to later routes of `scope` while a page is open. Skips live mode, unauthenticated requests, and
 * requests of the page itself.
 */
export function logRequests(scope: FastifyInstance, log: RequestLog): void {
  const answers = new WeakMap<FastifyRequest, string | Buffer>()
  const accountToLog = (request: FastifyRequest): string | undefined => {
    if (!log.isWanted || request.headers['x-inspector'] !== undefined) return undefined
    const call = receivedCall(request)
    return call && !isLive(call.account) ? accountOf(call.account) : undefined
  }
  scope.addHook('onSend', (request, _reply, payload, done) => {
    // Error bodies are buffers.
    const isBody = typeof payload === 'string' || Buffer.isBuffer(payload)
    if (isBody && payload.length < 100_000 && accountToLog(request) !== undefined)
      answers.set(request, payload)
    done(null, payload)
  })
  scope.addHook('onResponse', (request, reply, done) => {
    const account = accountToLog(request)
    if (account !== undefined) {
      const [path = '', query = ''] = request.originalUrl.split('?', 2)
      log.add(account, {
        id: receivedCall(request)?.requestId ?? '',
        time: Date.now(),
        method: request.method,
        path: redactedPath(path.slice(Math.max(path.indexOf('/v1/'), 0))),
        query: [...new URLSearchParams(query).keys()].slice(0, 10).map(redactedName),
        status: reply.statusCode,
        replayed: reply.getHeader('idempotent-replayed') === 'true',
        milliseconds: reply.elapsedTime,
        request: redacted(request.body),
        response: redacted(parsed(answers.get(request)))
      })
    }
    done()
  })
}

function parsed(body: string | Buffer | undefined): unknown {
  try {
    return body === undefined ? undefined : JSON.parse(body.toString())
  } catch {
    return undefined
  }
}
