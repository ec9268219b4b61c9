import { Ajv2020, type ErrorObject } from 'ajv/dist/2020'
import type { FastifyInstance } from 'fastify'
import type { ErrorCodes } from '../../../plugins/openapi/responses'
import { mapHashes, type OpenApiDocument, type Operation, type Schema } from '../../../plugins/openapi/shape'
import { openApiDocument } from '../../../src/index'

let judging: Promise<Judge> | undefined
type Judge = (method: string, path: string, status: number, body: unknown, host: Host) => void

/** What is known of the host that the vault is in. */
interface Host {
  /** It refuses calls by rules of its own, with codes that no document of ours can know. */
  hostRefuses?: boolean
}

/**
 * Throws unless the document says that this call can be answered so: in tests nothing is answered that it does not
 * name, down to the last key and the last code of an error.
 */
export async function checkAnswer(
  method: string,
  path: string,
  status: number,
  body: unknown,
  host: Host = {}
): Promise<void> {
  // As the document has it: without a query, or a prefix of the host's.
  const own = /\/v1\/[^?]*/.exec(path)?.[0]
  if (own === undefined) return
  const judge = await (judging ??= newJudge())
  judge(method, own, status, body, host)
}

/**
 * Judges whatever the vault in this app answers, to whomever: an answer that the document does not know is told on
 * the console and becomes a 500. To be called before the vault is registered.
 */
export function judgeAnswers(app: FastifyInstance, host: Host = {}): void {
  app.addHook('onSend', async ({ method, url }, reply, payload) => {
    const json = String(reply.getHeader('content-type')).startsWith('application/json')
    if (!json || method === 'HEAD' || (typeof payload !== 'string' && !Buffer.isBuffer(payload))) return
    try {
      await checkAnswer(method, url, reply.statusCode, JSON.parse(payload.toString()), host)
    } catch (fault) {
      console.error(fault)
      throw fault
    }
  })
}

async function newJudge(): Promise<Judge> {
  const text = JSON.stringify(closed(await openApiDocument()))
  // Ajv knows where definitions stand in a schema, and nothing of where OpenAPI puts them.
  const document = JSON.parse(text.replaceAll('#/components/schemas/', 'document#/$defs/')) as OpenApiDocument
  const ajv = new Ajv2020({ strict: true, allowUnionTypes: true, formats: { 'unix-time': true } })
  ajv.addSchema({ $id: 'document', $defs: document.components.schemas })
  const templates = Object.keys(document.paths)
    // `/customers/search` is not the customer of that id.
    .sort((a, b) => a.split('{').length - b.split('{').length)
    .map((template) => ({ template, pattern: new RegExp(`^${template.replace(/\{\w+\}/g, '[^/]+')}$`) }))

  const operationOf = (method: string, path: string): Operation | undefined => {
    const template = templates.find(({ pattern }) => pattern.test(path))?.template ?? ''
    return document.paths[template]?.[method.toLowerCase()]
  }

  const schemaOf = (method: string, path: string, status: number): Schema => {
    const operation = operationOf(method, path)
    if (!operation && status < 400) throw new Error(`${method} ${path} is answered, and not in the document`)
    // What is no call of the vault's is refused as its calls are.
    if (!operation) return anyError
    const answer = operation.responses[String(status)] ?? operation.responses.default
    const schema = answer?.content['application/json']?.schema
    if (!schema) throw new Error(`the document has no schema for ${method} ${path} ${status}`)
    return schema
  }

  const checkCode = (method: string, path: string, status: number, body: unknown): void => {
    const operation = operationOf(method, path)
    if (!operation || status < 400) return
    const code = (body as { error?: { code?: string } }).error?.code ?? null
    const everywhere = document['x-error-codes'] as Record<string, ErrorCodes>
    const own = (operation.responses[String(status)]?.['x-error-codes'] ?? []) as ErrorCodes
    if ([...own, ...(everywhere[String(status)] ?? [])].includes(code)) return
    throw new Error(
      `${operation.operationId} is refused with ${status} ${code ?? 'without a code'}: not in the document`
    )
  }

  return (method, path, status, body, { hostRefuses = false }) => {
    // Compiled once: Ajv remembers a schema by its identity.
    const validate = ajv.compile(schemaOf(method, path, status))
    if (validate(body)) {
      if (!hostRefuses) checkCode(method, path, status, body)
      return
    }
    const faults = (validate.errors ?? []).map(faultOf).join('; ')
    throw new Error(`${method} ${path} ${status} is answered other than documented: ${faults}`)
  }
}

const anyError = { $ref: 'document#/$defs/error' }

const faultOf = ({ instancePath, message, params }: ErrorObject): string =>
  `${instancePath || 'the body'} ${message ?? ''} ${JSON.stringify(params)}`

/** A copy in which hashes have no other keys than those that they name: for callers they stay open. */
const closed = (document: object): unknown =>
  mapHashes(document, (hash) => {
    const names = typeof hash.properties === 'object' && 'type' in hash
    return names ? { additionalProperties: false, ...hash } : hash
  })
