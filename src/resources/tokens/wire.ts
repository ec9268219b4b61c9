import type { View } from '../../protocol/view'
import { cardOf } from '../payment-methods/stored-card'
import type { CardBrand } from '../../processor/card-processor'
import { addressToObject } from '../../protocol/values/address'
import { carries } from '../../protocol/versions'
import type { TokenRow } from './store'

/** The token as this call's version has it, keys in the wire's order. A browser sees no fingerprint. */
export const tokenToObject = (call: View, row: TokenRow) => ({
  id: row.id,
  object: 'token' as const,
  ...(row.type === 'card'
    ? { card: cardToObject(call, row) }
    : { bank_account: bankAccountToObject(call, row) }),
  client_ip: row.details.client_ip,
  created: row.created,
  livemode: call.livemode,
  type: row.type,
  used: row.used
})

/** Cards and payment methods have different words for the same: this is the older one of the two. */
function cardToObject({ publishable, version }: View, { details: { source }, payment_method }: TokenRow) {
  const card = cardOf(payment_method.details)
  const { address, name } = payment_method.billing_details ?? {}
  const { city, country, line1, line2, postal_code, state } = addressToObject(address)
  // As with a new payment method: what was given to check has not been looked at yet.
  const unchecked = (outcome: string | null) => outcome && 'unchecked'
  return {
    id: source,
    object: 'card' as const,
    address_city: city,
    address_country: country,
    address_line1: line1,
    address_line1_check: unchecked(card.checks.address_line1_check),
    address_line2: line2,
    address_state: state,
    address_zip: postal_code,
    address_zip_check: unchecked(card.checks.address_postal_code_check),
    brand: brandNames[card.brand],
    country: card.country,
    cvc_check: unchecked(card.checks.cvc_check),
    dynamic_last4: null,
    exp_month: card.exp_month,
    exp_year: card.exp_year,
    ...(!publishable && { fingerprint: card.fingerprint }),
    funding: card.funding,
    last4: card.last4,
    ...(!publishable && { metadata: {} }),
    name: name ?? null,
    ...(carries(version, 'token.card.networks') && { networks: { preferred: card.networks.preferred } }),
    ...(carries(version, 'token.card.regulated_status') && { regulated_status: card.regulated_status }),
    tokenization_method: null,
    wallet: null
  }
}

function bankAccountToObject({ publishable }: View, { details, payment_method }: TokenRow) {
  const { bank_name, fingerprint, last4, routing_number } = payment_method.details
  return {
    id: details.source,
    object: 'bank_account' as const,
    account_holder_name: payment_method.billing_details?.name ?? null,
    account_holder_type: details.bank_account?.account_holder_type ?? null,
    account_type: details.bank_account?.account_type ?? null,
    bank_name,
    country: 'US',
    currency: 'usd',
    ...(!publishable && { fingerprint }),
    last4,
    routing_number,
    status: 'new' as const
  }
}

const brandNames: Record<CardBrand, string> = {
  amex: 'American Express',
  cartes_bancaires: 'Cartes Bancaires',
  diners: 'Diners Club',
  discover: 'Discover',
  eftpos_au: 'Eftpos Australia',
  jcb: 'JCB',
  link: 'Link',
  mastercard: 'MasterCard',
  unionpay: 'UnionPay',
  unknown: 'Unknown',
  visa: 'Visa'
}
