import { type Static, Type } from '@sinclair/typebox'
import { UnixTime } from '../../../plugins/params/schema'
import {
  addressShown,
  AddressShown,
  alwaysNull,
  CustomerAccountShown,
  expandable,
  IdShown,
  ListOf,
  LivemodeShown,
  MetadataShown,
  named,
  nullable,
  nullableHash,
  refTo,
  SearchResultOf,
  WireObject
} from '../../protocol/schemas'
import { ascending } from '../../../plugins/json/json'
import type { View } from '../../protocol/view'
import { addressToObject } from '../../protocol/values/address'
import { keysByVersion, renders } from '../../protocol/versioned'
import type { CustomerRow } from './row'

const CustomFieldShown = Type.Object({
  name: Type.String({ description: 'What the field is called.' }),
  value: Type.String({ description: 'What it says.' })
})

const RenderingOptionsShown = {
  amount_tax_display: nullable('string', { description: 'Whether amounts are shown with the tax in them.' }),
  template: Type.Optional(nullable('string', { description: 'The id of the template to use.' }))
}

const InvoiceSettingsShown = Type.Object(
  {
    custom_fields: Type.Unsafe<Static<typeof CustomFieldShown>[] | null>({
      type: ['array', 'null'],
      items: CustomFieldShown,
      description: 'Printed on invoices.'
    }),
    default_payment_method: expandable(
      ['payment_method'],
      "The attached payment method that is the customer's default."
    ),
    footer: nullable('string', { description: 'Printed at the foot of invoices.' }),
    rendering_options: nullableHash(RenderingOptionsShown, { description: 'How invoices are to look.' })
  },
  { description: "What the customer's invoices would be made with." }
)

const ShippingShown = {
  address: addressShown('Where to.'),
  name: Type.String({ description: 'To whom.' }),
  phone: nullable('string', { description: 'Telephone number of whoever receives it.' })
}

const TaxShown = Type.Object(
  {
    automatic_tax: Type.String({ description: 'Whether their place is known well enough to tax.' }),
    ip_address: alwaysNull('string'),
    location: alwaysNull('object')
  },
  { description: 'What is known for taxes; only when expanded.' }
)

export const Customer = Type.Object(
  {
    id: IdShown,
    object: WireObject('customer'),
    address: nullableHash(AddressShown, { description: 'Where the customer lives.' }),
    balance: Type.Integer({ description: 'In the smallest unit of the currency; negative is a credit.' }),
    business_name: Type.Optional(Type.String({ description: 'The name of their business, once given.' })),
    cash_balance: Type.Optional(nullable('object', { description: 'Null, and only when expanded.' })),
    created: UnixTime({ description: 'When it was made, in Unix seconds.' }),
    currency: nullable('string', { description: 'What `balance` is counted in, once it was not zero.' }),
    customer_account: CustomerAccountShown,
    default_source: alwaysNull('string'),
    delinquent: nullable('boolean', { description: 'Always false here.' }),
    description: nullable('string', { maxLength: 5000, description: 'Anything that helps to know them by.' }),
    discount: alwaysNull('object'),
    email: nullable('string', { maxLength: 5000, description: 'E-mail address.' }),
    individual_name: Type.Optional(Type.String({ description: 'The name of the person, once given.' })),
    invoice_prefix: nullable('string', {
      maxLength: 5000,
      description: 'What the numbers of their invoices would begin with.'
    }),
    invoice_settings: InvoiceSettingsShown,
    livemode: LivemodeShown,
    metadata: MetadataShown,
    name: nullable('string', { maxLength: 5000, description: 'Full name, or the name of a business.' }),
    next_invoice_sequence: Type.Integer({ description: 'The number that their next invoice would have.' }),
    phone: nullable('string', { maxLength: 5000, description: 'Telephone number.' }),
    preferred_locales: Type.Array(Type.String(), {
      description: 'Languages that they read, the best first.'
    }),
    shipping: nullableHash(ShippingShown, { description: 'Where their goods are sent.' }),
    sources: Type.Optional(refTo('empty_list')),
    subscriptions: Type.Optional(refTo('empty_list')),
    tax: Type.Optional(TaxShown),
    tax_exempt: nullable('string', {
      enum: ['exempt', 'none', 'reverse', null],
      description: 'Whether they pay taxes on what they buy.'
    }),
    tax_ids: Type.Optional(refTo('empty_list')),
    test_clock: alwaysNull('string')
  },
  { ...named('customer'), description: 'Somebody who pays, and what is known of them.' }
)

