import { type Answer, once } from '../../../plugins/idempotency/idempotency'
import type { Call } from '../call'
import { claimingFirst } from '../claimed'
import { newId } from '../../protocol/values/ids'
import { now } from '../../protocol/values/time'
import type { Origin } from '../../protocol/resource/operation'
import { bankAccountToKeep } from './bank-account'
import { cardToKeep } from './card'
import { bothGiven, neitherGiven, savedCard } from './errors'
import type { CreateTokenParams, TokenBankAccountParams } from './schema'
import { insertToken, type TokenRow } from './store'
import { tokenToObject } from './object'

/** Makes a token of a card or a bank account. It can be spent once. */
export async function createToken(
  call: Call,
  params: CreateTokenParams,
  { ip: client_ip }: Origin
): Promise<Answer> {
  const { bank_account: bank, card } = params
  if (card !== undefined && bank !== undefined) throw bothGiven()
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
    if (!row) throw neitherGiven()
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
