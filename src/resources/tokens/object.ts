import { Type } from '@sinclair/typebox'
import { UnixTime } from '../../../plugins/params/schema'
import {
  alwaysNull,
  IdShown,
  LivemodeShown,
  MetadataShown,
  named,
  nullable,
  ref,
  WireObject
} from '../../protocol/schemas'
import type { View } from '../../protocol/view'
import { cardOf } from '../payment-methods/stored-card'
import type { BankAccountHashes } from '../../processor/bank-account'
import type { CardBrand } from '../../processor/card-processor'
import { addressToObject } from '../../protocol/values/address'
import { RegulatedStatusShown } from '../payment-methods/object'
import { keysByVersion, renders, since } from '../../protocol/versioned'
import type { TokenRow } from './store'

const text = (description: string) => nullable('string', { description })

const check = (description: string) =>
  nullable('string', { enum: ['pass', 'fail', 'unavailable', 'unchecked', null], description })

export const TokenCard = Type.Object(
  {
    id: IdShown,
    object: WireObject('card'),
    address_city: text('City, town or village.'),
    address_country: text("The holder's country, as it was given."),
    address_line1: text('Street and number, or a post box.'),
    address_line1_check: check('Whether it was given: then it is unchecked, as long as nobody pays.'),
    address_line2: text('Apartment, floor or building.'),
    address_state: text('State, province or county.'),
    address_zip: text('Postal code.'),
    address_zip_check: check('The same of the postal code.'),
    brand: Type.String({
      description:
        'American Express, Cartes Bancaires, Diners Club, Discover, Eftpos Australia, JCB, Link, MasterCard, UnionPay, Visa or Unknown.'
    }),
    country: text("The issuer's country, as ISO 3166-1 has it in two letters."),
    cvc_check: check('The same of the security code.'),
    dynamic_last4: text('Always null here.'),
    exp_month: Type.Integer({ description: 'The last month in which the card is good, 1 to 12.' }),
    exp_year: Type.Integer({ description: 'The year of that month, in four digits.' }),
    fingerprint: Type.Optional(
      text('The same for the same number within an account; not shown to publishable keys.')
    ),
    funding: Type.String({ description: 'credit, debit, prepaid or unknown.' }),
    last4: Type.String({ description: 'The last four digits of the number.' }),
    metadata: Type.Optional(MetadataShown),
    name: text("The holder's name."),
    networks: since(
      '2024-02-15',
      Type.Object(
        { preferred: text("The cardholder's choice on a card of two networks.") },
        { description: 'The networks that the card belongs to.' }
      )
    ),
    regulated_status: RegulatedStatusShown,
    tokenization_method: text('Always null here.'),
    wallet: alwaysNull('object')
  },
  { ...named('token_card'), description: 'What may be shown of the card behind a token.' }
)

export const TokenBankAccount = Type.Object(
  {
    id: IdShown,
    object: WireObject('bank_account'),
    account_holder_name: text('Whose account it is.'),
    account_holder_type: text('company or individual.'),
    account_type: text('checking or savings, as it was given.'),
    bank_name: text('The bank, where the routing number tells.'),
    country: Type.String({ description: 'Where it is: US.' }),
    currency: Type.String({ description: 'What it is held in: usd.' }),
    fingerprint: Type.Optional(
      text('The same for the same number within an account; not shown to publishable keys.')
    ),
    last4: text('The last four digits of the number.'),
    routing_number: text("The bank's number."),
    status: Type.String({ description: 'Always new here: nobody verifies it.' })
  },
  { ...named('token_bank_account'), description: 'What may be shown of the bank account behind a token.' }
)

export const Token = Type.Object(
  {
    id: IdShown,
    object: WireObject('token'),
    bank_account: Type.Optional(ref(TokenBankAccount)),
    card: Type.Optional(ref(TokenCard)),
    client_ip: text('The address of whoever made it.'),
    created: UnixTime({ description: 'When it was made, in Unix seconds.' }),
    livemode: LivemodeShown,
    type: Type.Unsafe<string>({
      type: 'string',
      enum: ['bank_account', 'card'],
      description: 'What it stands for: the key of that name tells more.'
    }),
    used: Type.Boolean({ description: 'Whether it was spent. It can be once.' })
  },
  {
    ...named('token'),
    description: 'Stands for a card or a bank account, whose number was told nobody but the processor.'
  }
)

const showsOfCard = keysByVersion(TokenCard)

/** The token as this call's version has it, keys in the wire's order. A browser sees no fingerprint. */
export const tokenToObject = renders(Token)((call: View, row: TokenRow) => ({
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
}))

/** Cards and payment methods have different words for the same: this is the older one of the two. */
const cardToObject = renders(TokenCard)((
  { publishable, version }: View,
  { details: { source }, payment_method }: TokenRow
) => {
  const card = cardOf(payment_method.details)
  const { address, name } = payment_method.billing_details ?? {}
  const { city, country, line1, line2, postal_code, state } = addressToObject(address)
  // As with a new payment method: what was given to check has not been looked at yet.
  const unchecked = (outcome: string | null) => (outcome === null ? null : ('unchecked' as const))
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
    ...(showsOfCard(version, 'networks') && { networks: { preferred: card.networks.preferred } }),
    ...(showsOfCard(version, 'regulated_status') && { regulated_status: card.regulated_status }),
    tokenization_method: null,
    wallet: null
  }
})

const bankAccountToObject = renders(TokenBankAccount)((
  { publishable }: View,
  { details, payment_method }: TokenRow
) => {
  const { bank_name, fingerprint, last4, routing_number } =
    payment_method.details as unknown as BankAccountHashes['us_bank_account']
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
})

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
