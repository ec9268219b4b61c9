import type { Queryable } from '../../../plugins/database/statement'
import { invalidRequest, stateForbids, type WireError } from '../../../plugins/errors/errors'
import type { Call } from '../call'
import { noSuch } from '../../protocol/errors/no-such'
import { findToken } from './store'

/** In the path it is a 404, in a parameter a 400. */
export const noSuchToken = (db: Queryable, call: Call, id: string, status: 400 | 404): Promise<WireError> =>
  noSuch(db, call, 'token', findToken, id, { status, param: 'token' })

export const alreadyUsed = (id: string): WireError =>
  stateForbids(`You cannot use a Stripe token more than once: ${id}.`, { code: 'token_already_used' })

export const notOfACard = (id: string): WireError =>
  invalidRequest(`The token ${id} is of a bank account: a card can't be made of it.`, { param: 'token' })
