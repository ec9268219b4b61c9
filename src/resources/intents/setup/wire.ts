import { ascending } from '../../../../plugins/json/json'
import type { View } from '../../../protocol/view'
import { shownToBrowsers } from '../publishable-view'
import { clientSecret } from '../client-secret'
import { lastErrorToObject } from '../last-error'
import { nextActionToObject } from '../next-action'
import { carries } from '../../../protocol/versions'
import type { SetupIntentRow } from './store'

/** The setup intent as this call's version has it, keys in the wire's order; a browser sees only its part. */
export function setupIntentToObject(view: View, row: SetupIntentRow) {
  const { details } = row
  const { version, livemode } = view
  const automatic = details.automatic_payment_methods
  const wire = {
    id: row.id,
    object: 'setup_intent' as const,
    ...(carries(version, 'setup_intent.allowed_payment_method_types') && {
      allowed_payment_method_types: null
    }),
    application: null,
    automatic_payment_methods: automatic && {
      ...(automatic.allow_redirects !== undefined && { allow_redirects: automatic.allow_redirects }),
      enabled: automatic.enabled
    },
    cancellation_reason: details.cancellation_reason,
    client_secret: clientSecret(view, row.id),
    created: row.created,
    customer: row.customer_id,
    ...(carries(version, 'customer_account') && { customer_account: null }),
    description: details.description,
    ...(carries(version, 'setup_intent.excluded_payment_method_types') && {
      excluded_payment_method_types: null
    }),
    flow_directions: details.flow_directions,
    last_setup_error: lastErrorToObject(view, details.last_setup_error),
    latest_attempt: row.latest_attempt_id,
    livemode,
    ...(carries(version, 'setup_intent.managed_payments') && { managed_payments: { enabled: false } }),
    mandate: null,
    metadata: ascending(row.metadata),
    next_action: nextActionToObject(details.next_action),
    on_behalf_of: null,
    payment_method: row.payment_method_id,
    payment_method_configuration_details: null,
    payment_method_options: {
      card: { mandate_options: null, network: null, request_three_d_secure: 'automatic' }
    },
    payment_method_types: ['card'],
    single_use_mandate: null,
    status: row.status,
    usage: details.usage
  }
  return shownToBrowsers(view, wire, seenByBrowsers)
}

const seenByBrowsers = new Set<string>([
  'automatic_payment_methods',
  'cancellation_reason',
  'client_secret',
  'created',
  'description',
  'last_setup_error',
  'livemode',
  'next_action',
  'payment_method',
  'payment_method_types',
  'status',
  'usage'
])
