import type { Address } from '../../protocol/values/address'
import { mergeMetadata } from '../../protocol/values/metadata'
import { mergeLeaves } from '../../protocol/values/merge'
import type { UpdateCustomerParams } from './schema'
import type { CustomerDetails, CustomerRow, InvoiceSettings } from './row'

/** The row after an update: what was not given stays, hashes are merged leaf by leaf, null unsets. */
export function merged(row: CustomerRow, params: Omit<UpdateCustomerParams, 'expand'>): CustomerRow {
  return {
    ...row,
    email: given(params.email, row.email),
    details: mergedDetails(row.details, params),
    metadata: mergeMetadata(row.metadata, params.metadata)
  }
}

const given = <T>(value: T | undefined, otherwise: T): T => (value === undefined ? otherwise : value)

function mergedDetails(old: CustomerDetails, params: Omit<UpdateCustomerParams, 'expand'>): CustomerDetails {
  const balance = params.balance ?? old.balance
  return {
    address: mergeLeaves<Partial<Address>>(old.address, params.address),
    balance,
    business_name: given(params.business_name, old.business_name),
    // A balance is an amount of something: of the account's currency, once there is one.
    currency: old.currency ?? (balance === 0 ? null : 'usd'),
    description: given(params.description, old.description),
    individual_name: given(params.individual_name, old.individual_name),
    invoice_prefix: params.invoice_prefix ?? old.invoice_prefix,
    invoice_settings: mergedInvoiceSettings(old.invoice_settings, params.invoice_settings),
    name: given(params.name, old.name),
    next_invoice_sequence: params.next_invoice_sequence ?? old.next_invoice_sequence,
    phone: given(params.phone, old.phone),
    preferred_locales: params.preferred_locales ?? old.preferred_locales,
    shipping: params.shipping
      ? {
          ...old.shipping,
          ...params.shipping,
          address: mergeLeaves(old.shipping?.address, params.shipping.address) ?? {}
        }
      : given(params.shipping, old.shipping),
    tax_exempt: params.tax_exempt === null ? 'none' : (params.tax_exempt ?? old.tax_exempt)
  }
}

function mergedInvoiceSettings(
  old: InvoiceSettings,
  params: UpdateCustomerParams['invoice_settings']
): InvoiceSettings {
  if (!params) return old
  return {
    custom_fields: given(params.custom_fields, old.custom_fields),
    footer: given(params.footer, old.footer),
    rendering_options: mergeLeaves(old.rendering_options, params.rendering_options)
  }
}
