import type { BillingDetails, PaymentMethodRow, PaymentMethodSecrets } from './store'

/** What the processor told of a card or a bank account, as a new payment method's row has it. */
export type NewPaymentMethod = Pick<PaymentMethodRow, 'type' | 'details'> &
  PaymentMethodSecrets & {
    /** The token that is used up by it: such a one is made by `mint` and in no other way. */
    spends?: string
    /** What a token knows of its holder; the caller's own word goes before. */
    billing_details?: BillingDetails
  }

/** What a caller may say of a new payment method besides. */
export interface PaymentMethodExtras {
  allow_redisplay?: PaymentMethodRow['allow_redisplay']
  billing_details?: BillingDetails
  metadata?: Record<string, string>
}
