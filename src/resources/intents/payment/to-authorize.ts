import type { Payment } from '../../../processor/payment-processor'

/** All that an authorisation is asked and ended with. */
export interface ToAuthorize {
  /** The id of the charge that it makes. */
  charge: string
  payment_method: string
  payment: Payment
  /** What becomes of a payment method that nobody has saved, once it was paid with. */
  afterwards: 'attach' | 'consume' | 'keep'
  error_on_requires_action: boolean
  /** Where the browser is to go after an authentication; null where it stays where it is. */
  return_url: string | null
}
