import { type Static, Type } from '@sinclair/typebox'
import { Clearable, Hash, Metadata, MetadataUpdate, OneOf, Secret } from '../../plugins/schema'
import {
  AddressParams,
  AddressShown,
  ClearableText,
  expandable,
  ExpandParam,
  ListOf,
  MetadataShown,
  named,
  nullable,
  nullableHash,
  pageParams,
  ref,
  Text,
  WireObject
} from '../wire/schemas'
import { otherTypes, paymentMethodTypes } from './types'

export const PaymentMethodPath = Hash({ payment_method: Text() })

const AllowRedisplay = OneOf(['always', 'limited', 'unspecified'])
const PreferredNetwork = OneOf(['cartes_bancaires', 'mastercard', 'visa'])

const BillingDetails = Hash({
  address: Type.Optional(Clearable(AddressParams)),
  email: Type.Optional(ClearableText()),
  name: Type.Optional(ClearableText()),
  phone: Type.Optional(ClearableText()),
  tax_id: Type.Optional(ClearableText())
})
export type BillingDetailsParams = Static<typeof BillingDetails>

const NewCard = Hash({
  cvc: Type.Optional(Secret(Text())),
  exp_month: Type.Optional(Type.Integer()),
  exp_year: Type.Optional(Type.Integer({ description: 'Four digits, or two.' })),
  networks: Type.Optional(Hash({ preferred: Type.Optional(PreferredNetwork) })),
  number: Type.Optional(Secret(Text())),
  token: Type.Optional(Text())
})
export type NewCardParams = Static<typeof NewCard>

/** The hash of a type that can't be saved here: it is read, so that the refusal can name the type. */
const AnyHash = Type.Optional(Type.Record(Type.String(), Type.Unknown()))

export const CreateBody = Hash({
  allow_redisplay: Type.Optional(AllowRedisplay),
  billing_details: Type.Optional(BillingDetails),
  card: Type.Optional(NewCard),
  customer: Type.Optional(Text()),
  expand: ExpandParam,
  metadata: Type.Optional(Metadata()),
  payment_method: Type.Optional(Text()),
  radar_options: Type.Optional(Hash({ session: Type.Optional(Text()) })),
  type: Type.Optional(OneOf(paymentMethodTypes)),
  interac_present: AnyHash,
  ...Object.fromEntries(otherTypes.map((type) => [type, AnyHash]))
})
export type CreateParams = Static<typeof CreateBody>

export const UpdateBody = Hash({
  allow_redisplay: Type.Optional(AllowRedisplay),
  billing_details: Type.Optional(BillingDetails),
  card: Type.Optional(
    Hash({
      exp_month: Type.Optional(Type.Integer()),
      exp_year: Type.Optional(Type.Integer()),
      networks: Type.Optional(Hash({ preferred: Type.Optional(Clearable(PreferredNetwork)) }))
    })
  ),
  expand: ExpandParam,
  metadata: Type.Optional(MetadataUpdate()),
  link: AnyHash,
  payto: AnyHash,
  us_bank_account: AnyHash
})
export type UpdateParams = Static<typeof UpdateBody>

export const AttachBody = Hash({
  customer: Type.Optional(Text(5000, { description: 'The customer to attach it to.' })),
  customer_account: Type.Optional(Text()),
  expand: ExpandParam
})

const filters = {
  allow_redisplay: Type.Optional(AllowRedisplay),
  type: Type.Optional(OneOf(paymentMethodTypes))
}

export const ListQuery = Hash({
  ...pageParams,
  ...filters,
  customer: Type.Optional(Text(5000, { description: 'Whose. Without it the list is empty.' })),
  customer_account: Type.Optional(Text())
})

export const CustomerListQuery = Hash({ ...pageParams, ...filters })
export type CustomerListParams = Static<typeof CustomerListQuery>

const check = nullable('string', { enum: ['pass', 'fail', 'unavailable', 'unchecked', null] })

const CardShown = Type.Object(
  {
    brand: Type.String({ maxLength: 5000 }),
    checks: nullableHash({
      address_line1_check: check,
      address_postal_code_check: check,
      cvc_check: check
    }),
    country: nullable('string', { maxLength: 5000 }),
    display_brand: Type.Optional(nullable('string')),
    exp_month: Type.Integer(),
    exp_year: Type.Integer(),
    fingerprint: Type.Optional(
      nullable('string', {
        description: 'The same for the same number within an account; not for publishable keys.'
      })
    ),
    funding: Type.String({ description: 'credit, debit, prepaid or unknown.' }),
    generated_from: nullable('string'),
    last4: Type.String({ maxLength: 4 }),
    networks: nullableHash({ available: Type.Array(Type.String()), preferred: nullable('string') }),
    regulated_status: Type.Optional(nullable('string')),
    three_d_secure_usage: nullableHash({ supported: Type.Boolean() }),
    wallet: nullable('string')
  },
  { ...named('payment_method_card'), description: 'What may be shown of a card.' }
)

export const PaymentMethod = Type.Object(
  {
    id: Text(),
    object: WireObject('payment_method'),
    allow_redisplay: Type.Optional(AllowRedisplay),
    billing_details: Type.Object({
      address: Type.Object(AddressShown),
      email: nullable('string'),
      name: nullable('string'),
      phone: nullable('string'),
      tax_id: Type.Optional(nullable('string'))
    }),
    card: Type.Optional(ref(CardShown)),
    created: Type.Integer({ description: 'Unix seconds.' }),
    customer: expandable('customer', 'deleted_customer'),
    customer_account: Type.Optional(nullable('string')),
    livemode: Type.Boolean(),
    metadata: Type.Optional(MetadataShown),
    type: Type.String({ maxLength: 5000 })
  },
  { ...named('payment_method'), description: 'A way to pay, saved: a card and whose it is.' }
)

export const PaymentMethodList = ListOf('payment_method_list', PaymentMethod)

export const paymentMethodComponents = [CardShown, PaymentMethod, PaymentMethodList]
