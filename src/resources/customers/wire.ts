import { ascending } from '../../../plugins/json/json'
import type { Call } from '../call'
import { addressToObject } from '../../protocol/values/address'
import { carries } from '../../protocol/versions'
import type { CustomerRow } from './row'

/** The customer as this call's version has it, keys in the wire's order; a deleted one is its three keys. */
export function customerToObject(call: Pick<Call, 'version' | 'livemode'>, row: CustomerRow) {
  return row.deleted ? deletedCustomerToObject(row) : liveCustomerToObject(call, row)
}

export const deletedCustomerToObject = ({ id }: Pick<CustomerRow, 'id'>) => ({
  id,
  object: 'customer' as const,
  deleted: true as const
})

function liveCustomerToObject({ version, livemode }: Pick<Call, 'version' | 'livemode'>, row: CustomerRow) {
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
    ...(carries(version, 'customer_account') && { customer_account: null }),
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
}
