import { type Static, Type } from '@sinclair/typebox'
import {
  Clearable,
  component,
  CreatedFilter,
  describedAs,
  Hash,
  Metadata,
  MetadataUpdate,
  OneOf,
  Phone
} from '../../../plugins/params/schema'
import { AddressParams, ClearableText, ExpandParam, pageParams, Text } from '../../protocol/schemas'

const customer = Text(5000, { description: "The customer's id.", examples: ['cus_NbZ8Ki3f322LNn'] })

export const CustomerPath = Hash({ customer })
export const CustomerPaymentMethodPath = Hash({
  customer,
  payment_method: Text(5000, {
    description: "The payment method's id.",
    examples: ['pm_1MqM05LkdIwHu7ixlDxxO6Mc']
  })
})

const refused = { description: 'Nothing in this vault stands behind it: it is refused.' }

const CustomField = Hash({
  name: Text(30, { description: 'What the field is called.' }),
  value: Text(30, { description: 'What it says.' })
})

const RenderingOptions = Hash({
  amount_tax_display: Type.Optional(
    Clearable(OneOf(['exclude_tax', 'include_inclusive_tax']), {
      description: 'Whether amounts are shown with the tax in them.'
    })
  ),
  template: Type.Optional(Text(5000, { description: 'The id of the template to use.' }))
})

const InvoiceSettingsParams = Hash(
  {
    custom_fields: Type.Optional(
      Clearable(Type.Array(CustomField, { maxItems: 4 }), {
        description: 'Printed on invoices; four at most.'
      })
    ),
    default_payment_method: Type.Optional(
      Clearable(Text(), {
        description: 'A payment method that is attached to this customer; an empty string unsets it.'
      })
    ),
    footer: Type.Optional(ClearableText(5000, { description: 'Printed at the foot of invoices.' })),
    rendering_options: Type.Optional(
      Clearable(RenderingOptions, { description: 'How invoices are to look.' })
    )
  },
  { ...component('invoice_settings_params'), description: "What the customer's invoices would be made with." }
)

const ShippingParams = Hash(
  {
    address: describedAs(AddressParams, 'Where to.'),
    name: Text(5000, { description: 'To whom.' }),
    phone: Type.Optional(ClearableText(5000, { description: 'Telephone number of whoever receives it.' }))
  },
  component('customer_shipping_params')
)

const CashBalance = Hash(
  {
    settings: Type.Optional(
      Hash(
        {
          reconciliation_mode: Type.Optional(OneOf(['automatic', 'manual', 'merchant_default'], refused))
        },
        refused
      )
    )
  },
  refused
)

const Tax = Hash(
  {
    ip_address: Type.Optional(ClearableText(5000, refused)),
    validate_location: Type.Optional(OneOf(['auto', 'deferred', 'immediately'], refused))
  },
  refused
)

const TaxIdData = Hash({ type: Text(5000, refused), value: Text(5000, refused) })

const common = {
  address: Type.Optional(Clearable(AddressParams, { description: 'Where the customer lives.' })),
  balance: Type.Optional(
    Type.Integer({ description: 'In the smallest unit of the currency; negative is a credit.' })
  ),
  business_name: Type.Optional(ClearableText(150, { description: 'The name of their business.' })),
  cash_balance: Type.Optional(CashBalance),
  coupon: Type.Optional(Text(5000, refused)),
  description: Type.Optional(ClearableText(5000, { description: 'Anything that helps to know them by.' })),
  email: Type.Optional(ClearableText(512, { description: 'E-mail address; lists can be narrowed to it.' })),
  expand: ExpandParam,
  individual_name: Type.Optional(ClearableText(150, { description: 'The name of the person.' })),
  invoice_prefix: Type.Optional(
    Text(5000, { description: 'What the numbers of their invoices would begin with.' })
  ),
  invoice_settings: Type.Optional(InvoiceSettingsParams),
  name: Type.Optional(ClearableText(256, { description: 'Full name, or the name of a business.' })),
  next_invoice_sequence: Type.Optional(
    Type.Integer({ description: 'The number that their next invoice would have.' })
  ),
  phone: Type.Optional(Clearable(Phone(), { description: 'Telephone number; 20 characters at most.' })),
  preferred_locales: Type.Optional(
    Type.Array(Text(), { description: 'Languages that they read, the best first.' })
  ),
  promotion_code: Type.Optional(Text(5000, refused)),
  shipping: Type.Optional(Clearable(ShippingParams, { description: 'Where their goods are sent.' })),
  source: Type.Optional(Text(5000, refused)),
  tax: Type.Optional(Tax),
  tax_exempt: Type.Optional(
    Clearable(OneOf(['none', 'reverse', 'exempt']), {
      description: 'Whether they pay taxes on what they buy.'
    })
  ),
  validate: Type.Optional(Type.Boolean(refused))
}

export const CreateCustomerBody = Hash(
  {
    ...common,
    metadata: Type.Optional(
      Clearable(Metadata(), { description: "The caller's own notes: 50 keys at most, of 40 characters." })
    ),
    payment_method: Type.Optional(
      Text(5000, { description: 'A payment method to attach to the new customer.' })
    ),
    tax_id_data: Type.Optional(Type.Array(TaxIdData, refused)),
    test_clock: Type.Optional(Text(5000, refused))
  },
  { examples: [{ name: 'Ada Example', email: 'ada@example.com', payment_method: 'pm_card_visa' }] }
)
export type CreateCustomerParams = Static<typeof CreateCustomerBody>

/** Parameters of the time before payment methods, whose values are not even looked at. */
const legacy = {
  bank_account: Type.Optional(Type.Unknown(refused)),
  card: Type.Optional(Type.Unknown(refused)),
  default_alipay_account: Type.Optional(Text(500, refused)),
  default_bank_account: Type.Optional(Text(500, refused)),
  default_card: Type.Optional(Text(500, refused)),
  default_source: Type.Optional(Text(500, refused))
}

export const UpdateCustomerBody = Hash(
  {
    ...common,
    ...legacy,
    metadata: Type.Optional(
      MetadataUpdate({
        description: 'Merged into what is there: an empty value deletes its key, an empty string all of them.'
      })
    )
  },
  { examples: [{ invoice_settings: { default_payment_method: 'pm_1MqM05LkdIwHu7ixlDxxO6Mc' } }] }
)
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
  created: Type.Optional(
    CreatedFilter({
      description: 'Made at this Unix second, or within these bounds.',
      examples: [{ gte: 1679946000 }]
    })
  ),
  email: Type.Optional(Text(512, { description: 'Exactly this address, in this spelling.' })),
  test_clock: Type.Optional(Text(5000, refused))
})
export type ListCustomersParams = Static<typeof ListCustomersQuery>

export const SearchCustomersQuery = Hash({
  expand: ExpandParam,
  limit: pageParams.limit,
  page: Type.Optional(Text(5000, { description: 'The `next_page` of the page before.' })),
  query: Text(5000, {
    description: 'What to look for, in the search language.',
    examples: ['email:"ada@example.com"']
  })
})
export type SearchCustomersParams = Static<typeof SearchCustomersQuery>
