import type { FastifyInstance, FastifyRequest } from 'fastify'
import { apiKeyFrom, maskKey, type Permissions } from '../../plugins/auth/api-keys'
import { unknownRoute } from '../../plugins/reply/error-handler'
import { WireError } from '../../plugins/errors/errors'
import { expandedKinds } from '../protocol/expand'
import { allows, type Level } from '../protocol/permissions'
import type { Objects } from '../protocol/resource/objects'

/** What a restricted key needs a permission for, by route, where the route is no declared operation yet. */
const resourceOf: Readonly<Record<string, string>> = {
  '/v1/customers': 'customers',
  '/v1/customers/search': 'customers',
  '/v1/customers/:customer': 'customers',
  '/v1/customers/:customer/payment_methods': 'payment_methods',
  '/v1/customers/:customer/payment_methods/:payment_method': 'payment_methods',
  '/v1/payment_intents': 'payment_intents',
  '/v1/payment_intents/:intent': 'payment_intents',
  '/v1/payment_intents/:intent/cancel': 'payment_intents',
  '/v1/payment_intents/:intent/capture': 'payment_intents',
  '/v1/payment_intents/:intent/confirm': 'payment_intents',
  '/v1/payment_methods': 'payment_methods',
  '/v1/payment_methods/:payment_method': 'payment_methods',
  '/v1/payment_methods/:payment_method/attach': 'payment_methods',
  '/v1/payment_methods/:payment_method/detach': 'payment_methods',
  '/v1/setup_intents': 'setup_intents',
  '/v1/setup_intents/:intent': 'setup_intents',
  '/v1/setup_intents/:intent/cancel': 'setup_intents',
  '/v1/setup_intents/:intent/confirm': 'setup_intents',
  '/v1/webhook_endpoints': 'webhook_endpoints',
  '/v1/webhook_endpoints/:webhook_endpoint': 'webhook_endpoints'
}

interface RouteResource {
  /** What restricted keys need a permission for: what the route answers with. */
  resource?: string
}

/** Has every route of this scope name its resource, except the 404 route. Throws for a route without a resource. */
export function routesNeedPermissions(scope: FastifyInstance): void {
  scope.addHook('onRoute', (route) => {
    const path = route.url.slice(Math.max(route.url.lastIndexOf('/v1/'), 0))
    if (path === '/v1/*' || (route.config as RouteResource | undefined)?.resource !== undefined) return
    const resource = Object.hasOwn(resourceOf, path) ? resourceOf[path] : undefined
    if (resource === undefined) throw new Error(`The route ${path} has no permission`)
    route.config = Object.assign({}, route.config, { resource })
  })
}

/** Throws the 403 unless the permissions allow the call. GET and HEAD need `read`, other methods need `write`. */
export function refuseWithoutPermission(
  request: FastifyRequest,
  account: string,
  permissions: Permissions
): void {
  const { resource } = request.routeOptions.config as RouteResource
  if (resource === undefined) unknownRoute(request)
  const level = request.method === 'GET' || request.method === 'HEAD' ? 'read' : 'write'
  if (!allows(permissions, resource, level)) throw missing(request, account, resource, level)
}

/** Throws the 403 unless the permissions allow reading every object that the call expands. */
export function refuseExpansions(
  request: FastifyRequest,
  account: string,
  permissions: Permissions,
  objects: Objects
): void {
  const { resource } = request.routeOptions.config as RouteResource
  const { expand } = ((request.method === 'POST' ? request.body : request.query) ?? {}) as {
    expand?: readonly string[]
  }
  if (resource === undefined || expand === undefined) return
  for (const kind of expandedKinds(objects, kindOf(resource), expand)) {
    if (!allows(permissions, `${kind}s`, 'read')) throw missing(request, account, `${kind}s`, 'read')
  }
}

const kindOf = (resource: string): string => resource.slice(0, -1)

function missing(request: FastifyRequest, account: string, resource: string, level: Level): WireError {
  const name = resource === 'webhook_endpoints' ? 'webhook' : kindOf(resource)
  const key = maskKey(apiKeyFrom(request.headers.authorization) ?? '')
  return new WireError(403, {
    type: 'invalid_request_error',
    message: `The provided key '${key}' does not have the required permissions for this endpoint on account '${account}'. Having the 'rak_${name}_${level}' permission would allow this request to continue.`
  })
}
