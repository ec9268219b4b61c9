import type { TSchema } from '@sinclair/typebox'
import type { FastifyInstance } from 'fastify'
import { CommitWatch } from '../../plugins/database/commit-watch'
import { WireError } from '../../plugins/errors/errors'
import type { Vault } from '../resources/call'
import { noLiveMode } from '../protocol/errors/no-live-mode'
import { newRequestId } from '../protocol/values/ids'
import { type CallOptions, checkCallOptions, type JoinedCallOptions } from './call-options'
import { toVaultError } from './error'
import { joined } from './transaction/joined'
import type { RegisteredRoute, RouteRegistry } from './operations/route-registry'
import type { Operation, Operations, ParamsOf } from './operations/operation-types'
import { withoutTx, operations } from './operations/operations'
import { perform } from './operations/perform'

type AnyOperation = Operation<readonly TSchema[], unknown>
type OptionsOf<Resource> = Resource extends (typeof withoutTx)[number] ? CallOptions : JoinedCallOptions

type Callable<Each, Options> =
  Each extends Operation<infer Schemas, infer Answer>
    ? (params: ParamsOf<Schemas>, options: Options) => Promise<Answer>
    : never

/**
 * The vault's routes as functions, with the same schemas and rules. A function takes the parameters of path and body or
 * query in one hash, by their names in the API, and the caller. It returns the object that HTTP would answer, and throws
 * a `PaymentVaultError` for a refusal. API keys, their permissions and rate limits apply to HTTP only.
 */
export type InProcess = {
  [Resource in keyof Operations]: {
    [Name in keyof Operations[Resource]]: Callable<Operations[Resource][Name], OptionsOf<Resource>>
  }
}

/** Makes the in-process calls. Throws at start if an operation and its route have different schemas. */
export function inProcess(
  scope: FastifyInstance,
  vault: Vault,
  { routes, liveMode }: { routes: RouteRegistry; liveMode: boolean }
): InProcess {
  const commits = new CommitWatch(scope, vault.db)

  const callable = (route: RegisteredRoute, mayJoin: boolean) => {
    return async (params: unknown, options: JoinedCallOptions): Promise<unknown> => {
      checkCallOptions(options, mayJoin)
      const requestId = newRequestId()
      const baseUrl = vault.publicUrl ?? baseUrlOf(scope)
      const run = (vault: Vault) => perform(route, params, { vault, requestId, baseUrl, options })
      try {
        if (options.livemode && !liveMode) throw noLiveMode()
        return await (options.tx ? joined(vault, options.tx, commits, run) : run(vault))
      } catch (error) {
        throw error instanceof WireError ? toVaultError(error, requestId) : error
      }
    }
  }

  const table: Readonly<Record<string, Readonly<Record<string, AnyOperation>>>> = { ...operations }
  const resources = Object.entries(table).map(([resource, methods]) => {
    const mayJoin = !(withoutTx as readonly string[]).includes(resource)
    const callables = Object.entries(methods).map(([name, operation]) => [
      name,
      callable(routeOf(routes, operation), mayJoin)
    ])
    return [resource, Object.fromEntries(callables) as object]
  })
  return Object.fromEntries(resources) as InProcess
}

function routeOf(routes: RouteRegistry, { operationId, schemas }: AnyOperation): RegisteredRoute {
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
