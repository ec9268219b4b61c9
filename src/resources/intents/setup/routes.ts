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
import { cancelSetupIntent } from './cancel'
import { SetupIntent, SetupIntentList } from './object'
import { confirmSetupIntent } from './confirm'
import { createSetupIntent } from './create'
import { listOfSetupIntents, retrieveSetupIntent } from './read'
import {
  CancelSetupIntentBody,
  ConfirmSetupIntentBody,
  CreateSetupIntentBody,
  ListSetupIntentsQuery,
  RetrieveSetupIntentQuery,
  SetupIntentPath,
  UpdateSetupIntentBody
} from './schema'
import { updateSetupIntent } from './update'

const kind = 'setup_intent'
const tags = ['SetupIntents']
const params = SetupIntentPath

const noSuchSetupIntent = '404 `resource_missing`: there is no such setup intent.'
const badPaymentMethod =
  '400 `resource_missing`: `payment_method` is none; without a code: it is no card, is attached to another customer, or was used up.'
const wrongState = '400 `setup_intent_unexpected_state`: its status does not allow it.'
const noPayments = '400 without a code: the processor of this vault sets no cards up.'

export function setupIntentRoutes(scope: Scope): void {
  scope.post(
    '/v1/setup_intents',
    {
      schema: {
        operationId: 'PostSetupIntents',
        summary: 'Create a setup intent',
        description:
          'Says what is to be set up, and with `confirm` does it at once. With a customer, the card is attached to them once it is set up.',
        tags,
        body: CreateSetupIntentBody,
        response: answers(
          SetupIntent,
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
      createSetupIntent(
        callOf(request),
        request.body,
        expandOf(objectsIn(request), kind, request.body.expand)
      )
  )

  scope.get(
    '/v1/setup_intents',
    {
      schema: {
        operationId: 'GetSetupIntents',
        summary: 'List setup intents',
        description: 'Setup intents, newest first.',
        tags,
        querystring: ListSetupIntentsQuery,
        response: answers(
          SetupIntentList,
          noSuchGivenCustomer,
          '400 `resource_missing`: `payment_method` is none.',
          badCursor,
          unsupported,
          badExpand
        )
      }
    },
    async (request) =>
      listOfSetupIntents(
        callOf(request),
        request.query,
        expandOf(objectsIn(request), kind, request.query.expand, true)
      )
  )

  scope.get(
    '/v1/setup_intents/:intent',
    {
      config: forPublishableKeys,
      schema: {
        operationId: 'GetSetupIntentsIntent',
        summary: 'Retrieve a setup intent',
        description: 'One setup intent. A publishable key may see a part of it, with its `client_secret`.',
        tags,
        params,
        querystring: RetrieveSetupIntentQuery,
        response: answers(SetupIntent, noSuchSetupIntent, wrongClientSecret, badExpand)
      }
    },
    async (request) =>
      retrieveSetupIntent(
        callOf(request),
        request.params.intent,
        request.query,
        expandOf(objectsIn(request), kind, request.query.expand)
      )
  )

  scope.post(
    '/v1/setup_intents/:intent',
    {
      schema: {
        operationId: 'PostSetupIntentsIntent',
        summary: 'Update a setup intent',
        description:
          'Changes what is given and leaves the rest. What succeeded or was canceled takes notes only.',
        tags,
        params,
        body: UpdateSetupIntentBody,
        response: answers(
          SetupIntent,
          noSuchSetupIntent,
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
      updateSetupIntent(
        callOf(request),
        request.params.intent,
        request.body,
        expandOf(objectsIn(request), kind, request.body.expand)
      )
  )

  scope.post(
    '/v1/setup_intents/:intent/confirm',
    {
      config: forPublishableKeys,
      schema: {
        operationId: 'PostSetupIntentsIntentConfirm',
        summary: 'Confirm a setup intent',
        description:
          'Sets the card up. A publishable key may do it too, with the `client_secret` of the intent.',
        tags,
        params,
        body: ConfirmSetupIntentBody,
        response: answers(
          SetupIntent,
          noSuchSetupIntent,
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
      confirmSetupIntent(
        callOf(request),
        request.params.intent,
        request.body,
        expandOf(objectsIn(request), kind, request.body.expand)
      )
  )

  scope.post(
    '/v1/setup_intents/:intent/cancel',
    {
      schema: {
        operationId: 'PostSetupIntentsIntentCancel',
        summary: 'Cancel a setup intent',
        description: 'Gives a set-up up, for good.',
        tags,
        params,
        body: CancelSetupIntentBody,
        response: answers(SetupIntent, noSuchSetupIntent, wrongState, held, badExpand)
      }
    },
    async (request) =>
      cancelSetupIntent(
        callOf(request),
        request.params.intent,
        request.body,
        expandOf(objectsIn(request), kind, request.body.expand)
      )
  )
}
