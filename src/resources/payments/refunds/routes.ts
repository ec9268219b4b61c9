import { callOf, objectsIn } from '../../call'
import { expandOf } from '../../../protocol/expand'
import type { Scope } from '../../../protocol/scope'
import { badCursor, badExpand, unsupported } from '../../../protocol/errors/descriptions'
import { answers, ExpandOnly } from '../../../protocol/schemas'
import { Refund, RefundList } from './object'
import { createRefund } from './create'
import { listOfRefunds, retrieveRefund } from './read'
import { CreateRefundBody, ListRefundsQuery, RefundPath } from './schema'

const kind = 'refund'
const tags = ['Refunds']

export function refundRoutes(scope: Scope): void {
  scope.post(
    '/v1/refunds',
    {
      schema: {
        operationId: 'PostRefunds',
        summary: 'Create a refund',
        description:
          'Gives back what was taken with a payment intent, or a part of it: as often as there is something left.',
        tags,
        body: CreateRefundBody,
        response: answers(
          Refund,
          '400 `parameter_missing`: neither a payment intent nor a charge is given.',
          '400 `resource_missing`: what is given is none.',
          '400 `charge_already_refunded`: all of it was given back.',
          '400 without a code, `param` `amount`: that is more than is left; without a code: nothing was taken.',
          unsupported,
          badExpand
        )
      }
    },
    async (request) =>
      createRefund(callOf(request), request.body, expandOf(objectsIn(request), kind, request.body.expand))
  )

  scope.get(
    '/v1/refunds',
    {
      schema: {
        operationId: 'GetRefunds',
        summary: 'List refunds',
        description: 'Refunds, newest first.',
        tags,
        querystring: ListRefundsQuery,
        response: answers(RefundList, badCursor, badExpand)
      }
    },
    async (request) =>
      listOfRefunds(
        callOf(request),
        request.query,
        expandOf(objectsIn(request), kind, request.query.expand, true)
      )
  )

  scope.get(
    '/v1/refunds/:refund',
    {
      schema: {
        operationId: 'GetRefundsRefund',
        summary: 'Retrieve a refund',
        description: 'One refund.',
        tags,
        params: RefundPath,
        querystring: ExpandOnly,
        response: answers(Refund, '404 `resource_missing`: there is no such refund.', badExpand)
      }
    },
    async (request) =>
      retrieveRefund(
        callOf(request),
        request.params.refund,
        expandOf(objectsIn(request), kind, request.query.expand)
      )
  )
}
