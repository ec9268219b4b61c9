import type { FastifyInstance, FastifyReply } from 'fastify'
import { Readable } from 'node:stream'
import { errorBody } from '../errors/errors'
import { json } from '../json/json'
import { foreignError } from './error-handler'
import { commonHeaders } from './headers'
import { expectAnswers, isAnswered } from './own-answers'

/**
 * Lets a host's hook answer a call in the scope's place. Its status stands. An error leaves in the wire's shape, with
 * the message that the host gave; anything else leaves as the host sent it.
 */
export function shapeHostReplies(scope: FastifyInstance): void {
  expectAnswers(scope)
  scope.addHook('onSend', (_request, reply, payload, done) => {
    done(null, reply.statusCode < 400 || isAnswered(reply) ? payload : toWireBody(reply, payload))
  })
}

function toWireBody(reply: FastifyReply, payload: unknown): unknown {
  const text = textOf(payload)
  if (isWireError(text)) return payload
  if (payload instanceof Readable) payload.destroy()
  // These headers describe the host's body.
  for (const name of ['content-length', 'content-encoding', 'etag', 'last-modified']) reply.removeHeader(name)
  const error = foreignError({ statusCode: reply.statusCode, message: messageFrom(text) }, reply)
  void reply.headers({ ...commonHeaders, 'content-type': json })
  return errorBody(error)
}

const textOf = (payload: unknown): string =>
  typeof payload === 'string' ? payload : Buffer.isBuffer(payload) ? payload.toString() : ''

interface HostBody {
  error?: { type?: unknown } | string
  message?: unknown
}

/** Returns whether the host's body already is a wire error. */
function isWireError(text: string): boolean {
  const { error } = parseBody(text)
  return typeof error === 'object' && typeof error.type === 'string'
}

/** Returns the message in the host's body: from its JSON, or from one line of plain text. */
function messageFrom(text: string): string | undefined {
  const { message, error } = parseBody(text)
  for (const given of [message, error]) if (typeof given === 'string') return given
  const plain = text.trim()
  return /^[^<{["\n][^\n]{0,199}$/.test(plain) ? plain : undefined
}

function parseBody(text: string): HostBody {
  try {
    const value: unknown = text.startsWith('{') ? JSON.parse(text) : undefined
    return typeof value === 'object' && value !== null ? value : {}
  } catch {
    return {}
  }
}
