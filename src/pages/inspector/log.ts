import type { FastifyInstance, FastifyRequest } from 'fastify'
import { receivedCall } from '../../resources/call'
import { accountOf, isLive } from '../../protocol/view'
import { redacted, redactedName, redactedPath } from './redact'

/** A request of test mode, as it may be shown. */
export interface Logged {
  id: string
  time: number
  method: string
  path: string
  /** Names of the query's parameters. */
  query: string[]
  status: number
  replayed: boolean
  milliseconds: number
  request: unknown
  response: unknown
}

type Listener = (entry: Logged) => void

const kept = 200
const afterwards = 60_000

/** The latest requests of each account in test mode, for whoever looks. Only in memory, and only of this process. */
export class RequestLog {
  readonly #entries: { account: string; entry: Logged }[] = []
  readonly #listeners = new Map<Listener, string>()
  #wantedUntil = 0

  /** Whether somebody looks, or did a minute ago: whoever loads the page again has missed nothing. */
  get isWanted(): boolean {
    return this.#listeners.size > 0 || Date.now() < this.#wantedUntil
  }

  add(account: string, entry: Logged): void {
    this.#entries.push({ account, entry })
    if (this.#entries.length > kept) this.#entries.shift()
    for (const [listener, of] of this.#listeners) if (of === account) listener(entry)
  }

  of(account: string): Logged[] {
    return this.#entries.filter((each) => each.account === account).map(({ entry }) => entry)
  }

  /** Gives back what stops it. */
  listen(account: string, listener: Listener): () => void {
    this.#listeners.set(listener, account)
    return () => {
      this.#listeners.delete(listener)
      this.#wantedUntil = Date.now() + afterwards
    }
  }
}

/**
 * Notes every request that the routes of `scope` answer from here on while somebody looks, but those of live mode, of
 * nobody, and of the page itself.
 */
export function logRequests(scope: FastifyInstance, log: RequestLog): void {
  const answers = new WeakMap<FastifyRequest, string | Buffer>()
  const accountToLog = (request: FastifyRequest): string | undefined => {
    if (!log.isWanted || request.headers['x-inspector'] !== undefined) return undefined
    const call = receivedCall(request)
    return call && !isLive(call.account) ? accountOf(call.account) : undefined
  }
  scope.addHook('onSend', (request, _reply, payload, done) => {
    // A refusal leaves as bytes.
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
