import type { TSchema } from '@sinclair/typebox'
import type { FastifyInstance } from 'fastify'
import { CommitWatch } from '../../plugins/database/commit-watch'
import { WireError } from '../../plugins/errors/errors'
import { mapValues } from '../../plugins/openapi/shape'
import type { Vault } from '../resources/call'
import { noLiveMode } from '../protocol/errors/no-live-mode'
import { newRequestId } from '../protocol/values/ids'
import { type CallOptions, checkCallOptions, type JoinedCallOptions } from './call-options'
import { toVaultError } from './error'
import { joined } from './transaction/joined'
import type { Operation, Resource } from '../protocol/resource/resource'
import { type Resources, resources } from '../resources/index'
import { type RegisteredRoute, type RouteRegistry, operationOf } from './operations/route-registry'
import type { Operation as OldOperation, Operations, ParamsOf } from './operations/operation-types'
import { type withoutTx, operations as oldOperations } from './operations/operations'
import { perform, type Performed } from './operations/perform'

/** A method of `app.paymentVault`, from the operation that it runs. */
type Method<Each, Options> =
  Each extends Operation<never, infer Params, infer Answer>
    ? (params: Params, options: Options) => Promise<Answer>
    : never

type Methods<Each> =
  Each extends Resource<string, unknown, infer Operations, infer Joins>
    ? {
        [Name in keyof Operations]: Method<
          Operations[Name],
          Joins extends true ? JoinedCallOptions : CallOptions
        >
      }
    : never

type InProcessOf<All> = { [Name in keyof All]: Methods<All[Name]> }

/** The resources whose routes are no declared operations yet. */
type OldOptions<Name> = Name extends (typeof withoutTx)[number] ? CallOptions : JoinedCallOptions
type Callable<Each, Options> =
  Each extends OldOperation<infer Schemas, infer Answer>
    ? (params: ParamsOf<Schemas>, options: Options) => Promise<Answer>
    : never

/**
 * The vault's operations as functions, with the same schemas and rules. A function takes the parameters of path and body
 * or query in one hash, by their names in the API, and the caller. It returns the object that HTTP would answer, and
 * throws a `PaymentVaultError` for a refusal. API keys, their permissions and rate limits apply to HTTP only.
 */
export type InProcess = InProcessOf<Omit<Resources, keyof Operations>> & {
  [Name in keyof Operations]: {
    [Each in keyof Operations[Name]]: Callable<Operations[Name][Each], OldOptions<Name>>
  }
}

/** Makes the in-process calls. Throws at start if an operation and its route have different schemas. */
export function inProcess(
  scope: FastifyInstance,
  vault: Vault,
  { routes, liveMode }: { routes: RouteRegistry; liveMode: boolean }
): InProcess {
  const commits = new CommitWatch(scope, vault.db)

  const callable = (operation: Performed, mayJoin: boolean) => {
    return async (params: unknown, options: JoinedCallOptions): Promise<unknown> => {
      checkCallOptions(options, mayJoin)
      const requestId = newRequestId()
      const baseUrl = vault.publicUrl ?? baseUrlOf(scope)
      const run = (vault: Vault) => perform(operation, params, { vault, requestId, baseUrl, options })
      try {
        if (options.livemode && !liveMode) throw noLiveMode()
        return await (options.tx ? joined(vault, options.tx, commits, run) : run(vault))
      } catch (error) {
        throw error instanceof WireError ? toVaultError(error, requestId) : error
      }
    }
  }

  const old: Readonly<Record<string, Readonly<Record<string, AnyOldOperation>>>> = { ...oldOperations }
  const all = Object.entries(resources).map(([name, { operations, joins }]) => [
    name,
    {
      ...mapValues<Performed, unknown>(operations, (operation) => callable(operation, joins)),
      ...mapValues(old[name] ?? {}, (each) => callable(operationOf(routeOf(routes, each)), joins))
    }
  ])
  return Object.fromEntries(all) as InProcess
}

type AnyOldOperation = OldOperation<readonly TSchema[], unknown>

function routeOf(routes: RouteRegistry, { operationId, schemas }: AnyOldOperation): RegisteredRoute {
  const route = routes.get(operationId)
  const { params, querystring, body } = route?.schema ?? {}
  const taken = [params, querystring, body].filter((schema) => schema !== undefined)
  if (!route || taken.length !== schemas.length || taken.some((schema) => !schemas.includes(schema))) {
    throw new Error(`${operationId} and its route have different schemas`)
  }
  return route
}

/** Returns the base URL of this app, or only its prefix before the app listens. */
const baseUrlOf = (scope: FastifyInstance): string =>
  scope.server.listening ? `${scope.listeningOrigin}${scope.prefix}` : scope.prefix
