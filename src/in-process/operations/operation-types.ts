import type { Static, TSchema } from '@sinclair/typebox'
import type { deletedCustomerToObject } from '../../resources/customers/object'
import type { deletedWebhookEndpointToObject } from '../../resources/webhook-endpoints/object'
import type {
  CreateCustomerBody,
  CustomerPath,
  CustomerPaymentMethodPath,
  ListCustomersQuery,
  SearchCustomersQuery,
  UpdateCustomerBody
} from '../../resources/customers/schema'
import type {
  CancelPaymentIntentBody,
  CapturePaymentIntentBody,
  ConfirmPaymentIntentBody,
  CreatePaymentIntentBody,
  ListPaymentIntentsQuery,
  PaymentIntentPath,
  RetrievePaymentIntentQuery,
  UpdatePaymentIntentBody
} from '../../resources/intents/payment/schema'
import type {
  AttachBody,
  CreateBody,
  CustomerListQuery,
  ListQuery,
  PaymentMethodPath,
  UpdateBody
} from '../../resources/payment-methods/schema'
import type {
  CancelSetupIntentBody,
  ConfirmSetupIntentBody,
  CreateSetupIntentBody,
  ListSetupIntentsQuery,
  RetrieveSetupIntentQuery,
  SetupIntentPath,
  UpdateSetupIntentBody
} from '../../resources/intents/setup/schema'
import type {
  CreateWebhookEndpointBody,
  ListWebhookEndpointsQuery,
  UpdateWebhookEndpointBody,
  WebhookEndpointPath
} from '../../resources/webhook-endpoints/schema'
import type { ExpandOnly, ExpandOnlyBody, NoParams } from '../../protocol/schemas'
import type { List } from '../../protocol/lists/lists'
import type { Objects } from '../objects'

/** A route as an in-process call: the parameters of its path and of its body or query are in one hash. */
export interface Operation<Schemas extends readonly TSchema[], Answer> {
  operationId: string
  /** The schemas of the route. */
  schemas: Schemas
  /** Exists only as a type. */
  answer?: Answer
}

/** The intersection of the parameters of several schemas. */
export type ParamsOf<Schemas extends readonly TSchema[]> = Schemas extends readonly [
  infer First extends TSchema,
  ...infer Rest extends readonly TSchema[]
]
  ? Static<First> & ParamsOf<Rest>
  : unknown

type SetupIntentObject = Objects['setup_intent']
type PaymentIntentObject = Objects['payment_intent']
type CustomerObject = Objects['customer']
type PaymentMethodObject = Objects['payment_method']
type WebhookEndpointObject = Objects['webhook_endpoint']
type DeletedCustomer = ReturnType<typeof deletedCustomerToObject>
type DeletedWebhookEndpoint = ReturnType<typeof deletedWebhookEndpointToObject>

interface SearchResult<T> {
  object: 'search_result'
  data: T[]
  has_more: boolean
  next_page: string | null
  /** Present only if expanded. */
  total_count?: number
  url: string
}

/** Written by hand, so that a host's editor shows the names of types instead of their expansions. */
export interface Operations {
  customers: {
    create: Operation<[typeof CreateCustomerBody], CustomerObject>
    retrieve: Operation<[typeof CustomerPath, typeof ExpandOnly], CustomerObject | DeletedCustomer>
    update: Operation<[typeof CustomerPath, typeof UpdateCustomerBody], CustomerObject>
    delete: Operation<[typeof CustomerPath, typeof NoParams], DeletedCustomer>
    list: Operation<[typeof ListCustomersQuery], List<CustomerObject>>
    search: Operation<[typeof SearchCustomersQuery], SearchResult<CustomerObject>>
    listPaymentMethods: Operation<[typeof CustomerPath, typeof CustomerListQuery], List<PaymentMethodObject>>
    retrievePaymentMethod: Operation<
      [typeof CustomerPaymentMethodPath, typeof ExpandOnly],
      PaymentMethodObject
    >
  }
  paymentMethods: {
    create: Operation<[typeof CreateBody], PaymentMethodObject>
    retrieve: Operation<[typeof PaymentMethodPath, typeof ExpandOnly], PaymentMethodObject>
    update: Operation<[typeof PaymentMethodPath, typeof UpdateBody], PaymentMethodObject>
    attach: Operation<[typeof PaymentMethodPath, typeof AttachBody], PaymentMethodObject>
    detach: Operation<[typeof PaymentMethodPath, typeof ExpandOnlyBody], PaymentMethodObject>
    list: Operation<[typeof ListQuery], List<PaymentMethodObject>>
  }
  setupIntents: {
    create: Operation<[typeof CreateSetupIntentBody], SetupIntentObject>
    retrieve: Operation<[typeof SetupIntentPath, typeof RetrieveSetupIntentQuery], SetupIntentObject>
    update: Operation<[typeof SetupIntentPath, typeof UpdateSetupIntentBody], SetupIntentObject>
    confirm: Operation<[typeof SetupIntentPath, typeof ConfirmSetupIntentBody], SetupIntentObject>
    cancel: Operation<[typeof SetupIntentPath, typeof CancelSetupIntentBody], SetupIntentObject>
    list: Operation<[typeof ListSetupIntentsQuery], List<SetupIntentObject>>
  }
  paymentIntents: {
    create: Operation<[typeof CreatePaymentIntentBody], PaymentIntentObject>
    retrieve: Operation<[typeof PaymentIntentPath, typeof RetrievePaymentIntentQuery], PaymentIntentObject>
    update: Operation<[typeof PaymentIntentPath, typeof UpdatePaymentIntentBody], PaymentIntentObject>
    confirm: Operation<[typeof PaymentIntentPath, typeof ConfirmPaymentIntentBody], PaymentIntentObject>
    capture: Operation<[typeof PaymentIntentPath, typeof CapturePaymentIntentBody], PaymentIntentObject>
    cancel: Operation<[typeof PaymentIntentPath, typeof CancelPaymentIntentBody], PaymentIntentObject>
    list: Operation<[typeof ListPaymentIntentsQuery], List<PaymentIntentObject>>
  }
  webhookEndpoints: {
    create: Operation<[typeof CreateWebhookEndpointBody], WebhookEndpointObject & { secret: string }>
    retrieve: Operation<[typeof WebhookEndpointPath, typeof ExpandOnly], WebhookEndpointObject>
    update: Operation<[typeof WebhookEndpointPath, typeof UpdateWebhookEndpointBody], WebhookEndpointObject>
    delete: Operation<[typeof WebhookEndpointPath, typeof NoParams], DeletedWebhookEndpoint>
    list: Operation<[typeof ListWebhookEndpointsQuery], List<WebhookEndpointObject>>
  }
}
