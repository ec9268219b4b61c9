import { chargeComponents } from './payments/charges/object'
import { chargeRoutes } from './payments/charges/routes'
import { customerComponents } from './customers/object'
import { customerRoutes } from './customers/routes'
import { eventComponents } from './events/object'
import { eventRoutes } from './events/routes'
import { paymentIntentComponents } from './intents/payment/object'
import { paymentIntentRoutes } from './intents/payment/routes'
import { paymentMethodComponents } from './payment-methods/object'
import { paymentMethodRoutes } from './payment-methods/routes'
import { refundComponents } from './payments/refunds/object'
import { refundRoutes } from './payments/refunds/routes'
import type { Scope } from '../protocol/scope'
import { setupAttemptComponents } from './intents/attempts/object'
import { setupAttemptRoutes } from './intents/attempts/routes'
import { setupIntentComponents } from './intents/setup/object'
import { setupIntentRoutes } from './intents/setup/routes'
import { tokenComponents } from './tokens/object'
import { tokenRoutes } from './tokens/routes'
import { webhookEndpointComponents } from './webhook-endpoints/object'
import { webhookEndpointRoutes } from './webhook-endpoints/routes'
import { ErrorResponse } from '../protocol/schemas'

/** All that the vault answers. What is here is in the document. */
export function routes(scope: Scope): void {
  customerRoutes(scope)
  paymentMethodRoutes(scope)
  setupIntentRoutes(scope)
  setupAttemptRoutes(scope)
  paymentIntentRoutes(scope)
  chargeRoutes(scope)
  refundRoutes(scope)
  tokenRoutes(scope)
  eventRoutes(scope)
  webhookEndpointRoutes(scope)
}

/** With the components that their schemas refer to: only the document needs those, and a host's would list them. */
export function routesWithComponents(scope: Scope): void {
  for (const component of [
    ErrorResponse,
    ...customerComponents,
    ...paymentMethodComponents,
    ...setupIntentComponents,
    ...setupAttemptComponents,
    ...paymentIntentComponents,
    ...chargeComponents,
    ...refundComponents,
    ...tokenComponents,
    ...eventComponents,
    ...webhookEndpointComponents
  ]) {
    scope.addSchema(component)
  }
  routes(scope)
}
