import { invalidRequest, stateForbids, type WireError } from '../../../plugins/errors/errors'
import { noSuch } from '../../protocol/errors/no-such'
import { findToken } from './store'

export const noSuchToken = noSuch('token', findToken, { param: 'token' })

export const alreadyUsed = (id: string): WireError =>
  stateForbids(`You cannot use a Stripe token more than once: ${id}.`, { code: 'token_already_used' })

export const notOfACard = (id: string): WireError =>
  invalidRequest(`The token ${id} is of a bank account: a card can't be made of it.`, { param: 'token' })
