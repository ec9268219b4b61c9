import type { Queryable } from '../../../plugins/database/statement'
import type { Call } from '../call'
import { alreadyUsed, notOfACard } from './errors'
import { findToken, type TokenRow, useToken } from './store'

/** Whether an id has the form of the vault's own tokens: those of a processor and the published ones have another. */
export const isOwnToken = (id: string): boolean => /^b?tok_1[0-9A-Za-z]{23}$/.test(id)

/**
 * The token of a card, spent or not: that is decided in the transaction which spends it. Undefined where there is none.
 */
export async function tokenOfCard(call: Call, id: string): Promise<TokenRow | undefined> {
  if (!isOwnToken(id)) return undefined
  const row = await findToken(call.vault.db, call.account, id)
  if (row && row.type !== 'card') throw notOfACard(id)
  return row
}

/** Spends a token, together with all else that the transaction does; throws where it is spent already. */
export async function spendToken(tx: Queryable, call: Call, id: string): Promise<void> {
  if (!(await useToken(tx, call.account, id))) throw alreadyUsed(id)
}
