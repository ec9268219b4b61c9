import { type Static, Type } from '@sinclair/typebox'
import { Clearable, CreatedFilter, Hash, Metadata, MetadataUpdate, OneOf, Phone } from '../../plugins/schema'
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
  refTo,
  Text,
  WireObject
} from '../wire/schemas'

export const CustomerPath = Hash({ customer: Text() })
export const CustomerPaymentMethodPath = Hash({ customer: Text(), payment_method: Text() })

const CustomField = Hash({ name: Text(30), value: Text(30) })

const InvoiceSettingsParams = Hash({
  custom_fields: Type.Optional(Clearable(Type.Array(CustomField, { maxItems: 4 }))),
  default_payment_method: Type.Optional(
    Clearable(Text(), { description: 'Attached to this customer; an empty string unsets it.' })
  ),
  footer: Type.Optional(ClearableText()),
  rendering_options: Type.Optional(
    Clearable(
      Hash({
        amount_tax_display: Type.Optional(Clearable(OneOf(['exclude_tax', 'include_inclusive_tax']))),
        template: Type.Optional(Text())
      })
    )
  )
})

const ShippingParams = Hash({
  address: AddressParams,
  name: Text(),
  phone: Type.Optional(ClearableText())
})

const TaxIdData = Hash({ type: Text(), value: Text() })

const common = {
  address: Type.Optional(Clearable(AddressParams)),
  balance: Type.Optional(Type.Integer({ description: 'In the smallest unit of the currency.' })),
  business_name: Type.Optional(ClearableText(150)),
  cash_balance: Type.Optional(
    Hash({
      settings: Type.Optional(
        Hash({ reconciliation_mode: Type.Optional(OneOf(['automatic', 'manual', 'merchant_default'])) })
      )
    })
  ),
  coupon: Type.Optional(Text()),
  description: Type.Optional(ClearableText()),
  email: Type.Optional(ClearableText(512)),
  expand: ExpandParam,
  individual_name: Type.Optional(ClearableText(150)),
  invoice_prefix: Type.Optional(Text()),
  invoice_settings: Type.Optional(InvoiceSettingsParams),
  name: Type.Optional(ClearableText(256)),
  next_invoice_sequence: Type.Optional(Type.Integer()),
  phone: Type.Optional(Clearable(Phone())),
  preferred_locales: Type.Optional(Type.Array(Text())),
  promotion_code: Type.Optional(Text()),
  shipping: Type.Optional(Clearable(ShippingParams)),
  source: Type.Optional(Text()),
  tax: Type.Optional(
    Hash({
      ip_address: Type.Optional(ClearableText()),
      validate_location: Type.Optional(OneOf(['auto', 'deferred', 'immediately']))
    })
  ),
  tax_exempt: Type.Optional(Clearable(OneOf(['none', 'reverse', 'exempt']))),
  validate: Type.Optional(Type.Boolean())
}

export const CreateCustomerBody = Hash({
  ...common,
  metadata: Type.Optional(Clearable(Metadata())),
  payment_method: Type.Optional(
    Text(5000, { description: 'A payment method to attach to the new customer.' })
  ),
  tax_id_data: Type.Optional(Type.Array(TaxIdData)),
  test_clock: Type.Optional(Text())
})
export type CreateCustomerParams = Static<typeof CreateCustomerBody>

/** Parameters of the time before payment methods, whose values are not even looked at. */
const legacy = {
  bank_account: Type.Optional(Type.Unknown()),
  card: Type.Optional(Type.Unknown()),
  default_alipay_account: Type.Optional(Text(500)),
  default_bank_account: Type.Optional(Text(500)),
  default_card: Type.Optional(Text(500)),
  default_source: Type.Optional(Text(500))
}

export const UpdateCustomerBody = Hash({ ...common, ...legacy, metadata: Type.Optional(MetadataUpdate()) })
export type UpdateCustomerParams = Static<typeof UpdateCustomerBody>

/** Documented, and nothing in this vault stands behind them. */
export const unsupportedParams = [
  'cash_balance',
  'coupon',
  'promotion_code',
  'source',
  'tax',
  'validate',
  'tax_id_data',
  'test_clock',
  ...Object.keys(legacy)
]

export const ListCustomersQuery = Hash({
  ...pageParams,
  created: Type.Optional(CreatedFilter({ description: 'Unix seconds, or bounds around them.' })),
  email: Type.Optional(Text(512, { description: 'Exactly this address, in this spelling.' })),
  test_clock: Type.Optional(Text())
})
export type ListCustomersParams = Static<typeof ListCustomersQuery>

export const Customer = Type.Object(
  {
    id: Text(),
    object: WireObject('customer'),
    address: nullableHash(AddressShown),
    balance: Type.Integer(),
    business_name: Type.Optional(Type.String()),
    cash_balance: Type.Optional(nullable('string', { description: 'Only when expanded.' })),
    created: Type.Integer({ description: 'Unix seconds.' }),
    currency: nullable('string'),
    customer_account: Type.Optional(nullable('string')),
    default_source: nullable('string'),
    delinquent: nullable('boolean'),
    description: nullable('string', { maxLength: 5000 }),
    discount: nullable('string'),
    email: nullable('string', { maxLength: 5000 }),
    individual_name: Type.Optional(Type.String()),
    invoice_prefix: nullable('string', { maxLength: 5000 }),
    invoice_settings: Type.Object({
      custom_fields: Type.Unsafe<unknown>({
        type: ['array', 'null'],
        items: Type.Object({ name: Type.String(), value: Type.String() })
      }),
      default_payment_method: expandable('payment_method'),
      footer: nullable('string'),
      rendering_options: nullableHash({
        amount_tax_display: nullable('string'),
        template: Type.Optional(nullable('string'))
      })
    }),
    livemode: Type.Boolean(),
    metadata: MetadataShown,
    name: nullable('string', { maxLength: 5000 }),
    next_invoice_sequence: Type.Integer(),
    phone: nullable('string', { maxLength: 5000 }),
    preferred_locales: Type.Array(Type.String()),
    shipping: nullableHash({
      address: Type.Object(AddressShown),
      name: Type.String(),
      phone: nullable('string')
    }),
    sources: Type.Optional(refTo('empty_list')),
    subscriptions: Type.Optional(refTo('empty_list')),
    tax: Type.Optional(
      Type.Object({
        automatic_tax: Type.String(),
        ip_address: nullable('string'),
        location: nullable('string')
      })
    ),
    tax_exempt: nullable('string', { enum: ['exempt', 'none', 'reverse', null] }),
    tax_ids: Type.Optional(refTo('empty_list')),
    test_clock: nullable('string')
  },
  { ...named('customer'), description: 'Somebody who pays, and what is known of them.' }
)

export const DeletedCustomer = Type.Object(
  {
    id: Text(),
    object: WireObject('customer'),
    deleted: Type.Unsafe<true>({ type: 'boolean', enum: [true] })
  },
  { ...named('deleted_customer'), description: 'What is left of a deleted customer.' }
)

const EmptyList = Type.Object(
  {
    object: WireObject('list'),
    data: Type.Array(Type.Unknown(), { maxItems: 0 }),
    has_more: Type.Boolean(),
    url: Type.String()
  },
  { ...named('empty_list'), description: 'A list of something that this vault does not keep.' }
)

export const CustomerList = ListOf('customer_list', Customer)

/** What a retrieve answers: a customer, or what is left of one. */
export const CustomerOrDeleted = Type.Unsafe<unknown>({
  anyOf: [refTo('customer'), refTo('deleted_customer')]
})

export const customerComponents = [Customer, DeletedCustomer, EmptyList, CustomerList]
