import { callOf } from '../call'
import { expandOf } from '../expand'
import { listOfCustomer, retrieveOfCustomer } from '../payment-methods/read'
import { CustomerListQuery, PaymentMethod, PaymentMethodList } from '../payment-methods/schema'
import type { Scope } from '../scope'
import { answers, ExpandOnly, NoParams } from '../wire/schemas'
import { createCustomer } from './create'
import { deleteCustomer } from './delete'
import { listOfCustomers, retrieveCustomer } from './read'
import {
  CreateCustomerBody,
  Customer,
  CustomerList,
  CustomerOrDeleted,
  CustomerPath,
  CustomerPaymentMethodPath,
  DeletedCustomer,
  ListCustomersQuery,
  UpdateCustomerBody
} from './schema'
import { updateCustomer } from './update'

const kind = 'customer'
const tags = ['Customers']
const params = CustomerPath

export function customerRoutes(scope: Scope): void {
  scope.post(
    '/v1/customers',
    { schema: { operationId: 'PostCustomers', tags, body: CreateCustomerBody, response: answers(Customer) } },
    async (request) => createCustomer(callOf(request), request.body, expandOf(kind, request.body.expand))
  )

  scope.get(
    '/v1/customers',
    {
      schema: {
        operationId: 'GetCustomers',
        tags,
        querystring: ListCustomersQuery,
        response: answers(CustomerList)
      }
    },
    async (request) =>
      listOfCustomers(callOf(request), request.query, expandOf(kind, request.query.expand, true))
  )

  scope.get(
    '/v1/customers/:customer',
    {
      schema: {
        operationId: 'GetCustomersCustomer',
        tags,
        params,
        querystring: ExpandOnly,
        response: answers(CustomerOrDeleted)
      }
    },
    async (request) =>
      retrieveCustomer(callOf(request), request.params.customer, expandOf(kind, request.query.expand))
  )

  scope.post(
    '/v1/customers/:customer',
    {
      schema: {
        operationId: 'PostCustomersCustomer',
        tags,
        params,
        body: UpdateCustomerBody,
        response: answers(Customer)
      }
    },
    async (request) =>
      updateCustomer(
        callOf(request),
        request.params.customer,
        request.body,
        expandOf(kind, request.body.expand)
      )
  )

  scope.delete(
    '/v1/customers/:customer',
    {
      schema: {
        operationId: 'DeleteCustomersCustomer',
        tags,
        params,
        querystring: NoParams,
        response: answers(DeletedCustomer)
      }
    },
    async (request) => deleteCustomer(callOf(request), request.params.customer)
  )

  scope.get(
    '/v1/customers/:customer/payment_methods',
    {
      schema: {
        operationId: 'GetCustomersCustomerPaymentMethods',
        tags,
        params,
        querystring: CustomerListQuery,
        response: answers(PaymentMethodList)
      }
    },
    async (request) =>
      listOfCustomer(
        callOf(request),
        request.params.customer,
        request.query,
        expandOf('payment_method', request.query.expand, true)
      )
  )

  scope.get(
    '/v1/customers/:customer/payment_methods/:payment_method',
    {
      schema: {
        operationId: 'GetCustomersCustomerPaymentMethodsPaymentMethod',
        tags,
        params: CustomerPaymentMethodPath,
        querystring: ExpandOnly,
        response: answers(PaymentMethod)
      }
    },
    async (request) => {
      const { customer, payment_method } = request.params
      const expand = expandOf('payment_method', request.query.expand)
      return retrieveOfCustomer(callOf(request), customer, payment_method, expand)
    }
  )
}
