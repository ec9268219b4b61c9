import { cardInvalid, cardRefused, noCardNumbers } from '../../protocol/errors/cards'
import { either } from '../../protocol/errors/refusal'
import { post } from '../../protocol/resource/operation'
import { resource } from '../../protocol/resource/resource'
import { retrieve } from '../../protocol/resource/retrieve'
import { createToken } from './create'
import { badBankAccount, bothGiven, neitherGiven, noSuchToken } from './errors'
import { Token, TokenBankAccount, TokenCard, tokenToObject } from './object'
import { CreateTokenBody, TokenPath } from './schema'
import { findToken } from './store'

/** A card or a bank account that can be used once. */
export const tokens = resource('token', {
  description: 'Cards and bank accounts told to the vault and nobody else, to be used once.',
  object: Token,
  components: [TokenCard, TokenBankAccount],
  toObject: tokenToObject,
  find: findToken,
  noSuch: noSuchToken,
  operations: {
    create: post('', createToken, {
      body: CreateTokenBody,
      publishable: true,
      summary: 'Create a token',
      description:
        'Makes a token of a card or a bank account, from a browser with a publishable key too. A card token is spent once, as `card[token]` of a new payment method, which takes its name and address where none are given. A bank account token can be retrieved, and no call of this vault spends it: payment methods take no token of that kind.',
      errors: [cardInvalid, cardRefused, noCardNumbers, badBankAccount, either(bothGiven, neitherGiven)]
    }),
    retrieve: retrieve(TokenPath, {
      publishable: true,
      summary: 'Retrieve a token',
      description:
        'One token, whether it was spent or not. The shared test tokens, such as `tok_visa`, are none.'
    })
  }
})
