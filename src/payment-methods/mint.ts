import type { Queryable } from '../../plugins/database'
import type { Call } from '../call'
import type { TokenizedCard } from '../processor/card-processor'
import { processorContext } from '../processor/context'
import { newId } from '../wire/ids'
import { now } from '../wire/time'
import { type BillingDetails, insertPaymentMethod, type PaymentMethodRow } from './store'

/** What a caller may say of a new payment method besides the card. */
export interface PaymentMethodExtras {
  allow_redisplay?: string
  billing_details?: BillingDetails
  metadata?: Record<string, string>
}

/** The card behind an id that anyone may use, such as `pm_card_visa`; undefined for every other id. */
export async function sharedCard(call: Call, id: string): Promise<TokenizedCard | undefined> {
  // The processor is asked only about ids that can't be ours: those have no second underscore.
  if (!id.startsWith('pm_') || !id.includes('_', 3)) return undefined
  return call.vault.processor.sharedPaymentMethod?.(id, processorContext(call))
}

/** Writes a new payment method, unattached; gives back its row. */
export async function mint(
  tx: Queryable,
  call: Call,
  { token, verify, ...card }: TokenizedCard,
  extras: PaymentMethodExtras = {}
): Promise<PaymentMethodRow> {
  const row: PaymentMethodRow = {
    id: newId('pm'),
    created: now(),
    type: 'card',
    state: 'unattached',
    customer_id: null,
    details: { ...card },
    billing_details: extras.billing_details ?? {},
    allow_redisplay: extras.allow_redisplay ?? 'unspecified',
    metadata: extras.metadata ?? {}
  }
  await insertPaymentMethod(tx, call.account, row, { token, verify })
  return row
}
