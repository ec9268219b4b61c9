import { resource } from '../../protocol/resource/resource'
import { noSuchToken } from './errors'
import { Token, TokenBankAccount, TokenCard, tokenToObject } from './object'
import { findToken } from './store'

/** A card or a bank account that can be used once. */
export const tokens = resource('token', {
  description: 'Cards and bank accounts told to the vault and nobody else, to be used once.',
  object: Token,
  components: [TokenCard, TokenBankAccount],
  toObject: tokenToObject,
  find: findToken,
  noSuch: noSuchToken,
  operations: {}
})
