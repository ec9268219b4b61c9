import type { View } from '../../../protocol/view'
import { lastErrorToObject } from '../last-error'
import { cardOf } from '../../payment-methods/stored-card'
import { carries } from '../../../protocol/versions'
import type { SetupAttemptRow } from './store'

/** The setup attempt as this call's version has it, keys in the wire's order. */
export function setupAttemptToObject(view: View, row: SetupAttemptRow) {
  const { details } = row
  const card = cardOf(details.card)
  return {
    id: row.id,
    object: 'setup_attempt' as const,
    application: null,
    created: row.created,
    customer: row.customer_id,
    ...(carries(view.version, 'customer_account') && { customer_account: null }),
    flow_directions: details.flow_directions,
    livemode: view.livemode,
    on_behalf_of: null,
    payment_method: row.payment_method_id,
    payment_method_details: {
      card: {
        brand: card.brand,
        checks: card.checks,
        country: card.country,
        exp_month: card.exp_month,
        exp_year: card.exp_year,
        fingerprint: card.fingerprint,
        funding: card.funding,
        last4: card.last4,
        network: card.networks.preferred ?? card.brand,
        three_d_secure: null,
        wallet: null
      },
      type: 'card' as const
    },
    setup_error: lastErrorToObject(view, details.setup_error),
    setup_intent: row.setup_intent_id,
    status: row.status,
    usage: details.usage
  }
}
