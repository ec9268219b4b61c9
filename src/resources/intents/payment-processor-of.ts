import { invalidRequest } from '../../../plugins/errors/errors'
import type { Call } from '../call'
import type { PaymentProcessor } from '../../processor/payment-processor'

/** What moves money and sets cards up. Throws the 400 of a vault whose processor saves cards only. */
export function paymentsOf(call: Call): PaymentProcessor {
  const { payments } = call.vault.processor
  if (payments) return payments
  throw invalidRequest('This vault saves payment methods only: its processor takes no payments.')
}
