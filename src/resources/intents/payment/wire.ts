import { ascending } from '../../../../plugins/json/json'
import type { View } from '../../../protocol/view'
import { shownToBrowsers } from '../publishable-view'
import { clientSecret } from '../client-secret'
import { lastErrorToObject } from '../last-error'
import { nextActionToObject } from '../next-action'
import { carries, stillCarries } from '../../../protocol/versions'
import { shippingToObject } from './shipping'
import type { PaymentIntentRow } from './store'

/** The payment intent as this call's version has it, keys in the wire's order; a browser sees only its part. */
export const paymentIntentToObject = (view: View, row: PaymentIntentRow) =>
  shownToBrowsers(view, wholeToObject(view, row), seenByBrowsers)

const seenByBrowsers = new Set<string>([
  'amount',
  'amount_details',
  'automatic_payment_methods',
  'canceled_at',
  'cancellation_reason',
  'capture_method',
  'client_secret',
  'confirmation_method',
  'created',
  'currency',
  'description',
  'last_payment_error',
  'livemode',
  'next_action',
  'payment_method',
  'payment_method_configuration_details',
  'payment_method_types',
  'processing',
  'receipt_email',
  'setup_future_usage',
  'shipping',
  'source',
  'status'
])

function wholeToObject(view: View, row: PaymentIntentRow) {
  const { details } = row
  const { version, livemode } = view
  return {
    id: row.id,
    object: 'payment_intent' as const,
    ...(carries(version, 'payment_intent.allowed_payment_method_types') && {
      allowed_payment_method_types: null
    }),
    amount: row.amount,
    amount_capturable: row.amount_capturable,
    amount_details: { tip: {} },
    amount_received: row.amount_received,
    application: null,
    application_fee_amount: null,
    automatic_payment_methods: details.automatic_payment_methods && {
      ...(details.automatic_payment_methods.allow_redirects !== undefined && {
        allow_redirects: details.automatic_payment_methods.allow_redirects
      }),
      enabled: details.automatic_payment_methods.enabled
    },
    canceled_at: details.canceled_at,
    cancellation_reason: details.cancellation_reason,
    capture_method: details.capture_method,
    client_secret: clientSecret(view, row.id),
    confirmation_method: details.confirmation_method,
    created: row.created,
    currency: row.currency,
    customer: row.customer_id,
    ...(carries(version, 'customer_account') && { customer_account: null }),
    description: details.description,
    ...(carries(version, 'payment_intent.excluded_payment_method_types') && {
      excluded_payment_method_types: null
    }),
    ...(stillCarries(version, 'payment_intent.invoice') && { invoice: null }),
    last_payment_error: lastErrorToObject(view, details.last_payment_error),
    latest_charge: row.latest_charge_id,
    livemode,
    ...(carries(version, 'payment_intent.managed_payments') && { managed_payments: { enabled: false } }),
    metadata: ascending(row.metadata),
    next_action: nextActionToObject(details.next_action),
    on_behalf_of: null,
    payment_method: row.payment_method_id,
    payment_method_configuration_details: null,
    payment_method_options: { card: cardOptionsToObject(row) },
    payment_method_types: ['card'],
    processing: null,
    receipt_email: details.receipt_email,
    review: null,
    setup_future_usage: details.setup_future_usage,
    ...(carries(version, 'payment_intent.shared_payment_granted_token') && {
      shared_payment_granted_token: null
    }),
    shipping: shippingToObject(details.shipping),
    source: null,
    statement_descriptor: details.statement_descriptor,
    statement_descriptor_suffix: details.statement_descriptor_suffix,
    status: row.status,
    transfer_data: null,
    transfer_group: null
  }
}

const cardOptionsToObject = ({ details: { card_options: options } }: PaymentIntentRow) => ({
  ...(options.capture_method !== undefined && { capture_method: options.capture_method }),
  installments: null,
  mandate_options: null,
  network: null,
  request_three_d_secure: 'automatic',
  ...(options.setup_future_usage !== undefined && { setup_future_usage: options.setup_future_usage })
})
