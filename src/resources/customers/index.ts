import { emptyList } from '../../protocol/lists/lists'
import { resource } from '../../protocol/resource/resource'
import { noSuchCustomer } from './errors'
import {
  Customer,
  CustomerList,
  CustomerSearchResult,
  customerToObject,
  DeletedCustomer,
  EmptyList
} from './object'
import { findCustomer, findCustomers } from './store'

/** Someone who pays, and whom payment methods are attached to. A deleted one shows that it is deleted. */
export const customers = resource('customer', {
  description: 'Those who pay, and the payment methods attached to them.',
  object: Customer,
  components: [DeletedCustomer, EmptyList, CustomerSearchResult, CustomerList],
  toObject: customerToObject,
  find: findCustomer,
  findMany: findCustomers,
  noSuch: noSuchCustomer,
  expands: {
    cash_balance: () => null,
    default_source: null,
    'invoice_settings.default_payment_method': 'payment_method',
    sources: (customer) => emptyList(`/v1/customers/${String(customer.id)}/sources`),
    subscriptions: (customer) => emptyList(`/v1/customers/${String(customer.id)}/subscriptions`),
    tax: () => ({ automatic_tax: 'unrecognized_location', ip_address: null, location: null }),
    tax_ids: (customer) => emptyList(`/v1/customers/${String(customer.id)}/tax_ids`),
    test_clock: null
  },
  operations: {}
})
