import { invalidRequest } from '../../../plugins/errors/errors'
import { type Answer, once } from '../../../plugins/idempotency/idempotency'
import type { Call } from '../call'
import { claimingFirst } from '../claimed'
import { newId } from '../../protocol/values/ids'
import { now } from '../../protocol/values/time'
import { refuseUnsupported } from '../../protocol/errors/unsupported'
import { bankAccountToKeep } from './bank-account'
import { cardToKeep } from './card'
import { type CreateTokenParams, type TokenBankAccountParams, unsupportedParams } from './schema'
import { insertToken, type TokenRow } from './store'
import { tokenToObject } from './object'

/** Makes a token of a card or a bank account, from the address `client_ip`, if there is one. It can be spent once. */
export async function createToken(
  call: Call,
  params: CreateTokenParams,
  client_ip: string | null
): Promise<Answer> {
  refuseUnsupported(params, unsupportedParams)
  const { bank_account: bank, card } = params
  if (card !== undefined && bank !== undefined) throw oneOfThem()
  // Not repeated: it may be a number, sent in the wrong place.
  if (typeof card === 'string') throw savedCard()

  const { db } = call.vault
  return claimingFirst(call, async (call) => {
    const row =
      card !== undefined
        ? tokenOf('card', await cardToKeep(call, card), { client_ip, source: newId('card') })
        : bank !== undefined
          ? tokenOf('bank_account', await bankAccountToKeep(call, bank), {
              client_ip,
              source: newId('ba'),
              bank_account: saidOf(bank)
            })
          : undefined
    if (!row) throw nothingGiven()
    return once(db, call.attempt, async (tx) => {
      await insertToken(tx, call.account, row)
      return tokenToObject(call, row)
    })
  })
}

const tokenOf = (
  type: TokenRow['type'],
  payment_method: TokenRow['payment_method'],
  details: TokenRow['details']
): TokenRow => ({
  id: newId(type === 'card' ? 'tok' : 'btok'),
  created: now(),
  type,
  used: false,
  details,
  payment_method
})

const saidOf = ({ account_holder_type, account_type }: TokenBankAccountParams) => ({
  account_holder_type: account_holder_type ?? null,
  account_type: account_type ?? null
})

const nothingGiven = () =>
  invalidRequest('You must supply either a card or a bank account to create a token.')

const oneOfThem = () =>
  invalidRequest('You may only specify one of these parameters: card, bank_account.', {
    code: 'parameters_exclusive',
    param: 'bank_account'
  })

const savedCard = () =>
  invalidRequest(
    "This vault makes tokens of cards as they are typed, in a hash with number, exp_month and exp_year: 'card' can't be a string.",
    { param: 'card' }
  )
