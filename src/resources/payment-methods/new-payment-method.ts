import type { NewPaymentMethod, PaymentMethodExtras } from './draft'
import type { Queryable } from '../../../plugins/database/statement'
import type { Call } from '../call'
import type { TokenizedBankAccount } from '../../processor/bank-account'
import type { TokenizedCard } from '../../processor/card-processor'
import { processorContext } from '../../processor/context'
import { spendToken } from '../tokens/spend'
import { newId } from '../../protocol/values/ids'
import { now } from '../../protocol/values/time'
import { bankAccountDetails } from './types/index'
import { insertPaymentMethod, type PaymentMethodRow } from './store'
import { storedCard } from './stored-card'

/** The card behind an id that anyone may use, such as `pm_card_visa`; undefined for every other id. */
export async function sharedCard(call: Call, id: string): Promise<NewPaymentMethod | undefined> {
  if (!isSharedId(id)) return undefined
  const card = await call.vault.processor.sharedPaymentMethod?.(
    id,
    processorContext(call, 'sharedPaymentMethod')
  )
  return card && cardToMint(card)
}

/** The processor is asked only about ids that can't be ours: those have no second underscore. */
export const isSharedId = (id: string): boolean => id.startsWith('pm_') && id.includes('_', 3)

export const cardToMint = ({ token, verify, ...card }: TokenizedCard): NewPaymentMethod => ({
  type: 'card',
  details: storedCard(card),
  token,
  verify
})

/** Nobody is asked again about a bank account before it is attached. */
export const bankAccountToMint = (account: TokenizedBankAccount): NewPaymentMethod => ({
  type: account.type,
  details: bankAccountDetails(account),
  token: account.token,
  verify: false
})

/** Writes a new payment method, unattached; gives back its row. */
export async function mint(
  tx: Queryable,
  call: Call,
  minted: NewPaymentMethod,
  extras: PaymentMethodExtras = {}
): Promise<PaymentMethodRow> {
  if (minted.spends !== undefined) await spendToken(tx, call, minted.spends)
  const row = mintedRow(minted, extras)
  await insertPaymentMethod(tx, call.account, row, minted)
  return row
}

/** What it writes. */
export const mintedRow = (
  { type, details, billing_details }: NewPaymentMethod,
  extras: PaymentMethodExtras
): PaymentMethodRow => ({
  id: newId('pm'),
  created: now(),
  type,
  state: 'unattached',
  customer_id: null,
  details,
  billing_details: { ...billing_details, ...extras.billing_details },
  allow_redisplay: extras.allow_redisplay ?? 'unspecified',
  metadata: extras.metadata ?? {}
})
