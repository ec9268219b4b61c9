import { newId, newInvoicePrefix } from '../../protocol/values/ids'
import { now } from '../../protocol/values/time'
import type { CustomerRow } from './row'

/** A new customer of whom nothing is known yet. */
export const blankCustomer = (): CustomerRow => ({
  id: newId('cus'),
  created: now(),
  email: null,
  default_payment_method: null,
  details: {
    address: null,
    balance: 0,
    business_name: null,
    currency: null,
    description: null,
    individual_name: null,
    invoice_prefix: newInvoicePrefix(),
    invoice_settings: { custom_fields: null, footer: null, rendering_options: null },
    name: null,
    next_invoice_sequence: 1,
    phone: null,
    preferred_locales: [],
    shipping: null,
    tax_exempt: 'none'
  },
  metadata: {},
  deleted: false
})
