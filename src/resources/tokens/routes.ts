import { callOf, forPublishableKeys, objectsIn } from '../call'
import { expandOf } from '../../protocol/expand'
import type { Scope } from '../../protocol/scope'
import {
  badExpand,
  cardInvalid,
  cardRefused,
  noCardNumbers,
  unsupported
} from '../../protocol/errors/descriptions'
import { answers, ExpandOnly } from '../../protocol/schemas'
import { Token } from './object'
import { createToken } from './create'
import { retrieveToken } from './read'
import { CreateTokenBody, TokenPath } from './schema'

const kind = 'token'
const tags = ['Tokens']

export function tokenRoutes(scope: Scope): void {
  scope.post(
    '/v1/tokens',
    {
      config: forPublishableKeys,
      schema: {
        operationId: 'PostTokens',
        summary: 'Create a token',
        description:
          'Makes a token of a card or a bank account, from a browser with a publishable key too. A card token is spent once, as `card[token]` of a new payment method, which takes its name and address where none are given. A bank account token can be retrieved, and no call of this vault spends it: payment methods take no token of that kind.',
        tags,
        body: CreateTokenBody,
        response: answers(
          Token,
          cardInvalid,
          cardRefused,
          noCardNumbers,
          '400 `routing_number_invalid`, `account_number_invalid` or `bank_account_unusable`: the bank account can not be right; without a code: it is not in the United States, or the processor takes none.',
          '400 `parameters_exclusive`: both `card` and `bank_account`; without a code: neither of them.',
          unsupported,
          badExpand
        )
      }
    },
    async (request) => {
      expandOf(objectsIn(request), kind, request.body.expand)
      return createToken(callOf(request), request.body, request.ip)
    }
  )

  scope.get(
    '/v1/tokens/:token',
    {
      config: forPublishableKeys,
      schema: {
        operationId: 'GetTokensToken',
        summary: 'Retrieve a token',
        description:
          'One token, whether it was spent or not. The shared test tokens, such as `tok_visa`, are none.',
        tags,
        params: TokenPath,
        querystring: ExpandOnly,
        response: answers(Token, '404 `resource_missing`: there is no such token.', badExpand)
      }
    },
    async (request) => {
      expandOf(objectsIn(request), kind, request.query.expand)
      return retrieveToken(callOf(request), request.params.token)
    }
  )
}
