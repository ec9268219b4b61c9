import { type Static, Type } from '@sinclair/typebox'
import { component, OneOf, UnixTime } from '../../../plugins/params/schema'
import {
  addressShown,
  alwaysNull,
  CustomerAccountShown,
  expandable,
  IdShown,
  inWireOrder,
  ListOf,
  LivemodeShown,
  MetadataShown,
  named,
  nullable,
  nullableHash,
  ref,
  WireObject
} from '../../protocol/schemas'
import { bankAccountsShown, bankAccountToObject, shownTypes } from './types/index'
import { ascending } from '../../../plugins/json/json'
import type { View } from '../../protocol/view'
import type { BankAccountType } from '../../processor/bank-account'
import type { CardChecks } from '../../processor/card-checks'
import { addressToObject } from '../../protocol/values/address'
import { keysByVersion, renders, since } from '../../protocol/versioned'
import { type CardHash, cardOf } from './stored-card'
import type { BillingDetails, PaymentMethodRow } from './store'

const check = (description: string) =>
  nullable('string', { enum: ['pass', 'fail', 'unavailable', 'unchecked', null], description })

export const ChecksShown = {
  address_line1_check: check('Whether the street is the one that the bank knows.'),
  address_postal_code_check: check('Whether the postal code is the one that the bank knows.'),
  cvc_check: check('Whether the security code was right; null where none was given.')
}

const NetworksShown = {
  available: Type.Array(Type.String(), { description: 'All the networks that the card belongs to.' }),
  preferred: nullable('string', { description: "The cardholder's choice among them." })
}

export const RegulatedStatusShown = since(
  '2024-12-18',
  nullable('string', {
    enum: ['regulated', 'unregulated', null],
    description: 'Whether fees of the card are regulated.'
  })
)

export const CardShown = Type.Object(
  {
    brand: Type.String({
      description:
        'amex, cartes_bancaires, diners, discover, eftpos_au, jcb, link, mastercard, unionpay, visa or unknown.'
    }),
    checks: nullableHash(ChecksShown, { description: 'What was compared with what the bank knows.' }),
    country: nullable('string', {
      description: "The issuer's country, as ISO 3166-1 has it in two letters."
    }),
    display_brand: since(
      '2024-02-15',
      nullable('string', { description: 'The brand to show: the preferred network, or a longer name.' })
    ),
    exp_month: Type.Integer({ description: 'The last month in which the card is good, 1 to 12.' }),
    exp_year: Type.Integer({ description: 'The year of that month, in four digits.' }),
    fingerprint: Type.Optional(
      nullable('string', {
        description: 'The same for the same number within an account; not shown to publishable keys.'
      })
    ),
    funding: Type.String({ description: 'credit, debit, prepaid or unknown.' }),
    generated_from: alwaysNull('object'),
    last4: Type.String({ description: 'The last four digits of the number.' }),
    networks: nullableHash(NetworksShown, { description: 'The networks that the card belongs to.' }),
    regulated_status: RegulatedStatusShown,
    three_d_secure_usage: nullableHash(
      { supported: Type.Boolean({ description: 'Whether the card can be authenticated.' }) },
      { description: 'What is known of 3-D Secure for this card.' }
    ),
    wallet: alwaysNull('object')
  },
  { ...named('payment_method_card'), description: 'What may be shown of a card.' }
)

export const BillingDetailsShown = Type.Object(
  {
    address: addressShown('Where bills are sent.'),
    email: nullable('string', { description: 'E-mail address.' }),
    name: nullable('string', { description: 'Full name, as on the card.' }),
    phone: nullable('string', { description: 'Telephone number.' }),
    tax_id: since('2025-04-30', nullable('string', { description: 'Number under which they pay taxes.' }))
  },
  { ...component('billing_details'), description: 'Who it belongs to.' }
)

