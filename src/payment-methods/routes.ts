import { invalidRequest, parameterMissing } from '../../plugins/errors'
import { callOf, forPublishableKeys } from '../call'
import { expandOf } from '../expand'
import type { Scope } from '../scope'
import { answers, ExpandOnly } from '../wire/schemas'
import { carries } from '../wire/versions'
import { attach } from './attach'
import { createPaymentMethod } from './create'
import { detach } from './detach'
import { listByQuery, retrievePaymentMethod } from './read'
import {
  AttachBody,
  CreateBody,
  ListQuery,
  PaymentMethod,
  PaymentMethodList,
  PaymentMethodPath,
  UpdateBody
} from './schema'
import { updatePaymentMethod } from './update'

const kind = 'payment_method'
const tags = ['PaymentMethods']
const params = PaymentMethodPath

export function paymentMethodRoutes(scope: Scope): void {
  scope.post(
    '/v1/payment_methods',
    {
      config: forPublishableKeys,
      schema: { operationId: 'PostPaymentMethods', tags, body: CreateBody, response: answers(PaymentMethod) }
    },
    async (request) => createPaymentMethod(callOf(request), request.body, expandOf(kind, request.body.expand))
  )

  scope.get(
    '/v1/payment_methods',
    {
      schema: {
        operationId: 'GetPaymentMethods',
        tags,
        querystring: ListQuery,
        response: answers(PaymentMethodList)
      }
    },
    async (request) => {
      refuseCustomerAccount(request.query)
      return listByQuery(callOf(request), request.query, expandOf(kind, request.query.expand, true))
    }
  )

  scope.get(
    '/v1/payment_methods/:payment_method',
    {
      schema: {
        operationId: 'GetPaymentMethodsPaymentMethod',
        tags,
        params,
        querystring: ExpandOnly,
        response: answers(PaymentMethod)
      }
    },
    async (request) =>
      retrievePaymentMethod(
        callOf(request),
        request.params.payment_method,
        expandOf(kind, request.query.expand)
      )
  )

  scope.post(
    '/v1/payment_methods/:payment_method',
    {
      schema: {
        operationId: 'PostPaymentMethodsPaymentMethod',
        tags,
        params,
        body: UpdateBody,
        response: answers(PaymentMethod)
      }
    },
    async (request) =>
      updatePaymentMethod(
        callOf(request),
        request.params.payment_method,
        request.body,
        expandOf(kind, request.body.expand)
      )
  )

  scope.post(
    '/v1/payment_methods/:payment_method/attach',
    {
      schema: {
        operationId: 'PostPaymentMethodsPaymentMethodAttach',
        tags,
        params,
        body: AttachBody,
        response: answers(PaymentMethod)
      }
    },
    async (request) => {
      const call = callOf(request)
      const { body } = request
      const customer = customerOf(body, call.version)
      return attach(call, request.params.payment_method, customer, expandOf(kind, body.expand))
    }
  )

  scope.post(
    '/v1/payment_methods/:payment_method/detach',
    {
      schema: {
        operationId: 'PostPaymentMethodsPaymentMethodDetach',
        tags,
        params,
        body: ExpandOnly,
        response: answers(PaymentMethod)
      }
    },
    async (request) =>
      detach(callOf(request), request.params.payment_method, expandOf(kind, request.body.expand))
  )
}

/** Whom to attach to. How a missing customer is refused depends on whether the version knows another way. */
function customerOf(params: { customer?: string; customer_account?: string }, version: string): string {
  refuseCustomerAccount(params)
  if (params.customer !== undefined) return params.customer
  if (!carries(version, 'customer_account')) throw parameterMissing('customer')
  throw invalidRequest('Must provide customer or customer_account.', { code: 'parameter_missing' })
}

/** Customers that are accounts of their own do not exist in this vault, so no id of one can be right. */
function refuseCustomerAccount({ customer_account: id }: { customer_account?: string }): void {
  if (id === undefined) return
  throw invalidRequest(`No such customer_account: '${id}'`, {
    code: 'resource_missing',
    param: 'customer_account'
  })
}
