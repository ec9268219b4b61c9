import type { Address } from '../../protocol/values/address'

export interface Shipping {
  address: Partial<Address>
  name: string
  phone?: string | null
}

export interface InvoiceSettings {
  custom_fields: { name: string; value: string }[] | null
  footer: string | null
  rendering_options: { amount_tax_display?: string | null; template?: string | null } | null
}

/** What a customer shows and is never looked up by. */
export interface CustomerDetails {
  address: Partial<Address> | null
  balance: number
  business_name: string | null
  currency: string | null
  description: string | null
  individual_name: string | null
  invoice_prefix: string
  invoice_settings: InvoiceSettings
  name: string | null
  next_invoice_sequence: number
  phone: string | null
  preferred_locales: string[]
  shipping: Shipping | null
  tax_exempt: 'exempt' | 'none' | 'reverse'
}

/** A customer as the database and an event have it. */
export interface CustomerRow {
  id: string
  created: number
  email: string | null
  default_payment_method: string | null
  details: CustomerDetails
  metadata: Record<string, string>
  deleted: boolean
}