export const PaymentMethod = Type.Object(
  inWireOrder({
    ...bankAccountsShown,
    id: IdShown,
    object: WireObject('payment_method'),
    allow_redisplay: since(
      '2024-05-09',
      OneOf(['always', 'limited', 'unspecified'], {
        description: 'Whether it may be shown to its customer again, to pay with.'
      })
    ),
    billing_details: BillingDetailsShown,
    card: Type.Optional(ref(CardShown)),
    created: UnixTime({ description: 'When it was made, in Unix seconds.' }),
    customer: expandable(['customer', 'deleted_customer'], 'The customer that it is attached to.'),
    customer_account: CustomerAccountShown,
    livemode: LivemodeShown,
    metadata: Type.Optional(MetadataShown),
    shared_payment_granted_token: since('2026-06-24', alwaysNull('string')),
    type: OneOf(shownTypes, { description: 'What it is: the key of that name tells more.' })
  }),
  {
    ...named('payment_method'),
    description: 'A way to pay, saved: a card or a bank account, and whose it is.'
  }
)

export const shows = keysByVersion(PaymentMethod)
const showsOfCard = keysByVersion(CardShown)
const showsOfBilling = keysByVersion(BillingDetailsShown)

export const PaymentMethodList = ListOf('payment_method_list', PaymentMethod)

/** The payment method as this call's version has it, keys in the wire's order. */
export const paymentMethodToObject = renders(PaymentMethod)((
  view: Pick<View, 'version' | 'livemode' | 'publishable'>,
  row: PaymentMethodRow
) => {
  const { version, livemode, publishable } = view
  const isCard = row.type === 'card'
  const shown = {
    id: row.id,
    object: 'payment_method' as const,
    ...(shows(version, 'allow_redisplay') && { allow_redisplay: row.allow_redisplay }),
    billing_details: billingDetailsToObject(version, row.billing_details),
    ...(isCard && {
      card: cardToObject(view, cardOf(row.details), row.state === 'unattached')
    }),
    created: row.created,
    customer: row.customer_id,
    ...(shows(version, 'customer_account') && { customer_account: null }),
    livemode,
    // A browser is not shown what the merchant noted.
    ...(!publishable && { metadata: ascending(row.metadata) }),
    ...(shows(version, 'shared_payment_granted_token') && {
      shared_payment_granted_token: null
    }),
    type: row.type
  }
  return isCard ? shown : withBankAccount(shown, row, publishable)
})

/** At most one of them, under the name of its type; a browser is shown less. */
type BankAccountsShown = Pick<Static<typeof PaymentMethod>, BankAccountType>

/** Whom something belongs to, as a version has it. */
export const billingDetailsToObject = renders(BillingDetailsShown)(
  (version: string, billing: BillingDetails) => ({
    address: addressToObject(billing.address),
    email: billing.email ?? null,
    name: billing.name ?? null,
    phone: billing.phone ?? null,
    ...(showsOfBilling(version, 'tax_id') && { tax_id: billing.tax_id ?? null })
  })
)

/** The hash that is named after the type, in its place among the other keys. */
function withBankAccount<T extends { id: string; object: string }>(
  { id, object, ...rest }: T,
  { type, details }: PaymentMethodRow,
  publishable: boolean
): T & BankAccountsShown {
  const hash = bankAccountToObject(type as BankAccountType, details, publishable)
  return { id, object, ...ascending<unknown>({ ...rest, [type]: hash }) } as T & BankAccountsShown
}

const cardToObject = renders(CardShown)((
  { version, publishable }: Pick<View, 'version' | 'publishable'>,
  card: CardHash,
  fresh: boolean
) => {
  return {
    brand: card.brand,
    checks: checksToObject(card.checks, fresh),
    country: card.country,
    ...(showsOfCard(version, 'display_brand') && { display_brand: card.display_brand }),
    exp_month: card.exp_month,
    exp_year: card.exp_year,
    ...(!publishable && { fingerprint: card.fingerprint }),
    funding: card.funding,
    generated_from: null,
    last4: card.last4,
    networks: { available: card.networks.available, preferred: card.networks.preferred },
    ...(showsOfCard(version, 'regulated_status') && {
      regulated_status: card.regulated_status
    }),
    three_d_secure_usage: card.three_d_secure_usage,
    wallet: null
  }
})

/** Until a card is used for the first time, what was given to check has not been looked at yet. */
function checksToObject(checks: CardChecks, fresh: boolean): CardChecks {
  const shown = (outcome: CardChecks[keyof CardChecks]) => (outcome !== null && fresh ? 'unchecked' : outcome)
  return {
    address_line1_check: shown(checks.address_line1_check),
    address_postal_code_check: shown(checks.address_postal_code_check),
    cvc_check: shown(checks.cvc_check)
  }
}
