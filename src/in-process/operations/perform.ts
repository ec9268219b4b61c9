import type { TSchema } from '@sinclair/typebox'
import { invalidRequest } from '../../../plugins/errors/errors'
import { countValues } from '../../../plugins/params/form'
import { Answer } from '../../../plugins/idempotency/idempotency'
import { toBody } from '../../../plugins/json/json'
import { isHash, hasInvalidCharacters } from '../../../plugins/params/reader'
import { validatorCompiler } from '../../../plugins/params/validation'
import { attemptAt, type Call, refuseLongKey, type Vault } from '../../resources/call'
import { accountIn } from '../../protocol/view'
import { versionOf } from '../../protocol/versions'
import type { CallOptions } from '../call-options'
import type { Origin } from '../../protocol/resource/operation'
import type { OperationSchema } from '../../protocol/resource/resource'
import { errorHashIn, PaymentVaultError } from '../error'

/** The parts of an in-process call besides its parameters. */
interface CallContext {
  vault: Vault
  requestId: string
  baseUrl: string
  options: CallOptions
}

/** What `perform` needs of an operation: `/v1/charges/:charge`, its schemas and what it does. */
export interface Performed {
  method: 'delete' | 'get' | 'post'
  url: string
  schema: Pick<OperationSchema, 'params' | 'querystring' | 'body'>
  run: (call: Call, path: object, input: object, origin: Origin) => unknown
}

/** Runs an operation and returns the object that it answers. Throws the error of a refusal. */
export async function perform(operation: Performed, given: unknown, acting: CallContext): Promise<unknown> {
  const { vault, requestId, baseUrl, options } = acting
  const { livemode, apiVersion, idempotencyKey: key } = options
  const version = versionOf(apiVersion, vault.defaultVersion)
  if (key !== undefined) refuseKey(key)

  const { params, rest } = decoded(operation, given)
  const account = accountIn(options.account, livemode)
  const call = { vault, account, livemode, publishable: false, inProcess: true, version, requestId, baseUrl }
  const posts = operation.method === 'post'
  const attempt = posts && key ? attemptAt(endpointOf(operation, params), key, rest, call) : null
  return shown(await operation.run({ ...call, attempt }, params, rest, { ip: null }), requestId)
}

function refuseKey(key: string): void {
  refuseLongKey(key)
  if (hasInvalidCharacters(key)) throw invalidRequest('Idempotency keys can not have such characters.')
}

/** Reads the parameters of the path and those of the body or query as if they were sent as JSON. */
function decoded({ method, schema }: Performed, given: unknown) {
  if (!isHash(given)) throw new TypeError('The parameters must be an object.')
  // A round trip through JSON drops what JSON cannot carry: undefined, functions, classes.
  const sent = JSON.parse(JSON.stringify(given)) as Record<string, unknown>
  countValues(sent)
  const named = namesIn(schema.params)
  const of = (wanted: boolean) => Object.entries(sent).filter(([name]) => named.includes(name) === wanted)
  return {
    params: read(schema.params, Object.fromEntries(of(true))) as Record<string, string>,
    rest: read(method === 'post' ? schema.body : schema.querystring, Object.fromEntries(of(false))) as object
  }
}

const namesIn = (schema: TSchema | undefined): string[] =>
  Object.keys((schema?.properties as object | undefined) ?? {})

function read(schema: TSchema | undefined, given: object): unknown {
  if (!schema) return {}
  const validate = validatorCompiler({ schema, method: '', url: '' })
  const result = validate(given) as { value: unknown } | { error: Error }
  if ('error' in result) throw result.error
  return result.value
}

const endpointOf = ({ url }: Performed, params: Record<string, string>): string =>
  url.replaceAll(/:(\w+)/g, (_, name: string) => encodeURIComponent(params[name] ?? ''))

/** Returns the object as over HTTP, down to the order of keys. Throws PaymentVaultError for a replayed refusal. */
function shown(answer: unknown, requestId: string): unknown {
  if (!(answer instanceof Answer)) return JSON.parse(toBody(answer))
  if (answer.status >= 400) throw new PaymentVaultError(answer.status, errorHashIn(answer.body), requestId)
  return JSON.parse(answer.body)
}
