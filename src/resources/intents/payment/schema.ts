import { type Static, Type } from '@sinclair/typebox'
import {
  Clearable,
  CreatedFilter,
  Hash,
  Metadata,
  MetadataUpdate,
  OneOf
} from '../../../../plugins/params/schema'
import { PaymentMethodData } from '../schema'
import { ClearableText, ExpandParam, pageParams, refusedParams, Text } from '../../../protocol/schemas'
import { PaymentMethodOptions } from './options'
import { ShippingParams } from './shipping'

export const PaymentIntentPath = Hash({
  intent: Text(5000, { description: "The payment intent's id.", examples: ['pi_1VkQ2bLkdIwHu7ixR4tXw8Zs'] })
})

/** Documented, and nothing in this vault stands behind them. */
export const unsupportedParams = [
  'allowed_payment_method_types',
  'amount_details',
  'amount_to_confirm',
  'application_fee_amount',
  'confirmation_token',
  'customer_account',
  'excluded_payment_method_types',
  'hooks',
  'mandate',
  'mandate_data',
  'on_behalf_of',
  'payment_details',
  'payment_method_configuration',
  'radar_options',
  'transfer_data',
  'transfer_group'
] as const

const everywhere = [
  'allowed_payment_method_types',
  'amount_details',
  'excluded_payment_method_types',
  'hooks',
  'payment_details'
] as const
const aboutAccounts = [
  'application_fee_amount',
  'customer_account',
  'payment_method_configuration',
  'transfer_data',
  'transfer_group'
] as const
const aboutMandates = ['confirmation_token', 'mandate', 'mandate_data', 'radar_options'] as const

const CaptureMethod = OneOf(['automatic', 'automatic_async', 'manual'], {
  description: 'Whether the amount is taken at once, or reserved until it is captured.'
})
const FutureUsage = OneOf(['off_session', 'on_session'], {
  description: 'Whether to keep the card for later payments: once this one has succeeded, it is attached.'
})
const amount = (description: string) =>
  Type.Integer({ minimum: 1, description: `${description} In the smallest unit of the currency.` })
const descriptor = (description: string) => Type.Optional(Text(22, { description }))

/** What can be said of a payment when it is made, changed or confirmed. */
const common = {
  capture_method: Type.Optional(CaptureMethod),
  expand: ExpandParam,
  payment_method: Type.Optional(Text(5000, { description: 'What to pay with, or a shared test id.' })),
  payment_method_data: Type.Optional(PaymentMethodData),
  payment_method_options: Type.Optional(PaymentMethodOptions),
  payment_method_types: Type.Optional(
    Type.Array(Text(), { description: 'Ways to pay: cards only, anything else is refused.' })
  )
}

/** What is said of a payment when it is made or changed. */
const described = {
  currency: Text(5000, { description: 'Three letters, as ISO 4217 has them.' }),
  customer: Type.Optional(Text(5000, { description: 'Who pays.' })),
  description: Type.Optional(Text(1000, { description: 'Anything that helps to know it by.' })),
  statement_descriptor: descriptor("What the card's holder reads on their statement."),
  statement_descriptor_suffix: descriptor("What the card's holder reads behind the account's own.")
}

/** How a payment is confirmed. */
const confirming = {
  error_on_requires_action: Type.Optional(
    Type.Boolean({ description: "Fail where the card's holder would have to authenticate." })
  ),
  off_session: Type.Optional(
    Type.Union([Type.Boolean(), OneOf(['one_off', 'recurring'])], {
      description: "The card's holder is not there, and can not authenticate."
    })
  ),
  return_url: Type.Optional(
    Text(5000, { description: 'Where to send the browser after an authentication.' })
  ),
  use_stripe_sdk: Type.Optional(
    Type.Boolean({ description: 'Let the SDK in the browser do what comes next, without a redirect.' })
  )
}

