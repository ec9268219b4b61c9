import { invalidRequest, parameterMissing, resourceMissing } from '../../../plugins/errors/errors'
import { callOf, forPublishableKeys, objectsIn } from '../call'
import { expandOf } from '../../protocol/expand'
import type { Scope } from '../../protocol/scope'
import {
  badCursor,
  badExpand,
  cardInvalid,
  cardRefused,
  noCardNumbers,
  noSuchGivenCustomer,
  noSuchPaymentMethod,
  unsupported
} from '../../protocol/errors/descriptions'
import { answers, answersWith, ExpandOnly, ExpandOnlyBody } from '../../protocol/schemas'
import { attach } from './attach'
import { PaymentMethod, PaymentMethodList, shows } from './object'
import { createPaymentMethod } from './create'
import { detach } from './detach'
import { attachedExample, detachedExample, updatedExample } from './example'
import { listByQuery, retrievePaymentMethod } from './read'
import { AttachBody, CreateBody, ListQuery, PaymentMethodPath, UpdateBody } from './schema'
import { updatePaymentMethod } from './update'

const kind = 'payment_method'
const tags = ['PaymentMethods']
const params = PaymentMethodPath

export function paymentMethodRoutes(scope: Scope): void {
  scope.post(
    '/v1/payment_methods',
    {
      config: forPublishableKeys,
      schema: {
        operationId: 'PostPaymentMethods',
        summary: 'Create a payment method',
        description:
          'Makes a payment method from the details of a card, from a token, or from a bank account. It belongs to nobody until it is attached. A publishable key may make it too.',
        tags,
        body: CreateBody,
        response: answers(
          PaymentMethod,
          '400 `parameter_missing`: `type`, or what makes a card or a bank account, is not given.',
          '400 `account_number_invalid`, `routing_number_invalid` or `bank_account_unusable`: the bank account can not be right.',
          '400 without a code: payment methods of the type are not saved here, a hash is of another type, the token is none, or `customer` is given.',
          '400 `token_already_used` or `resource_missing`: `card[token]` was spent, or there is none.',
          cardInvalid,
          noCardNumbers,
          unsupported,
          badExpand
        )
      }
    },
    async (request) =>
      createPaymentMethod(
        callOf(request),
        request.body,
        expandOf(objectsIn(request), kind, request.body.expand)
      )
  )

  scope.get(
    '/v1/payment_methods',
    {
      schema: {
        operationId: 'GetPaymentMethods',
        summary: 'List payment methods',
        description: 'What is attached to `customer`, newest first; without one, nothing.',
        tags,
        querystring: ListQuery,
        response: answers(PaymentMethodList, noSuchGivenCustomer, badCursor, badExpand)
      }
    },
    async (request) => {
      refuseCustomerAccount(request.query)
      return listByQuery(
        callOf(request),
        request.query,
        expandOf(objectsIn(request), kind, request.query.expand, true)
      )
    }
  )

  scope.get(
    '/v1/payment_methods/:payment_method',
    {
      schema: {
        operationId: 'GetPaymentMethodsPaymentMethod',
        summary: 'Retrieve a payment method',
        description:
          'One payment method, attached or not. A shared test id such as `pm_card_visa` makes a new one, here as everywhere.',
        tags,
        params,
        querystring: ExpandOnly,
        response: answers(PaymentMethod, noSuchPaymentMethod, badExpand)
      }
    },
    async (request) =>
      retrievePaymentMethod(
        callOf(request),
        request.params.payment_method,
        expandOf(objectsIn(request), kind, request.query.expand)
      )
  )

  scope.post(
    '/v1/payment_methods/:payment_method',
    {
      schema: {
        operationId: 'PostPaymentMethodsPaymentMethod',
        summary: 'Update a payment method',
        description:
          'Changes billing details, expiry and metadata of an attached payment method, and whose bank account it is; its number never changes.',
        tags,
        params,
        body: UpdateBody,
        response: answersWith(
          updatedExample,
          PaymentMethod,
          noSuchPaymentMethod,
          '400 without a code: it is not attached to a customer, or a hash is of another type than it.',
          '402 `invalid_expiry_month` or `invalid_expiry_year`: the card would have expired.',
          unsupported,
          badExpand
        )
      }
    },
    async (request) =>
      updatePaymentMethod(
        callOf(request),
        request.params.payment_method,
        request.body,
        expandOf(objectsIn(request), kind, request.body.expand)
      )
  )

  scope.post(
    '/v1/payment_methods/:payment_method/attach',
    {
      schema: {
        operationId: 'PostPaymentMethodsPaymentMethodAttach',
        summary: 'Attach a payment method to a customer',
        description:
          'Ties a payment method to a customer, for good: one payment method, one customer. To attach it again to the same customer changes nothing.',
        tags,
        params,
        body: AttachBody,
        response: answersWith(
          attachedExample,
          PaymentMethod,
          '400 `parameter_missing`: `customer` is not given.',
          noSuchPaymentMethod,
          noSuchGivenCustomer,
          '400 without a code: it is attached to another customer, or was detached or used up and can not be used again.',
          cardRefused,
          badExpand
        )
      }
    },
    async (request) => {
      const call = callOf(request)
      const { body } = request
      const customer = customerOf(body, call.version)
      return attach(
        call,
        request.params.payment_method,
        customer,
        expandOf(objectsIn(request), kind, body.expand)
      )
    }
  )

  scope.post(
    '/v1/payment_methods/:payment_method/detach',
    {
      schema: {
        operationId: 'PostPaymentMethodsPaymentMethodDetach',
        summary: 'Detach a payment method from its customer',
        description:
          'Takes a payment method from its customer, for good: it can not be attached or paid with again. Where it was their default, they have none afterwards.',
        tags,
        params,
        body: ExpandOnlyBody,
        response: answersWith(
          detachedExample,
          PaymentMethod,
          noSuchPaymentMethod,
          '400 without a code: it is not attached to a customer.',
          badExpand
        )
      }
    },
    async (request) =>
      detach(
        callOf(request),
        request.params.payment_method,
        expandOf(objectsIn(request), kind, request.body.expand)
      )
  )
}

/** Whom to attach to. How a missing customer is refused depends on whether the version knows another way. */
function customerOf(params: { customer?: string; customer_account?: string }, version: string): string {
  refuseCustomerAccount(params)
  if (params.customer !== undefined) return params.customer
  if (!shows(version, 'customer_account')) throw parameterMissing('customer')
  throw invalidRequest('Must provide customer or customer_account.', { code: 'parameter_missing' })
}

/** Customers that are accounts of their own do not exist in this vault, so no id of one can be right. */
function refuseCustomerAccount({ customer_account: id }: { customer_account?: string }): void {
  if (id === undefined) return
  throw resourceMissing(400, 'customer_account', id, 'customer_account')
}
