import { callOf, forPublishableKeys, objectsIn } from '../../call'
import { expandOf } from '../../../protocol/expand'
import type { Scope } from '../../../protocol/scope'
import {
  badCursor,
  badExpand,
  badPaymentMethodData,
  badReturnUrl,
  cardRefused,
  held,
  noSuchGivenCustomer,
  unsupported,
  wrongClientSecret
} from '../../../protocol/errors/descriptions'
import { answers } from '../../../protocol/schemas'
import { cancelPaymentIntent } from './cancel'
import { capturePaymentIntent } from './capture'
import { PaymentIntent, PaymentIntentList } from './object'
import { confirmPaymentIntent } from './confirm'
import { createPaymentIntent } from './create'
import { listOfPaymentIntents, retrievePaymentIntent } from './read'
import {
  CancelPaymentIntentBody,
  CapturePaymentIntentBody,
  ConfirmPaymentIntentBody,
  CreatePaymentIntentBody,
  ListPaymentIntentsQuery,
  PaymentIntentPath,
  RetrievePaymentIntentQuery,
  UpdatePaymentIntentBody
} from './schema'
import { updatePaymentIntent } from './update'

const kind = 'payment_intent'
const tags = ['PaymentIntents']
const params = PaymentIntentPath

const noSuchPaymentIntent = '404 `resource_missing`: there is no such payment intent.'
const badAmount =
  '400 `parameter_invalid_integer` or `amount_too_large`: the amount is below the least of its currency, or above the most; without a code, `param` `currency`: there is no such currency.'
const badPaymentMethod =
  '400 `resource_missing`: `payment_method` is none; without a code: it is no card, is attached to another customer, or was used up.'
const wrongState = '400 `payment_intent_unexpected_state`: its status does not allow it.'
const noPayments = '400 without a code: the processor of this vault takes no payments.'

export function paymentIntentRoutes(scope: Scope): void {
  scope.post(
    '/v1/payment_intents',
    {
      schema: {
        operationId: 'PostPaymentIntents',
        summary: 'Create a payment intent',
        description:
          'Says what is to be paid, and with `confirm` asks for it at once. With `setup_future_usage` and a customer, the card is attached to them once the payment succeeds; without either, it is used up.',
        tags,
        body: CreatePaymentIntentBody,
        response: answers(
          PaymentIntent,
          badAmount,
          noSuchGivenCustomer,
          badPaymentMethod,
          ...badPaymentMethodData,
          wrongState,
          badReturnUrl,
          cardRefused,
          held,
          noPayments,
          unsupported,
          badExpand
        )
      }
    },
    async (request) =>
      createPaymentIntent(
        callOf(request),
        request.body,
        expandOf(objectsIn(request), kind, request.body.expand)
      )
  )

  scope.get(
    '/v1/payment_intents',
    {
      schema: {
        operationId: 'GetPaymentIntents',
        summary: 'List payment intents',
        description: 'Payment intents, newest first.',
        tags,
        querystring: ListPaymentIntentsQuery,
        response: answers(PaymentIntentList, noSuchGivenCustomer, badCursor, unsupported, badExpand)
      }
    },
    async (request) =>
      listOfPaymentIntents(
        callOf(request),
        request.query,
        expandOf(objectsIn(request), kind, request.query.expand, true)
      )
  )

  scope.get(
    '/v1/payment_intents/:intent',
    {
      config: forPublishableKeys,
      schema: {
        operationId: 'GetPaymentIntentsIntent',
        summary: 'Retrieve a payment intent',
        description: 'One payment intent. A publishable key may see a part of it, with its `client_secret`.',
        tags,
        params,
        querystring: RetrievePaymentIntentQuery,
        response: answers(PaymentIntent, noSuchPaymentIntent, wrongClientSecret, badExpand)
      }
    },
    async (request) =>
      retrievePaymentIntent(
        callOf(request),
        request.params.intent,
        request.query,
        expandOf(objectsIn(request), kind, request.query.expand)
      )
  )

  scope.post(
    '/v1/payment_intents/:intent',
    {
      schema: {
        operationId: 'PostPaymentIntentsIntent',
        summary: 'Update a payment intent',
        description: 'Changes what is given and leaves the rest. What was paid or canceled takes notes only.',
        tags,
        params,
        body: UpdatePaymentIntentBody,
        response: answers(
          PaymentIntent,
          noSuchPaymentIntent,
          badAmount,
          noSuchGivenCustomer,
          badPaymentMethod,
          ...badPaymentMethodData,
          wrongState,
          held,
          unsupported,
          badExpand
        )
      }
    },
    async (request) =>
      updatePaymentIntent(
        callOf(request),
        request.params.intent,
        request.body,
        expandOf(objectsIn(request), kind, request.body.expand)
      )
  )

  scope.post(
    '/v1/payment_intents/:intent/confirm',
    {
      config: forPublishableKeys,
      schema: {
        operationId: 'PostPaymentIntentsIntentConfirm',
        summary: 'Confirm a payment intent',
        description:
          'Asks for the money. A publishable key may do it too, with the `client_secret` of the intent.',
        tags,
        params,
        body: ConfirmPaymentIntentBody,
        response: answers(
          PaymentIntent,
          noSuchPaymentIntent,
          wrongClientSecret,
          badPaymentMethod,
          ...badPaymentMethodData,
          wrongState,
          badReturnUrl,
          cardRefused,
          held,
          unsupported,
          badExpand
        )
      }
    },
    async (request) =>
      confirmPaymentIntent(
        callOf(request),
        request.params.intent,
        request.body,
        expandOf(objectsIn(request), kind, request.body.expand)
      )
  )

  scope.post(
    '/v1/payment_intents/:intent/capture',
    {
      schema: {
        operationId: 'PostPaymentIntentsIntentCapture',
        summary: 'Capture a payment intent',
        description: 'Takes what is reserved, or a part of it: the rest is set free.',
        tags,
        params,
        body: CapturePaymentIntentBody,
        response: answers(
          PaymentIntent,
          noSuchPaymentIntent,
          '400 without a code, `param` `amount_to_capture`: that is more than is reserved.',
          wrongState,
          held,
          unsupported,
          badExpand
        )
      }
    },
    async (request) =>
      capturePaymentIntent(
        callOf(request),
        request.params.intent,
        request.body,
        expandOf(objectsIn(request), kind, request.body.expand)
      )
  )

  scope.post(
    '/v1/payment_intents/:intent/cancel',
    {
      schema: {
        operationId: 'PostPaymentIntentsIntentCancel',
        summary: 'Cancel a payment intent',
        description: 'Gives a payment up, for good. What is reserved for it is set free.',
        tags,
        params,
        body: CancelPaymentIntentBody,
        response: answers(PaymentIntent, noSuchPaymentIntent, wrongState, held, badExpand)
      }
    },
    async (request) =>
      cancelPaymentIntent(
        callOf(request),
        request.params.intent,
        request.body,
        expandOf(objectsIn(request), kind, request.body.expand)
      )
  )
}
