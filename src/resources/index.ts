import { callOf } from './call'
import { customers } from './customers/index'
import { customerRoutes } from './customers/routes'
import { events } from './events/index'
import { setupAttempts } from './intents/attempts/index'
import { paymentIntents } from './intents/payment/index'
import { paymentIntentRoutes } from './intents/payment/routes'
import { setupIntents } from './intents/setup/index'
import { setupIntentRoutes } from './intents/setup/routes'
import { paymentMethods } from './payment-methods/index'
import { paymentMethodRoutes } from './payment-methods/routes'
import { charges } from './payments/charges/index'
import { refunds } from './payments/refunds/index'
import { objectsOf } from '../protocol/resource/objects'
import { addRoutes } from '../protocol/resource/routes'
import { ErrorResponse } from '../protocol/schemas'
import type { Scope } from '../protocol/scope'
import { tokens } from './tokens/index'
import { webhookEndpoints } from './webhook-endpoints/index'
import { webhookEndpointRoutes } from './webhook-endpoints/routes'

/** Every resource of the vault, by its in-process name, in the order of the document. */
export const resources: Resources = {
  customers,
  paymentMethods,
  setupIntents,
  setupAttempts,
  paymentIntents,
  charges,
  refunds,
  tokens,
  events,
  webhookEndpoints
}

// Written out: a declaration file would repeat the whole type of each otherwise.
export type Resources = {
  customers: typeof customers
  paymentMethods: typeof paymentMethods
  setupIntents: typeof setupIntents
  setupAttempts: typeof setupAttempts
  paymentIntents: typeof paymentIntents
  charges: typeof charges
  refunds: typeof refunds
  tokens: typeof tokens
  events: typeof events
  webhookEndpoints: typeof webhookEndpoints
}

/** Every kind of object, for a vault's calls. */
export const objects = objectsOf(Object.values(resources))

/** What restricted keys have permissions for. */
export const permissionNames: readonly string[] = Object.values(resources)
  .map(({ plural }) => plural)
  .sort()

/** The routes of the resources that are not declared operations yet. */
const oldRoutes: Partial<Record<keyof Resources, (scope: Scope) => void>> = {
  customers: customerRoutes,
  paymentMethods: paymentMethodRoutes,
  setupIntents: setupIntentRoutes,
  paymentIntents: paymentIntentRoutes,
  webhookEndpoints: webhookEndpointRoutes
}

/** Adds all that the vault answers. What is here is in the document. */
export function routes(scope: Scope): void {
  for (const [name, { operations }] of Object.entries(resources)) {
    addRoutes(scope, operations, callOf)
    oldRoutes[name as keyof Resources]?.(scope)
  }
}

/** Adds the components that the schemas refer to as well: only the document needs those, and a host's would list them. */
export function routesWithComponents(scope: Scope): void {
  const components = Object.values(resources).flatMap(({ components }) => components)
  for (const component of [ErrorResponse, ...components]) scope.addSchema(component)
  routes(scope)
}