const shows = keysByVersion(Customer)

export const DeletedCustomer = Type.Object(
  {
    id: IdShown,
    object: WireObject('customer'),
    deleted: Type.Unsafe<true>({ type: 'boolean', enum: [true], description: 'Tells it from a customer.' })
  },
  { ...named('deleted_customer'), description: 'What is left of a deleted customer.' }
)

export const EmptyList = Type.Object(
  {
    object: WireObject('list'),
    data: Type.Array(Type.Unknown(), { maxItems: 0, description: 'Nothing.' }),
    has_more: Type.Boolean({ description: 'Always false.' }),
    url: Type.String({ description: 'Where the list would be.' })
  },
  { ...named('empty_list'), description: 'A list of something that this vault does not keep.' }
)

export const CustomerList = ListOf('customer_list', Customer)
export const CustomerSearchResult = SearchResultOf('customer_search_result', Customer)

/** What a retrieve answers: a customer, or what is left of one. */
export const CustomerOrDeleted = Type.Unsafe<unknown>({
  description: 'The customer, or what is left of one that was deleted.',
  anyOf: [refTo('customer'), refTo('deleted_customer')]
})

/** The customer as this call's version has it, keys in the wire's order; a deleted one is its three keys. */
export function customerToObject(call: Pick<View, 'version' | 'livemode'>, row: CustomerRow) {
  return row.deleted ? deletedCustomerToObject(row) : liveCustomerToObject(call, row)
}

export const deletedCustomerToObject = renders(DeletedCustomer)(({ id }: Pick<CustomerRow, 'id'>) => ({
  id,
  object: 'customer' as const,
  deleted: true as const
}))

const liveCustomerToObject = renders(Customer)((
  { version, livemode }: Pick<View, 'version' | 'livemode'>,
  row: CustomerRow
) => {
  const { details } = row
  const { address, shipping, invoice_settings: invoices } = details
  return {
    id: row.id,
    object: 'customer' as const,
    address: address && addressToObject(address),
    balance: details.balance,
    // On the wire only where they were given.
    ...(details.business_name !== null && { business_name: details.business_name }),
    created: row.created,
    currency: details.currency,
    ...(shows(version, 'customer_account') && { customer_account: null }),
    default_source: null,
    delinquent: false,
    description: details.description,
    discount: null,
    email: row.email,
    ...(details.individual_name !== null && { individual_name: details.individual_name }),
    invoice_prefix: details.invoice_prefix,
    invoice_settings: {
      custom_fields: invoices.custom_fields?.map(({ name, value }) => ({ name, value })) ?? null,
      default_payment_method: row.default_payment_method,
      footer: invoices.footer,
      rendering_options: invoices.rendering_options && {
        amount_tax_display: invoices.rendering_options.amount_tax_display ?? null,
        ...(invoices.rendering_options.template != null && { template: invoices.rendering_options.template })
      }
    },
    livemode,
    metadata: ascending(row.metadata),
    name: details.name,
    next_invoice_sequence: details.next_invoice_sequence,
    phone: details.phone,
    preferred_locales: details.preferred_locales,
    shipping: shipping && {
      address: addressToObject(shipping.address),
      name: shipping.name,
      phone: shipping.phone ?? null
    },
    tax_exempt: details.tax_exempt,
    test_clock: null
  }
})
