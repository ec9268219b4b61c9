import { type Static, Type } from '@sinclair/typebox'
import { OneOf, UnixTime } from '../../../../plugins/params/schema'
import { LastErrorShown, lastErrorToObject } from '../last-error'
import { NextActionShown, nextActionToObject } from '../next-action'
import {
  alwaysNull,
  CustomerAccountShown,
  expandable,
  IdShown,
  ListOf,
  LivemodeShown,
  MetadataShown,
  named,
  nullable,
  nullableHash,
  WireObject
} from '../../../protocol/schemas'
import { ShippingShown, shippingToObject } from './shipping'
import { ascending } from '../../../../plugins/json/json'
import type { View } from '../../../protocol/view'
import { shownToBrowsers } from '../publishable-view'
import { clientSecret } from '../client-secret'
import { keysByVersion, renders, rendersWhole, since, until } from '../../../protocol/versioned'
import type { PaymentIntentRow } from './store'

const amount = (description: string) =>
  Type.Integer({ description: `${description} In the smallest unit of the currency.` })
const futureUsage = ['off_session', 'on_session'] as const

const CardOptionsShown = Type.Object(
  {
    capture_method: Type.Optional(
      OneOf(['manual'], { description: 'For cards, in place of the other one.' })
    ),
    installments: alwaysNull('object'),
    mandate_options: alwaysNull('object'),
    network: alwaysNull('string'),
    request_three_d_secure: nullable('string', { description: 'Always `automatic` here.' }),
    setup_future_usage: Type.Optional(
      OneOf(['none', ...futureUsage], { description: 'For cards, in place of the other one.' })
    )
  },
  { description: 'What was said of cards.' }
)

// What is optional is either of a version, or nothing that a browser sees.
export const PaymentIntent = Type.Object(
  {
    id: IdShown,
    object: WireObject('payment_intent'),
    allowed_payment_method_types: since('2026-06-24', alwaysNull('object')),
    amount: amount('What is to be paid.'),
    amount_capturable: Type.Optional(amount('What is reserved and can be captured.')),
    amount_details: Type.Object(
      { tip: Type.Object({}, { description: 'Always empty here.' }) },
      { description: 'What the amount is made of.' }
    ),
    amount_received: Type.Optional(amount('What was taken.')),
    application: Type.Optional(alwaysNull('string')),
    application_fee_amount: Type.Optional(alwaysNull('integer')),
    automatic_payment_methods: nullableHash(
      {
        allow_redirects: Type.Optional(OneOf(['always', 'never'], { description: 'As it was given.' })),
        enabled: Type.Boolean({ description: 'As it was given.' })
      },
      { description: 'Whether ways to pay are chosen by the account: there are cards only.' }
    ),
    canceled_at: nullable('integer', { description: 'When it was canceled, in Unix seconds.' }),
    cancellation_reason: nullable('string', {
      enum: [
        'abandoned',
        'automatic',
        'duplicate',
        'expired',
        'failed_invoice',
        'fraudulent',
        'requested_by_customer',
        'void_invoice',
        null
      ],
      description: 'Why it was canceled.'
    }),
    capture_method: OneOf(['automatic', 'automatic_async', 'manual'], {
      description: 'Whether the amount is taken at once, or reserved until it is captured.'
    }),
    client_secret: nullable('string', { description: 'What lets a browser confirm and retrieve it.' }),
    confirmation_method: OneOf(['automatic', 'manual'], {
      description: 'Whether it goes on by itself after an authentication, or waits to be confirmed again.'
    }),
    created: UnixTime({ description: 'When it was made, in Unix seconds.' }),
    currency: Type.String({ description: 'Three letters, in lower case.' }),
    customer: Type.Optional(expandable(['customer', 'deleted_customer'], 'Who pays.')),
    customer_account: CustomerAccountShown,
    description: nullable('string', { description: 'Anything that helps to know it by.' }),
    excluded_payment_method_types: since('2025-09-30', alwaysNull('object')),
    invoice: until('2025-10-29', alwaysNull('string')),
    last_payment_error: LastErrorShown,
    latest_charge: Type.Optional(expandable(['charge'], 'The charge that the last confirm made.')),
    livemode: LivemodeShown,
    managed_payments: since(
      '2026-06-24',
      nullableHash(
        { enabled: Type.Boolean({ description: 'Always false here.' }) },
        { description: 'Nothing in this vault stands behind it.' }
      )
    ),
    metadata: Type.Optional(MetadataShown),
    next_action: NextActionShown,
    on_behalf_of: Type.Optional(alwaysNull('string')),
    payment_method: expandable(['payment_method'], 'What is or was paid with.'),
    payment_method_configuration_details: alwaysNull('object'),
    payment_method_options: Type.Optional(
      Type.Object({ card: CardOptionsShown }, { description: 'What was said of each type.' })
    ),
    payment_method_types: Type.Array(Type.String(), { description: 'Always `card` alone here.' }),
    processing: alwaysNull('object'),
    receipt_email: nullable('string', { description: 'An address for a receipt: none is sent here.' }),
    review: Type.Optional(alwaysNull('string')),
    setup_future_usage: nullable('string', {
      enum: [...futureUsage, null],
      description: 'Whether the card is kept for later payments.'
    }),
    shared_payment_granted_token: since('2026-06-24', alwaysNull('string')),
    shipping: ShippingShown,
    source: alwaysNull('string'),
    statement_descriptor: Type.Optional(
      nullable('string', { description: "What the card's holder reads on their statement." })
    ),
    statement_descriptor_suffix: Type.Optional(
      nullable('string', { description: "What the card's holder reads behind the account's own." })
    ),
    status: OneOf(
      [
        'canceled',
        'processing',
        'requires_action',
        'requires_capture',
        'requires_confirmation',
        'requires_payment_method',
        'succeeded'
      ],
      { description: 'How far it is.' }
    ),
    transfer_data: Type.Optional(alwaysNull('object')),
    transfer_group: Type.Optional(alwaysNull('string'))
  },
  { ...named('payment_intent'), description: 'A payment, from what is asked for to what is taken.' }
)

