import { customerComponents } from './customers/components'
import { customerRoutes } from './customers/routes'
import { paymentMethodComponents } from './payment-methods/components'
import { paymentMethodRoutes } from './payment-methods/routes'
import type { Scope } from './scope'
import { ErrorResponse } from './wire/schemas'

/** All that the vault answers, with the components that its schemas refer to. What is here is in the document. */
export function routes(scope: Scope): void {
  for (const component of [ErrorResponse, ...customerComponents, ...paymentMethodComponents]) {
    scope.addSchema(component)
  }
  customerRoutes(scope)
  paymentMethodRoutes(scope)
}
