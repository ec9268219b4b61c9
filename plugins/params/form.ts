import formbody from '@fastify/formbody'
import type {
  FastifyBodyParser,
  FastifyContentTypeParser,
  FastifyInstance,
  preParsingHookHandler
} from 'fastify'
import { isUtf8 } from 'node:buffer'
import {
  decodeBrackets,
  decodeQuery,
  MAX_DEPTH,
  MAX_PARAMETERS,
  notUtf8,
  tooDeep,
  tooManyParameters
} from './brackets'
import { invalidRequest, WireError } from '../errors/errors'

export interface FormOptions {
  /** Whether to accept JSON bodies too, with the same schemas. */
  json: boolean
  /** Bytes. Default: the limit of the Fastify instance. */
  bodyLimit?: number
}

/**
 * Makes `scope` parse bodies as nested forms (and JSON), and queries by the same rules. Await it before you
 * add routes. Answers 400, 413 or 415 to a body that it cannot parse.
 */
export async function form(scope: FastifyInstance, { json, bodyLimit }: FormOptions): Promise<void> {
  const limit = bodyLimit === undefined ? {} : { bodyLimit }
  // The host may have a form parser, and adding a second one throws.
  scope.removeAllContentTypeParsers()
  // formbody acts on the instance that registers it: this scope.
  await scope.register(formbody, { ...limit, parser: decodeBrackets })
  if (json) scope.addContentTypeParser('application/json', { ...limit, parseAs: 'buffer' }, jsonParser(scope))
  scope.addContentTypeParser('*', emptyOrUnsupported)
  scope.addHook('preParsing', refuseCodingsAndReadQuery)
}

/** Runs before the body is read and after authentication. */
const refuseCodingsAndReadQuery: preParsingHookHandler = (request, _reply, _payload, done) => {
  const coding = request.headers['content-encoding'] ?? 'identity'
  if (coding.toLowerCase() !== 'identity') {
    throw unsupportedMediaType(
      `The content encoding ${JSON.stringify(coding)} is not supported: send the body without one.`
    )
  }
  request.query = decodeQuery(rawQuery(request.raw.url ?? ''))
  done()
}

/** Returns the raw query. Fastify has already parsed it flat, with the server's options. */
function rawQuery(url: string): string {
  const start = url.indexOf('?')
  return start === -1 ? '' : url.slice(start + 1)
}

function jsonParser(scope: FastifyInstance): FastifyBodyParser<Buffer> {
  const parse = scope.getDefaultJsonParser('error', 'error')
  return (request, bytes, done) => {
    if (bytes.length === 0) {
      done(null, undefined)
      return
    }
    if (!isUtf8(bytes)) throw notUtf8()
    checkJsonBounds(bytes)
    const outcome: { error: Error | null; body?: unknown } = { error: null }
    // The parser calls back synchronously and would report an exception in the callback as bad JSON.
    void parse(request, bytes.toString('utf8'), (error, value: unknown) => {
      outcome.error = error
      outcome.body = value
    })
    if (outcome.error !== null) throw invalidRequest('Invalid request: the body is not valid JSON.')
    countValues(outcome.body)
    done(null, outcome.body)
  }
}

/** The structural bytes of JSON, outside strings and numbers. */
const byteOf = {
  comma: 0x2c,
  quote: 0x22,
  backslash: 0x5c,
  list: 0x5b,
  hash: 0x7b,
  listEnd: 0x5d,
  hashEnd: 0x7d
}

/**
 * Rejects a body with too many commas or levels before it is parsed: parsing a full body takes up to 60 ms.
 */
function checkJsonBounds(bytes: Buffer): void {
  if (bytes.length <= 2 * MAX_PARAMETERS) return
  let [commas, depth, quoted] = [0, 0, false]
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at]
    if (byte === byteOf.quote) quoted = !quoted
    else if (byte === byteOf.backslash) at++
    else if (quoted) continue
    else if (byte === byteOf.comma && ++commas >= MAX_PARAMETERS) throw tooManyParameters()
    else if ((byte === byteOf.list || byte === byteOf.hash) && ++depth > MAX_DEPTH + 1) throw tooDeep()
    else if (byte === byteOf.listEnd || byte === byteOf.hashEnd) depth--
  }
}

/** Counts the values of JSON. Throws a 400 beyond the limits of a form. */
export function countValues(value: unknown, depth = 0): number {
  if (typeof value !== 'object' || value === null) return 1
  if (depth > MAX_DEPTH) throw tooDeep()
  let count = 0
  for (const each of Object.values(value)) {
    count += countValues(each, depth + 1)
    if (count > MAX_PARAMETERS) throw tooManyParameters()
  }
  return count
}

/**
 * Accepts an empty body of any type and answers 415 to all others. Only the first byte can tell, because a
 * chunked body has no length.
 */
const emptyOrUnsupported: FastifyContentTypeParser = (request, payload, done) => {
  const settle = (error: Error | null): void => {
    payload.off('data', refuse).off('end', accept).off('error', settle)
    done(error, undefined)
  }
  const accept = (): void => {
    settle(null)
  }
  const refuse = (): void => {
    settle(unsupportedMediaType('Send parameters as application/x-www-form-urlencoded.'))
  }
  // An unknown URL gets its 404, with any body.
  if (request.is404) done(null, undefined)
  else payload.on('data', refuse).on('end', accept).on('error', settle)
}

const unsupportedMediaType = (message: string): WireError =>
  new WireError(415, { type: 'invalid_request_error', message })
