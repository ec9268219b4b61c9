import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { actingAccount } from '../../plugins/auth/connected-account'
import {
  type Authenticate,
  type Permissions,
  type Principal,
  secretKeyRequired
} from '../../plugins/auth/api-keys'
import type { Batcher } from '../../plugins/database/batcher'
import type { Database } from '../../plugins/database/database'
import { unknownRoute } from '../../plugins/reply/error-handler'
import { invalidRequest, WireError } from '../../plugins/errors/errors'
import { type Attempt, hashParameters } from '../../plugins/idempotency/idempotency'
import type { RateLimiter } from '../../plugins/auth/rate-limit'
import type { CommittedEvents } from './events/committed'
import type { hookBeforeAttach } from '../in-process/before-attach'
import { refuseExpansions, refuseWithoutPermission } from '../plugin/permissions'
import type { CardProcessor } from '../processor/card-processor'
import { newRequestId } from '../protocol/values/ids'
import { versionOf } from '../protocol/versions'

/** What stands behind every call of one vault. */
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
  /** The host's own rule for an attach, in its transaction; throws what undoes it. */
  beforeAttach?: ReturnType<typeof hookBeforeAttach> | undefined
}

/** Everything that a rule needs to know of the call it serves. */
export interface Call {
  readonly vault: Vault
  /** The account in its mode, as every row has it: `acct_…:test`. */
  readonly account: string
  readonly livemode: boolean
  /** By a publishable key, which sees less of an object. */
  readonly publishable: boolean
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

/** What a wire object's shape depends on besides its row: for whom it is made. */
export type View = Pick<Call, 'account' | 'livemode' | 'publishable' | 'version'> & {
  readonly vault: Pick<Vault, 'secretsKey'>
}

/** One account in one mode, the first column of every row. */
export const accountIn = (account: string, livemode: boolean): string =>
  `${account}:${livemode ? 'live' : 'test'}`

/** Whether it is the account in live mode, from what `accountIn` made. */
export const isLive = (account: string): boolean => account.endsWith(':live')

/** The account by itself, from what `accountIn` made. */
export const accountOf = (account: string): string => account.slice(0, account.lastIndexOf(':'))

/** What is known of a request once it came in; `callOf` adds what its parameters tell. */
type Received = Omit<Call, 'attempt' | 'baseUrl'>

const received = Symbol('received')
type VaultRequest = FastifyRequest & { [received]: Received | Call | null }

/** What a handler needs of a request, for a call of the host's own code, which came in by none. */
export const withoutRequest = (
  call: Call,
  decoded: { params: unknown; query: unknown; body: unknown }
): FastifyRequest => ({ ...decoded, ip: null, [received]: call }) as unknown as FastifyRequest

/** A route's `config` with this may be called with a publishable key. */
export const forPublishableKeys = { publishable: true }

/** Who is let in. */
export interface Door {
  authenticate: Authenticate
  limit?: RateLimiter | undefined
  /** Whether live mode is served. */
  liveMode: boolean
}

/** Finds out who is calling, and in which version, before anything of the body is read. */
export function receiveCalls(
  scope: FastifyInstance,
  vault: Vault,
  { authenticate, limit, liveMode }: Door
): void {
  scope.decorateRequest(received, null)

  // A host's own hook refused the call before ours saw it.
  scope.addHook('onError', (_request, reply, _error, done) => {
    if (!reply.hasHeader('request-id')) void reply.header('request-id', newRequestId())
    done()
  })

  scope.addHook('onRequest', (request, reply, done) => {
    const requestId = newRequestId()
    void reply.header('request-id', requestId)
    // Nothing, thrown, would let the caller in.
    const refuse = (error: unknown): void => {
      done(error instanceof Error ? error : new Error('`authenticate` threw no error', { cause: error }))
    }
    const enter = (principal: Principal): void => {
      if (principal.livemode && !liveMode) throw noLiveMode()
      const call = enterCall(vault, request, reply, principal, requestId)
      const act = (account: string): void => {
        if (headerOf(request, 'stripe-account') !== undefined) void reply.header('stripe-account', account)
        const charged = accountIn(account, principal.livemode)
        limit?.(request, reply, charged, principal.livemode)
        ;(request as VaultRequest)[received] = { ...call, account: charged }
        done()
      }
      const account = actingAccount(request, principal)
      if (typeof account === 'string') act(account)
      else account.then(act).catch(refuse)
    }
    try {
      const principal = authenticate(request)
      if (isPromise(principal)) principal.then(enter).catch(refuse)
      else enter(principal)
    } catch (error) {
      refuse(error)
    }
  })
}

function enterCall(
  vault: Vault,
  request: FastifyRequest,
  reply: FastifyReply,
  principal: Principal,
  requestId: string
): Omit<Received, 'account'> {
  const { account, livemode, publishable = false, permissions } = principal
  // It would be one that all callers without an account share.
  if (!account) throw new Error('`authenticate` gave no account')
  const config = request.routeOptions.config as Partial<typeof forPublishableKeys>
  if (publishable && config.publishable !== true) throw secretKeyRequired()
  if (permissions) refuseWithoutPermission(request, account, permissions)
  // The router takes nothing for an id too.
  if (Object.values(request.params as object).includes('')) unknownRoute(request)

  void reply.header('stripe-version', vault.defaultVersion)
  const key = headerOf(request, 'idempotency-key')
  if (key !== undefined && request.method !== 'GET') {
    refuseLongKey(key)
    void reply.header('idempotency-key', key)
    if (request.method === 'POST') void reply.header('original-request', requestId)
  }
  const version = versionOf(headerOf(request, 'stripe-version'), vault.defaultVersion)
  void reply.header('stripe-version', version)
  return { vault, livemode, publishable, permissions, version, requestId }
}

/** An idempotency key that is too long to be kept is none. */
export function refuseLongKey(key: string): void {
  if (key.length > 255) throw invalidRequest('Idempotency keys can have up to 255 characters.')
}

export const noLiveMode = (): WireError =>
  new WireError(403, {
    type: 'invalid_request_error',
    message: 'Live mode is not served here. A server says at its start what live mode needs.'
  })

/** Also one that is no Promise of Node's own. */
const isPromise = (principal: Principal | Promise<Principal>): principal is Promise<Principal> =>
  'then' in principal

/** What is known of whoever made a request; null for one that was not let in. */
export const receivedCall = (request: FastifyRequest): Received | null => (request as VaultRequest)[received]

/** The call that a request makes, its parameters decoded. */
export function callOf(request: FastifyRequest): Call {
  const call = (request as VaultRequest)[received]
  if (!call) throw new Error('a route of the vault was reached without authentication')
  if ('attempt' in call) return call
  if (call.permissions) refuseExpansions(request, accountOf(call.account), call.permissions)
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

function headerOf(request: FastifyRequest, name: string): string | undefined {
  const value = request.headers[name]
  return Array.isArray(value) ? value[0] : value === '' ? undefined : value
}
