import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { type Authenticate, type Principal, secretKeyRequired } from '../../plugins/auth/api-keys'
import { connectedAccount } from '../../plugins/auth/connected-account'
import type { RateLimiter } from '../../plugins/auth/rate-limit'
import { unknownRoute } from '../../plugins/reply/error-handler'
import { noLiveMode } from '../protocol/errors/no-live-mode'
import { newRequestId } from '../protocol/values/ids'
import { versionOf } from '../protocol/versions'
import { accountIn, accountOf } from '../protocol/view'
import {
  expectCalls,
  forPublishableKeys,
  headerOf,
  receive,
  type Received,
  receivedCall,
  refuseLongKey,
  type Vault
} from '../resources/call'
import { refuseExpansions, refuseWithoutPermission } from './permissions'

/** Decides which callers are admitted. */
interface CallGate {
  authenticate: Authenticate
  limit?: RateLimiter | undefined
  /** Whether live mode is served. */
  liveMode: boolean
}

/** Authenticates the caller and reads the API version before Fastify reads the body. */
export function receiveCalls(
  scope: FastifyInstance,
  vault: Vault,
  { authenticate, limit, liveMode }: CallGate
): void {
  expectCalls(scope)

  // A host's hook may refuse the call before our onRequest hook runs.
  scope.addHook('onError', (_request, reply, _error, done) => {
    if (!reply.hasHeader('request-id')) void reply.header('request-id', newRequestId())
    done()
  })

  scope.addHook('onRequest', (request, reply, done) => {
    const requestId = newRequestId()
    void reply.header('request-id', requestId)
    // `done(undefined)` would admit the caller, so a thrown value that is no Error becomes one.
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
        receive(request, { ...call, account: charged })
        done()
      }
      const account = connectedAccount(request, principal)
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

  // The paths to expand are parameters, so they are checked after validation.
  scope.addHook('preHandler', (request, _reply, done) => {
    const call = receivedCall(request)
    try {
      if (call?.permissions)
        refuseExpansions(request, accountOf(call.account), call.permissions, call.vault.objects)
      done()
    } catch (error) {
      done(error as Error)
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
  // All callers without an account would share the empty one.
  if (!account) throw new Error('`authenticate` returned no account')
  const config = request.routeOptions.config as Partial<typeof forPublishableKeys>
  if (publishable && config.publishable !== true) throw secretKeyRequired()
  if (permissions) refuseWithoutPermission(request, account, permissions)
  // The router accepts an empty string as an id.
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

/** Accepts any thenable. */
const isPromise = (principal: Principal | Promise<Principal>): principal is Promise<Principal> =>
  'then' in principal
