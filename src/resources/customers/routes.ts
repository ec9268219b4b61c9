import { callOf, objectsIn } from '../call'
import { expandOf } from '../../protocol/expand'
import { listOfCustomer, retrieveOfCustomer } from '../payment-methods/read'
import { PaymentMethod, PaymentMethodList } from '../payment-methods/object'
import { CustomerListQuery } from '../payment-methods/schema'
import type { Scope } from '../../protocol/scope'
import {
  badCursor,
  badExpand,
  cardRefused,
  noSuchCustomer,
  unsupported
} from '../../protocol/errors/descriptions'
import { answers, answersWith, ExpandOnly, NoParams } from '../../protocol/schemas'
import { Customer, CustomerList, CustomerOrDeleted, CustomerSearchResult, DeletedCustomer } from './object'
import { createCustomer } from './create'
import { deleteCustomer } from './delete'
import { listOfCustomers, retrieveCustomer } from './read'
import {
  CreateCustomerBody,
  CustomerPath,
  CustomerPaymentMethodPath,
  ListCustomersQuery,
  SearchCustomersQuery,
  UpdateCustomerBody
} from './schema'
import { searchLanguage } from './search-language'
import { searchOfCustomers } from './search'
import { updateCustomer } from './update'

const kind = 'customer'
const tags = ['Customers']
const params = CustomerPath

export function customerRoutes(scope: Scope): void {
  scope.post(
    '/v1/customers',
    {
      schema: {
        operationId: 'PostCustomers',
        summary: 'Create a customer',
        description:
          'Makes a customer. With `payment_method` that is attached to them as well, or neither happens.',
        tags,
        body: CreateCustomerBody,
        response: answers(
          Customer,
          '400 `resource_missing`: `payment_method` or the default payment method is none, or the default is not attached to the customer.',
          '400 without a code: `payment_method` is attached to another customer, or was used up.',
          cardRefused,
          unsupported,
          badExpand
        )
      }
    },
    async (request) =>
      createCustomer(callOf(request), request.body, expandOf(objectsIn(request), kind, request.body.expand))
  )

  scope.get(
    '/v1/customers',
    {
      schema: {
        operationId: 'GetCustomers',
        summary: 'List customers',
        description: 'Customers, newest first, without those that were deleted.',
        tags,
        querystring: ListCustomersQuery,
        response: answers(CustomerList, badCursor, unsupported, badExpand)
      }
    },
    async (request) =>
      listOfCustomers(
        callOf(request),
        request.query,
        expandOf(objectsIn(request), kind, request.query.expand, true)
      )
  )

  scope.get(
    '/v1/customers/search',
    {
      schema: {
        operationId: 'GetCustomersSearch',
        summary: 'Search customers',
        description: searchLanguage,
        tags,
        querystring: SearchCustomersQuery,
        response: answers(
          CustomerSearchResult,
          '400 without a code, `param` `query`: the query is not right, or takes longer than five seconds.',
          '400 without a code, `param` `page`: it is no `next_page` of this query.',
          badExpand
        )
      }
    },
    async (request) => searchOfCustomers(callOf(request), request.query)
  )

  scope.get(
    '/v1/customers/:customer',
    {
      schema: {
        operationId: 'GetCustomersCustomer',
        summary: 'Retrieve a customer',
        description: 'One customer; of a deleted one, that it is deleted.',
        tags,
        params,
        querystring: ExpandOnly,
        response: answers(CustomerOrDeleted, noSuchCustomer, badExpand)
      }
    },
    async (request) =>
      retrieveCustomer(
        callOf(request),
        request.params.customer,
        expandOf(objectsIn(request), kind, request.query.expand)
      )
  )

  scope.post(
    '/v1/customers/:customer',
    {
      schema: {
        operationId: 'PostCustomersCustomer',
        summary: 'Update a customer',
        description: 'Changes what is given and leaves the rest. Hashes are merged key by key.',
        tags,
        params,
        body: UpdateCustomerBody,
        response: answers(
          Customer,
          noSuchCustomer,
          '400 `resource_missing`: the default payment method is none, or not attached to this customer.',
          unsupported,
          badExpand
        )
      }
    },
    async (request) =>
      updateCustomer(
        callOf(request),
        request.params.customer,
        request.body,
        expandOf(objectsIn(request), kind, request.body.expand)
      )
  )

  scope.delete(
    '/v1/customers/:customer',
    {
      schema: {
        operationId: 'DeleteCustomersCustomer',
        summary: 'Delete a customer',
        description:
          'Deletes a customer for good. Their payment methods are detached, and can not be used again.',
        tags,
        params,
        querystring: NoParams,
        response: answersWith(
          { id: 'cus_NbZ8Ki3f322LNn', object: 'customer', deleted: true },
          DeletedCustomer,
          noSuchCustomer
        )
      }
    },
    async (request) => deleteCustomer(callOf(request), request.params.customer)
  )

  scope.get(
    '/v1/customers/:customer/payment_methods',
    {
      schema: {
        operationId: 'GetCustomersCustomerPaymentMethods',
        summary: "List a customer's payment methods",
        description: 'What is attached to one customer, newest first.',
        tags,
        params,
        querystring: CustomerListQuery,
        response: answers(PaymentMethodList, noSuchCustomer, badCursor, badExpand)
      }
    },
    async (request) =>
      listOfCustomer(
        callOf(request),
        request.params.customer,
        request.query,
        expandOf(objectsIn(request), 'payment_method', request.query.expand, true)
      )
  )

  scope.get(
    '/v1/customers/:customer/payment_methods/:payment_method',
    {
      schema: {
        operationId: 'GetCustomersCustomerPaymentMethodsPaymentMethod',
        summary: "Retrieve a customer's payment method",
        description: 'One payment method, if it is attached to this customer.',
        tags,
        params: CustomerPaymentMethodPath,
        querystring: ExpandOnly,
        response: answers(
          PaymentMethod,
          noSuchCustomer,
          '404 `resource_missing`: this customer has no such payment method.',
          badExpand
        )
      }
    },
    async (request) => {
      const { customer, payment_method } = request.params
      const expand = expandOf(objectsIn(request), 'payment_method', request.query.expand)
      return retrieveOfCustomer(callOf(request), customer, payment_method, expand)
    }
  )
}