export const CreatePaymentIntentBody = Hash(
  {
    ...common,
    ...described,
    ...confirming,
    ...refusedParams([...everywhere, ...aboutAccounts, ...aboutMandates, 'on_behalf_of']),
    amount: amount('What is to be paid.'),
    automatic_payment_methods: Type.Optional(
      Hash(
        {
          allow_redirects: Type.Optional(
            OneOf(['always', 'never'], { description: 'Cards never redirect: it is only shown.' })
          ),
          enabled: Type.Boolean({ description: 'There are cards only: it is only shown.' })
        },
        { description: 'To have ways to pay chosen by the account.' }
      )
    ),
    confirm: Type.Optional(Type.Boolean({ description: 'Confirm it right away.' })),
    confirmation_method: Type.Optional(
      OneOf(['automatic', 'manual'], {
        description: 'Whether it goes on by itself after an authentication, or waits to be confirmed again.'
      })
    ),
    metadata: Type.Optional(
      Clearable(Metadata(), { description: "The caller's own notes: 50 keys at most, of 40 characters." })
    ),
    receipt_email: Type.Optional(
      Text(5000, { description: 'An address for a receipt: it is kept, and none is sent.' })
    ),
    setup_future_usage: Type.Optional(FutureUsage),
    shipping: Type.Optional(ShippingParams)
  },
  { examples: [{ amount: 2000, currency: 'usd', payment_method: 'pm_card_visa', confirm: true }] }
)
export type CreatePaymentIntentParams = Static<typeof CreatePaymentIntentBody>

/** What can be unset once it is there. */
const clearable = {
  receipt_email: Type.Optional(
    ClearableText(5000, { description: 'An address for a receipt: it is kept, and none is sent.' })
  ),
  setup_future_usage: Type.Optional(
    Clearable(FutureUsage, { description: 'As when it is made; an empty string unsets it.' })
  ),
  shipping: Type.Optional(Clearable(ShippingParams, { description: 'Where the goods are sent.' }))
}

export const UpdatePaymentIntentBody = Hash(
  {
    ...common,
    ...described,
    ...clearable,
    ...refusedParams([...everywhere, ...aboutAccounts]),
    amount: Type.Optional(amount('What is to be paid.')),
    currency: Type.Optional(described.currency),
    metadata: Type.Optional(
      MetadataUpdate({
        description: 'Merged into what is there: an empty value deletes its key, an empty string all of them.'
      })
    )
  },
  { examples: [{ metadata: { order_id: '6735' } }] }
)
export type UpdatePaymentIntentParams = Static<typeof UpdatePaymentIntentBody>

const client_secret = Type.Optional(
  Text(5000, { description: 'Required with a publishable key, which may do this with it.' })
)

export const ConfirmPaymentIntentBody = Hash(
  {
    ...common,
    ...clearable,
    ...confirming,
    ...refusedParams([...everywhere, ...aboutMandates, 'amount_to_confirm']),
    client_secret
  },
  { examples: [{ payment_method: 'pm_card_visa' }] }
)
export type ConfirmPaymentIntentParams = Static<typeof ConfirmPaymentIntentBody>

export const CapturePaymentIntentBody = Hash(
  {
    ...refusedParams([
      'amount_details',
      'application_fee_amount',
      'hooks',
      'payment_details',
      'transfer_data'
    ]),
    amount_to_capture: Type.Optional(
      amount('How much of what is reserved to take; all of it unless given. The rest is set free.')
    ),
    expand: ExpandParam,
    final_capture: Type.Optional(
      Type.Boolean({ description: 'Only true: the rest can not be captured later, so false is refused.' })
    ),
    metadata: Type.Optional(
      MetadataUpdate({
        description: 'Merged into what is there: an empty value deletes its key, an empty string all of them.'
      })
    ),
    statement_descriptor: described.statement_descriptor,
    statement_descriptor_suffix: described.statement_descriptor_suffix
  },
  { examples: [{ amount_to_capture: 1500 }] }
)
export type CapturePaymentIntentParams = Static<typeof CapturePaymentIntentBody>

export const CancelPaymentIntentBody = Hash(
  {
    cancellation_reason: Type.Optional(
      OneOf(['duplicate', 'fraudulent', 'requested_by_customer', 'abandoned'], { description: 'Why.' })
    ),
    expand: ExpandParam
  },
  { examples: [{ cancellation_reason: 'requested_by_customer' }] }
)
export type CancelPaymentIntentParams = Static<typeof CancelPaymentIntentBody>

export const RetrievePaymentIntentQuery = Hash({ client_secret, expand: ExpandParam })

export const ListPaymentIntentsQuery = Hash({
  ...pageParams,
  created: Type.Optional(
    CreatedFilter({
      description: 'Made at this Unix second, or within these bounds.',
      examples: [{ gte: 1679946000 }]
    })
  ),
  customer: Type.Optional(Text(5000, { description: 'Of this customer only.' })),
  ...refusedParams(['customer_account'])
})
export type ListPaymentIntentsParams = Static<typeof ListPaymentIntentsQuery>

export type CommonParams = Pick<
  UpdatePaymentIntentParams,
  | 'capture_method'
  | 'payment_method_options'
  | 'payment_method_types'
  | 'receipt_email'
  | 'setup_future_usage'
  | 'shipping'
>
