import { ascending } from '../../../plugins/json/json'
import type { Call } from '../call'
import type { BankAccountHashes, BankAccountType } from '../../processor/bank-account'
import type { CardChecks } from '../../processor/card-checks'
import { addressToObject } from '../../protocol/values/address'
import { carries } from '../../protocol/versions'
import { bankAccountToObject } from './bank-account-wire'
import { type CardHash, cardOf } from './stored-card'
import type { BillingDetails, PaymentMethodRow } from './store'

/** The payment method as this call's version has it, keys in the wire's order. */
export function paymentMethodToObject(
  call: Pick<Call, 'version' | 'livemode' | 'publishable'>,
  row: PaymentMethodRow
) {
  const { version, livemode, publishable } = call
  const isCard = row.type === 'card'
  const wire = {
    id: row.id,
    object: 'payment_method' as const,
    ...(carries(version, 'payment_method.allow_redisplay') && { allow_redisplay: row.allow_redisplay }),
    billing_details: billingDetailsToObject(version, row.billing_details),
    ...(isCard && {
      card: cardToObject(call, cardOf(row.details), row.state === 'unattached')
    }),
    created: row.created,
    customer: row.customer_id,
    ...(carries(version, 'customer_account') && { customer_account: null }),
    livemode,
    // A browser is not shown what the merchant noted.
    ...(!publishable && { metadata: ascending(row.metadata) }),
    ...(carries(version, 'payment_method.shared_payment_granted_token') && {
      shared_payment_granted_token: null
    }),
    type: row.type
  }
  return (isCard ? wire : withBankAccount(wire, row, publishable)) as typeof wire & BankAccountsShown
}

/** At most one of them, under the name of its type; a browser is shown less. */
type BankAccountsShown = { [T in BankAccountType]?: Partial<BankAccountHashes[T]> }

/** Whom something belongs to, as a version has it. */
export const billingDetailsToObject = (version: string, billing: BillingDetails) => ({
  address: addressToObject(billing.address),
  email: billing.email ?? null,
  name: billing.name ?? null,
  phone: billing.phone ?? null,
  ...(carries(version, 'payment_method.billing_details.tax_id') && { tax_id: billing.tax_id ?? null })
})

/** The hash that is named after the type, in its place among the other keys. */
function withBankAccount(
  { id, object, ...rest }: { id: string; object: string },
  { type, details }: PaymentMethodRow,
  publishable: boolean
) {
  const hash = bankAccountToObject(type as BankAccountType, details, publishable)
  return { id, object, ...ascending<unknown>({ ...rest, [type]: hash }) }
}

function cardToObject(
  { version, publishable }: Pick<Call, 'version' | 'publishable'>,
  card: CardHash,
  fresh: boolean
) {
  return {
    brand: card.brand,
    checks: checksToObject(card.checks, fresh),
    country: card.country,
    ...(carries(version, 'payment_method.card.display_brand') && { display_brand: card.display_brand }),
    exp_month: card.exp_month,
    exp_year: card.exp_year,
    ...(!publishable && { fingerprint: card.fingerprint }),
    funding: card.funding,
    generated_from: null,
    last4: card.last4,
    networks: { available: card.networks.available, preferred: card.networks.preferred },
    ...(carries(version, 'payment_method.card.regulated_status') && {
      regulated_status: card.regulated_status
    }),
    three_d_secure_usage: card.three_d_secure_usage,
    wallet: null
  }
}

/** Until a card is used for the first time, what was given to check has not been looked at yet. */
function checksToObject(checks: CardChecks, fresh: boolean): CardChecks {
  const shown = (outcome: CardChecks[keyof CardChecks]) => (outcome !== null && fresh ? 'unchecked' : outcome)
  return {
    address_line1_check: shown(checks.address_line1_check),
    address_postal_code_check: shown(checks.address_postal_code_check),
    cvc_check: shown(checks.cvc_check)
  }
}
