import { callOf } from '../../call'
import { expandOf } from '../../expand'
import type { Scope } from '../../../protocol/scope'
import { badCursor, badExpand, unsupported } from '../../../protocol/errors/descriptions'
import { answers, ExpandOnly } from '../../../protocol/schemas'
import { Charge, ChargeList } from './object'
import { listOfCharges, retrieveCharge } from './read'
import { ChargePath, ListChargesQuery } from './schema'

const kind = 'charge'
const tags = ['Charges']

export function chargeRoutes(scope: Scope): void {
  scope.get(
    '/v1/charges',
    {
      schema: {
        operationId: 'GetCharges',
        summary: 'List charges',
        description: 'Charges, newest first.',
        tags,
        querystring: ListChargesQuery,
        response: answers(ChargeList, badCursor, unsupported, badExpand)
      }
    },
    async (request) =>
      listOfCharges(callOf(request), request.query, expandOf(kind, request.query.expand, true))
  )

  scope.get(
    '/v1/charges/:charge',
    {
      schema: {
        operationId: 'GetChargesCharge',
        summary: 'Retrieve a charge',
        description:
          'One charge: an attempt to take money with a payment intent, whether it succeeded or not.',
        tags,
        params: ChargePath,
        querystring: ExpandOnly,
        response: answers(Charge, '404 `resource_missing`: there is no such charge.', badExpand)
      }
    },
    async (request) =>
      retrieveCharge(callOf(request), request.params.charge, expandOf(kind, request.query.expand))
  )
}
