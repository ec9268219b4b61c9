import { type Static, Type } from '@sinclair/typebox'
import {
  Clearable,
  component,
  Hash,
  Metadata,
  MetadataUpdate,
  OneOf,
  Secret
} from '../../../plugins/params/schema'
import { AddressParams, ClearableText, ExpandParam, pageParams, Text } from '../../protocol/schemas'
import { bankAccountTypes, newBankAccounts, otherTypes, paymentMethodTypes } from './types/index'
import { UsBankAccountUpdate } from './types/us-bank-account'

export const PaymentMethodPath = Hash({
  payment_method: Text(5000, {
    description: "The payment method's id, or one of the shared test ids.",
    examples: ['pm_1MqM05LkdIwHu7ixlDxxO6Mc']
  })
})

const refused = { description: 'Nothing in this vault stands behind it: it is refused.' }

const AllowRedisplay = OneOf(['always', 'limited', 'unspecified'], {
  description: 'Whether it may be shown to its customer again, to pay with.'
})
export const PreferredNetwork = OneOf(['cartes_bancaires', 'mastercard', 'visa'], {
  description: "The cardholder's choice on a card of two networks."
})
const expiry = {
  exp_month: Type.Optional(
    Type.Integer({ description: 'The last month in which the card is good, 1 to 12.' })
  ),
  exp_year: Type.Optional(Type.Integer({ description: 'The year of that month: four digits, or two.' }))
}

const BillingDetails = Hash(
  {
    address: Type.Optional(Clearable(AddressParams, { description: 'Where bills are sent.' })),
    email: Type.Optional(ClearableText(5000, { description: 'E-mail address.' })),
    name: Type.Optional(ClearableText(5000, { description: 'Full name, as on the card.' })),
    phone: Type.Optional(ClearableText(5000, { description: 'Telephone number.' })),
    tax_id: Type.Optional(ClearableText(5000, { description: 'Number under which they pay taxes.' }))
  },
  { ...component('billing_details_params'), description: 'Who it belongs to.' }
)
export type BillingDetailsParams = Static<typeof BillingDetails>

const NewCard = Hash(
  {
    cvc: Type.Optional(
      Secret(Text(5000, { description: 'The security code: it goes to the processor and is not kept.' }))
    ),
    ...expiry,
    networks: Type.Optional(
      Hash({ preferred: Type.Optional(PreferredNetwork) }, { description: 'For a card of two networks.' })
    ),
    number: Type.Optional(
      Secret(Text(5000, { description: 'The number: it goes to the processor and is not kept.' }))
    ),
    token: Type.Optional(
      Text(5000, {
        description: 'A token in place of all the others: one of `POST /v1/tokens` is used up by it.'
      })
    )
  },
  { ...component('card_params'), description: 'The card: its number with month and year, or a token.' }
)
export type NewCardParams = Static<typeof NewCard>

/** The hash of a type that can't be saved here: it is read, so that the refusal can name the type. */
const AnyHash = Type.Optional(Type.Record(Type.String(), Type.Unknown(), refused))

/** What is said of a new payment method, also where one is made with an intent. */
export const newPaymentMethodParams = {
  allow_redisplay: Type.Optional(AllowRedisplay),
  billing_details: Type.Optional(BillingDetails),
  card: Type.Optional(NewCard),
  metadata: Type.Optional(
    Metadata({ description: "The caller's own notes: 50 keys at most, of 40 characters." })
  ),
  radar_options: Type.Optional(Hash({ session: Type.Optional(Text(5000, refused)) }, refused)),
  interac_present: AnyHash,
  ...newBankAccounts,
  ...Object.fromEntries(otherTypes.map((type) => [type, AnyHash]))
}

export const CreateBody = Hash(
  {
    ...newPaymentMethodParams,
    customer: Type.Optional(Text(5000, { description: 'Refused: attach it once it is made.' })),
    expand: ExpandParam,
    payment_method: Type.Optional(Text(5000, refused)),
    type: Type.Optional(
      OneOf(paymentMethodTypes, {
        description: `Required; this vault saves \`card\` and, where its processor takes them, ${bankAccountTypes
          .map((type) => `\`${type}\``)
          .join(', ')}.`
      })
    )
  },
  { examples: [{ type: 'card', card: { token: 'tok_visa' } }] }
)
export type CreateParams = Static<typeof CreateBody>

export const UpdateBody = Hash(
  {
    allow_redisplay: Type.Optional(AllowRedisplay),
    billing_details: Type.Optional(BillingDetails),
    card: Type.Optional(
      Hash(
        {
          ...expiry,
          networks: Type.Optional(
            Hash(
              {
                preferred: Type.Optional(
                  Clearable(PreferredNetwork, {
                    description: 'The choice among them; an empty string unsets it.'
                  })
                )
              },
              { description: 'For a card of two networks.' }
            )
          )
        },
        { description: 'What changed about the card, its number apart.' }
      )
    ),
    expand: ExpandParam,
    metadata: Type.Optional(
      MetadataUpdate({
        description: 'Merged into what is there: an empty value deletes its key, an empty string all of them.'
      })
    ),
    link: AnyHash,
    payto: AnyHash,
    us_bank_account: Type.Optional(UsBankAccountUpdate)
  },
  { examples: [{ metadata: { order_id: '6735' } }] }
)
export type UpdateParams = Static<typeof UpdateBody>

const customer_account = Type.Optional(
  Text(5000, { description: 'There are no such accounts in this vault: any id is refused.' })
)

export const AttachBody = Hash(
  {
    customer: Type.Optional(Text(5000, { description: 'Required: the customer to attach it to.' })),
    customer_account,
    expand: ExpandParam
  },
  { examples: [{ customer: 'cus_NbZ8Ki3f322LNn' }] }
)

const filters = {
  allow_redisplay: Type.Optional(AllowRedisplay),
  type: Type.Optional(OneOf(paymentMethodTypes, { description: 'Only those of this type.' }))
}

export const ListQuery = Hash({
  ...pageParams,
  ...filters,
  customer: Type.Optional(
    Text(5000, { description: 'Whose. Without it the list is empty.', examples: ['cus_NbZ8Ki3f322LNn'] })
  ),
  customer_account
})

export const CustomerListQuery = Hash({ ...pageParams, ...filters })
