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
  /** Takes JSON bodies as well, with the same schemas. */
  json: boolean
  /** Bytes; without it the limit of the Fastify instance. */
  bodyLimit?: number
}

/**
 * Makes `scope`, and nothing around it, read bodies as nested forms (and JSON), and queries by the same rules.
 * Call it, awaited, before the routes are added. What can't be read is a 400, 413 or 415.
 */
export async function form(scope: FastifyInstance, { json, bodyLimit }: FormOptions): Promise<void> {
  const limit = bodyLimit === undefined ? {} : { bodyLimit }
  // A host may have a form parser of its own, and a second one would throw.
  scope.removeAllContentTypeParsers()
  // formbody is made to act on the instance it is registered on: here, the scope.
  await scope.register(formbody, { ...limit, parser: decodeBrackets })
  if (json) scope.addContentTypeParser('application/json', { ...limit, parseAs: 'buffer' }, jsonParser(scope))
  scope.addContentTypeParser('*', emptyOrUnsupported)
  scope.addHook('preParsing', refuseCodingsAndReadQuery)
}

/** Before the body is read, and after whoever calls was let in. */
const refuseCodingsAndReadQuery: preParsingHookHandler = (request, _reply, _payload, done) => {
  const coding = request.headers['content-encoding'] ?? 'identity'
  if (coding.toLowerCase() !== 'identity') {
    throw unsupportedMediaType(
      `The content encoding ${JSON.stringify(coding)} is not supported: send the body as it is.`
    )
  }
  request.query = decodeQuery(rawQuery(request.raw.url ?? ''))
  done()
}

/** Fastify has parsed the query flat already, by the options of the whole server. */
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
    // It calls back at once, and would take what is thrown in there for bad JSON.
    void parse(request, bytes.toString('utf8'), (error, value: unknown) => {
      outcome.error = error
      outcome.body = value
    })
    if (outcome.error !== null) throw invalidRequest('Invalid request: the body is not valid JSON.')
    countValues(outcome.body)
    done(null, outcome.body)
  }
}

/** What JSON is made of, outside of strings and numbers. */
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
 * So many values have as many commas between them, less one: more than that, or what is too deep, is not even parsed,
 * which would take up to 60 ms for what fits into a body.
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

/** Holds JSON to the bounds of a form, before anything walks through it. */
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

/** No body has any type, or none: the first byte decides, since a chunked body doesn't tell its length. */
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
  // An unknown URL is unknown whatever was sent to it.
  if (request.is404) done(null, undefined)
  else payload.on('data', refuse).on('end', accept).on('error', settle)
}

const unsupportedMediaType = (message: string): WireError =>
  new WireError(415, { type: 'invalid_request_error', message })
