import type { Address } from '../../protocol/values/address'
import { mergeLeaves } from '../../protocol/values/merge'
import type { BillingDetailsParams } from './schema'
import type { BillingDetails } from './store'

/** What is stored after an update, leaf by leaf; an address that is unset loses all its leaves. */
export function mergedBillingDetails(
  old: BillingDetails,
  update: BillingDetailsParams | undefined
): BillingDetails {
  if (!update) return old
  const address = mergeLeaves<Partial<Address>>(old.address, update.address)
  return mergeLeaves<BillingDetails>(old, { ...(update as BillingDetails), address }) ?? {}
}