const shows = keysByVersion(PaymentIntent)

export const PaymentIntentList = ListOf('payment_intent_list', PaymentIntent)

/** The payment intent as this call's version has it, keys in the wire's order; a browser sees only its part. */
export const paymentIntentToObject = (view: View, row: PaymentIntentRow): Static<typeof PaymentIntent> =>
  shownToBrowsers(view, wholeToObject(view, row), seenByBrowsers)

const seenByBrowsers = new Set([
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
] as const)

const wholeToObject = rendersWhole(PaymentIntent)((view: View, row: PaymentIntentRow) => {
  const { details } = row
  const { version, livemode } = view
  return {
    id: row.id,
    object: 'payment_intent' as const,
    ...(shows(version, 'allowed_payment_method_types') && {
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
    ...(shows(version, 'customer_account') && { customer_account: null }),
    description: details.description,
    ...(shows(version, 'excluded_payment_method_types') && {
      excluded_payment_method_types: null
    }),
    ...(shows(version, 'invoice') && { invoice: null }),
    last_payment_error: lastErrorToObject(view, details.last_payment_error),
    latest_charge: row.latest_charge_id,
    livemode,
    ...(shows(version, 'managed_payments') && { managed_payments: { enabled: false } }),
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
    ...(shows(version, 'shared_payment_granted_token') && {
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
})

const cardOptionsToObject = renders(CardOptionsShown)(
  ({ details: { card_options: options } }: PaymentIntentRow) => ({
    ...(options.capture_method !== undefined && { capture_method: options.capture_method }),
    installments: null,
    mandate_options: null,
    network: null,
    request_three_d_secure: 'automatic',
    ...(options.setup_future_usage !== undefined && { setup_future_usage: options.setup_future_usage })
  })
)

export type WholePaymentIntent = ReturnType<typeof wholeToObject>
