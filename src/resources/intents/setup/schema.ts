import { type Static, type TSchema, Type } from '@sinclair/typebox'
import {
  Clearable,
  CreatedFilter,
  Hash,
  Metadata,
  MetadataUpdate,
  OneOf,
  UnixTime
} from '../../../../plugins/params/schema'
import { SetupOptions } from '../card-options'
import { PaymentMethodData } from '../schema'
import { ExpandParam, pageParams, refusedParams, Text } from '../../../protocol/schemas'

export const SetupIntentPath = Hash({
  intent: Text(5000, { description: "The setup intent's id.", examples: ['seti_1VkQ2aLkdIwHu7ixlDxxO6Mc'] })
})

/** Documented, and nothing in this vault stands behind them: their values are not even looked at. */
export const unsupportedParams = [
  'allowed_payment_method_types',
  'confirmation_token',
  'customer_account',
  'excluded_payment_method_types',
  'on_behalf_of',
  'payment_method_configuration'
] as const

const attach_to_self = Type.Optional(
  Type.Boolean({ description: 'Only false: there is no account of the caller to attach it to.' })
)

/** What can be said of a set-up whenever it is made, changed or confirmed. */
const common = {
  expand: ExpandParam,
  payment_method: Type.Optional(Text(5000, { description: 'What to set up, or a shared test id.' })),
  payment_method_data: Type.Optional(PaymentMethodData),
  payment_method_options: Type.Optional(SetupOptions)
}

/** What is said of it when it is made or changed. */
const described = {
  attach_to_self,
  customer: Type.Optional(
    Text(5000, { description: 'Whom the payment method is attached to once it is set up.' })
  ),
  description: Type.Optional(Text(1000, { description: 'Anything that helps to know it by.' })),
  flow_directions: Type.Optional(
    Type.Array(OneOf(['inbound', 'outbound']), { description: 'Only `inbound`: to be paid with.' })
  ),
  payment_method_types: Type.Optional(
    Type.Array(Text(), { description: 'What can be set up: cards only, anything else is refused.' })
  )
}

const ip_address = Text(5000, { description: 'The address that they agreed from.' })
const user_agent = Text(5000, { description: 'The browser that they agreed with.' })
const online = { description: 'How they agreed online.' }

const mandateData = (online: TSchema) =>
  Type.Optional(
    Clearable(
      Hash(
        {
          customer_acceptance: Hash(
            {
              accepted_at: Type.Optional(UnixTime({ description: 'When they agreed, in Unix seconds.' })),
              offline: Type.Optional(Hash({}, { description: 'They agreed without a computer.' })),
              online: Type.Optional(online),
              type: OneOf(['offline', 'online'], { description: 'How they agreed.' })
            },
            { description: 'That the holder of the card agreed.' }
          )
        },
        { description: 'Who agreed to be charged later, and how.' }
      ),
      { description: 'The consent to a mandate. Cards need none: it is read, and not kept.' }
    )
  )

/** How it is confirmed. */
const confirming = {
  return_url: Type.Optional(
    Text(5000, { description: 'Where to send the browser after an authentication.' })
  ),
  use_stripe_sdk: Type.Optional(
    Type.Boolean({ description: 'Let the SDK in the browser do what comes next, without a redirect.' })
  )
}

export const CreateSetupIntentBody = Hash(
  {
    ...common,
    ...described,
    ...confirming,
    ...refusedParams(unsupportedParams),
    mandate_data: mandateData(Hash({ ip_address, user_agent }, online)),
    automatic_payment_methods: Type.Optional(
      Hash(
        {
          allow_redirects: Type.Optional(
            OneOf(['always', 'never'], { description: 'Cards never redirect: it is only shown.' })
          ),
          enabled: Type.Boolean({ description: 'There are cards only: it is only shown.' })
        },
        { description: 'To have types chosen by the account.' }
      )
    ),
    confirm: Type.Optional(Type.Boolean({ description: 'Confirm it right away.' })),
    metadata: Type.Optional(
      Metadata({ description: "The caller's own notes: 50 keys at most, of 40 characters." })
    ),
    single_use: Type.Optional(
      Hash(
        {
          amount: Type.Integer({ description: 'In the smallest unit of the currency.' }),
          currency: Text(5000, { description: 'Three letters, as ISO 4217 has them.' })
        },
        { description: 'For one later payment only. Cards need no mandate for it: it is read, and not kept.' }
      )
    ),
    usage: Type.Optional(
      OneOf(['off_session', 'on_session'], {
        description: 'Whether the card is to be charged without its holder as well.'
      })
    )
  },
  { examples: [{ customer: 'cus_NbZ8Ki3f322LNn', payment_method: 'pm_card_visa', confirm: true }] }
)
export type CreateSetupIntentParams = Static<typeof CreateSetupIntentBody>

export const UpdateSetupIntentBody = Hash(
  {
    ...common,
    ...described,
    ...refusedParams(
      unsupportedParams.filter((name) => !['confirmation_token', 'on_behalf_of'].includes(name))
    ),
    metadata: Type.Optional(
      MetadataUpdate({
        description: 'Merged into what is there: an empty value deletes its key, an empty string all of them.'
      })
    )
  },
  { examples: [{ metadata: { user_id: '3435453' } }] }
)
export type UpdateSetupIntentParams = Static<typeof UpdateSetupIntentBody>

const client_secret = Type.Optional(
  Text(5000, { description: 'Required with a publishable key, which may do this with it.' })
)

export const ConfirmSetupIntentBody = Hash(
  {
    ...common,
    ...confirming,
    ...refusedParams(['allowed_payment_method_types', 'confirmation_token']),
    client_secret,
    // In a browser, both are what the request comes with.
    mandate_data: mandateData(
      Hash({ ip_address: Type.Optional(ip_address), user_agent: Type.Optional(user_agent) }, online)
    )
  },
  { examples: [{ payment_method: 'pm_card_visa' }] }
)
export type ConfirmSetupIntentParams = Static<typeof ConfirmSetupIntentBody>

export const CancelSetupIntentBody = Hash(
  {
    cancellation_reason: Type.Optional(
      OneOf(['abandoned', 'duplicate', 'requested_by_customer'], { description: 'Why it is canceled.' })
    ),
    expand: ExpandParam
  },
  { examples: [{ cancellation_reason: 'abandoned' }] }
)
export type CancelSetupIntentParams = Static<typeof CancelSetupIntentBody>

export const RetrieveSetupIntentQuery = Hash({ client_secret, expand: ExpandParam })

export const ListSetupIntentsQuery = Hash({
  ...pageParams,
  ...refusedParams(['customer_account']),
  attach_to_self: Type.Optional(Type.Boolean({ description: 'True: the list is empty.' })),
  created: Type.Optional(CreatedFilter({ description: 'When they were made, in Unix seconds.' })),
  customer: Type.Optional(Text(5000, { description: 'Only those of this customer.' })),
  payment_method: Type.Optional(Text(5000, { description: 'Only those of this payment method.' }))
})
export type ListSetupIntentsParams = Static<typeof ListSetupIntentsQuery>

/** What any of them may be sent. */
export type CommonSetupIntentParams = Partial<
  Pick<
    CreateSetupIntentParams,
    'attach_to_self' | 'flow_directions' | 'payment_method_options' | 'payment_method_types'
  >
>
