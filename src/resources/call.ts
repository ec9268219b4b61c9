import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Permissions } from '../../plugins/auth/api-keys'
import type { Batcher } from '../../plugins/database/batcher'
import type { Database } from '../../plugins/database/database'
import type { Queryable } from '../../plugins/database/statement'
import { invalidRequest } from '../../plugins/errors/errors'
import { type Attempt, hashParameters } from '../../plugins/idempotency/idempotency'
import type { Objects } from '../protocol/resource/objects'
import type { CardProcessor } from '../processor/card-processor'
import type { CommittedEvents } from './events/committed'
import type { PaymentMethodRow } from './payment-methods/store'

/** The parts of one vault that every call uses. */
export interface Vault {
  db: Database
  /** Through which calls of the same kind share transactions. */
  batcher: Batcher
  processor: CardProcessor
  /** Milliseconds for which the processor's answer about money or a set-up is waited for. */
  processorTimeout: number
  /** Keys the hash that idempotent requests are compared by. */
  parametersKey: Buffer
  /** Keys the secrets that are never stored: of webhook endpoints, of intents. */
  secretsKey: Buffer
  defaultVersion: string
  /** Where people reach the vault; undefined: where each call did. */
  publicUrl: string | undefined
  committed: CommittedEvents
  /** Every kind of object, as the definitions of the resources say. */
  objects: Objects
  /** The host's own rule for an attach, in its transaction; throws what undoes it. */
  beforeAttach?: BeforeAttachRule | undefined
}

/** Runs in the transaction of an attach, before its commit. What it throws undoes the attach. */
export type BeforeAttachRule = (
  tx: Queryable,
  call: Call,
  customer: string,
  row: PaymentMethodRow
) => Promise<void>

/** Everything that a rule needs to know of the call it serves. */
export interface Call {
  readonly vault: Vault
  /** The account in its mode, as every row has it: `acct_…:test`. */
  readonly account: string
  readonly livemode: boolean
  /** By a publishable key, which sees less of an object. */
  readonly publishable: boolean
  /** By the host's own code. */
  readonly inProcess?: boolean | undefined
  /** The id of the call's claim of its idempotency key, where the processor is asked (`claimed`). */
  readonly claim?: string | undefined
  /** What a restricted key may do; without it, everything. */
  readonly permissions?: Permissions | undefined
  /** The API version that the answer is made for. */
  readonly version: string
  readonly requestId: string
  /** Where people reach the vault, for links that lead back to it: with the prefix, no slash behind. */
  readonly baseUrl: string
  /** Set for a POST with an idempotency key. */
  readonly attempt: Attempt | null
}

/** What is known of a request once it came in; `callOf` adds what its parameters tell. */
export type Received = Omit<Call, 'attempt' | 'baseUrl'>

const received = Symbol('received')
type VaultRequest = FastifyRequest & { [received]: Received | Call | null }

/** Prepares the requests of `scope` for `receive`. */
export const expectCalls = (scope: FastifyInstance): void => {
  scope.decorateRequest(received, null)
}

/** Notes who makes a request, for `callOf`. */
export const receive = (request: FastifyRequest, call: Received): void => {
  ;(request as VaultRequest)[received] = call
}

/** What a handler needs of a request, for a call of the host's own code, which came in by none. */
export const withoutRequest = (
  call: Call,
  decoded: { params: unknown; query: unknown; body: unknown }
): FastifyRequest => ({ ...decoded, ip: null, [received]: call }) as unknown as FastifyRequest

/** A route's `config` with this may be called with a publishable key. */
export const forPublishableKeys = { publishable: true }

/** An idempotency key that is too long to be kept is none. */
export function refuseLongKey(key: string): void {
  if (key.length > 255) throw invalidRequest('Idempotency keys can have up to 255 characters.')
}

/** Returns what is known of the caller of a request; null for a request that was refused. */
export const receivedCall = (request: FastifyRequest): Received | null => (request as VaultRequest)[received]

/** Every kind of object, for a route that is no declared operation yet. */
export const objectsIn = (request: FastifyRequest): Objects => {
  const call = receivedCall(request)
  if (!call) throw new Error('a route of the vault was reached without authentication')
  return call.vault.objects
}

/** The call that a request makes, its parameters decoded. */
export function callOf(request: FastifyRequest): Call {
  const call = (request as VaultRequest)[received]
  if (!call) throw new Error('a route of the vault was reached without authentication')
  if ('attempt' in call) return call
  return { ...call, baseUrl: baseUrlOf(call.vault, request), attempt: attemptOf(request, call) }
}

/**
 * Where people reach the vault: as the option says, else as this request did, by way of what the host trusts and before
 * the host wrote its URL anew.
 */
export function baseUrlOf(
  { publicUrl }: Pick<Vault, 'publicUrl'>,
  { protocol, host, url, originalUrl }: FastifyRequest,
  own = '/v1/'
): string {
  const path = originalUrl.includes(own) ? originalUrl : url
  return publicUrl ?? `${protocol}://${host}${path.slice(0, Math.max(path.indexOf(own), 0))}`
}

function attemptOf(request: FastifyRequest, call: Received): Attempt | null {
  const key = headerOf(request, 'idempotency-key')
  if (request.method !== 'POST' || key === undefined) return null
  // The vault's own path: the same call through another prefix of the host's is the same call.
  const path = request.url.split('?', 1)[0] ?? ''
  return attemptAt(path.slice(Math.max(path.indexOf('/v1/'), 0)), key, request.body, call)
}

/** The same request is the same attempt, however it came in. `body` is decoded. */
export function attemptAt(
  endpoint: string,
  key: string,
  body: unknown,
  { account, requestId, version, vault }: Omit<Received, 'publishable' | 'livemode'>
): Attempt {
  const parameters = hashParameters(body, vault.parametersKey)
  return { account, key, endpoint, parameters, requestId, version }
}

/** Returns a header's first value; undefined for one that is absent or empty. */
export function headerOf(request: FastifyRequest, name: string): string | undefined {
  const value = request.headers[name]
  return Array.isArray(value) ? value[0] : value === '' ? undefined : value
}
