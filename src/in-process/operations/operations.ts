import type { TSchema } from '@sinclair/typebox'
import {
  CreateCustomerBody,
  CustomerPath,
  CustomerPaymentMethodPath,
  ListCustomersQuery,
  SearchCustomersQuery,
  UpdateCustomerBody
} from '../../resources/customers/schema'
import {
  CancelPaymentIntentBody,
  CapturePaymentIntentBody,
  ConfirmPaymentIntentBody,
  CreatePaymentIntentBody,
  ListPaymentIntentsQuery,
  PaymentIntentPath,
  RetrievePaymentIntentQuery,
  UpdatePaymentIntentBody
} from '../../resources/intents/payment/schema'
import {
  AttachBody,
  CreateBody,
  CustomerListQuery,
  ListQuery,
  PaymentMethodPath,
  UpdateBody
} from '../../resources/payment-methods/schema'
import {
  CancelSetupIntentBody,
  ConfirmSetupIntentBody,
  CreateSetupIntentBody,
  ListSetupIntentsQuery,
  RetrieveSetupIntentQuery,
  SetupIntentPath,
  UpdateSetupIntentBody
} from '../../resources/intents/setup/schema'
import {
  CreateWebhookEndpointBody,
  ListWebhookEndpointsQuery,
  UpdateWebhookEndpointBody,
  WebhookEndpointPath
} from '../../resources/webhook-endpoints/schema'
import { ExpandOnly, ExpandOnlyBody, NoParams } from '../../protocol/schemas'
import type { Operation, Operations } from './operation-types'

const operation = <const Schemas extends TSchema[], Answer>(
  operationId: string,
  ...schemas: Schemas
): Operation<Schemas, Answer> => ({ operationId, schemas })

/** The in-process calls: one for each route that is no declared operation yet. */
export const operations: Operations = {
  customers: {
    create: operation('PostCustomers', CreateCustomerBody),
    retrieve: operation('GetCustomersCustomer', CustomerPath, ExpandOnly),
    update: operation('PostCustomersCustomer', CustomerPath, UpdateCustomerBody),
    delete: operation('DeleteCustomersCustomer', CustomerPath, NoParams),
    list: operation('GetCustomers', ListCustomersQuery),
    search: operation('GetCustomersSearch', SearchCustomersQuery),
    listPaymentMethods: operation('GetCustomersCustomerPaymentMethods', CustomerPath, CustomerListQuery),
    retrievePaymentMethod: operation(
      'GetCustomersCustomerPaymentMethodsPaymentMethod',
      CustomerPaymentMethodPath,
      ExpandOnly
    )
  },
  paymentMethods: {
    create: operation('PostPaymentMethods', CreateBody),
    retrieve: operation('GetPaymentMethodsPaymentMethod', PaymentMethodPath, ExpandOnly),
    update: operation('PostPaymentMethodsPaymentMethod', PaymentMethodPath, UpdateBody),
    attach: operation('PostPaymentMethodsPaymentMethodAttach', PaymentMethodPath, AttachBody),
    detach: operation('PostPaymentMethodsPaymentMethodDetach', PaymentMethodPath, ExpandOnlyBody),
    list: operation('GetPaymentMethods', ListQuery)
  },
  setupIntents: {
    create: operation('PostSetupIntents', CreateSetupIntentBody),
    retrieve: operation('GetSetupIntentsIntent', SetupIntentPath, RetrieveSetupIntentQuery),
    update: operation('PostSetupIntentsIntent', SetupIntentPath, UpdateSetupIntentBody),
    confirm: operation('PostSetupIntentsIntentConfirm', SetupIntentPath, ConfirmSetupIntentBody),
    cancel: operation('PostSetupIntentsIntentCancel', SetupIntentPath, CancelSetupIntentBody),
    list: operation('GetSetupIntents', ListSetupIntentsQuery)
  },
  paymentIntents: {
    create: operation('PostPaymentIntents', CreatePaymentIntentBody),
    retrieve: operation('GetPaymentIntentsIntent', PaymentIntentPath, RetrievePaymentIntentQuery),
    update: operation('PostPaymentIntentsIntent', PaymentIntentPath, UpdatePaymentIntentBody),
    confirm: operation('PostPaymentIntentsIntentConfirm', PaymentIntentPath, ConfirmPaymentIntentBody),
    capture: operation('PostPaymentIntentsIntentCapture', PaymentIntentPath, CapturePaymentIntentBody),
    cancel: operation('PostPaymentIntentsIntentCancel', PaymentIntentPath, CancelPaymentIntentBody),
    list: operation('GetPaymentIntents', ListPaymentIntentsQuery)
  },
  webhookEndpoints: {
    create: operation('PostWebhookEndpoints', CreateWebhookEndpointBody),
    retrieve: operation('GetWebhookEndpointsWebhookEndpoint', WebhookEndpointPath, ExpandOnly),
    update: operation('PostWebhookEndpointsWebhookEndpoint', WebhookEndpointPath, UpdateWebhookEndpointBody),
    delete: operation('DeleteWebhookEndpointsWebhookEndpoint', WebhookEndpointPath, NoParams),
    list: operation('GetWebhookEndpoints', ListWebhookEndpointsQuery)
  }
}

/**
 * The resources whose calls cannot join a transaction of the host. They record each processor request before sending it.
 * A rollback by the host would remove that record, and the vault would lose track of money that moved.
 */
export const withoutTx = ['setupIntents', 'paymentIntents'] as const
